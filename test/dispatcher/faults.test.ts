import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createDispatcher,
  type DeliveryStore,
  memoryStore,
  retrySchedule,
  sqliteStore,
  type Transport,
} from 'ringback/dispatcher'
import { afterAll, describe, expect, test } from 'vitest'
import { answered, callbackRequest, fakeTransport, type ManualClock, manualClock, turns, when } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringback-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const freshFile = (): string => join(folder, `${files++}.sqlite`)

const url = 'https://a.example/cb'
const ids = ['a', 'b', 'c']
const faulty = ['insert', 'claim', 'claimExpired', 'settle', 'release', 'nextWakeAt', 'purge'] as const

/** Fails the n-th of the calls that a dispatcher makes: before it takes effect, or after it, so that only the answer is lost. */
function faultyStore(
  store: DeliveryStore,
  failCall: number,
  when: 'before' | 'after',
): DeliveryStore & { readonly failed: () => boolean } {
  let calls = 0
  let failed = false
  const wrapped = Object.fromEntries(
    faulty.map((name) => [
      name,
      async (...parameters: never[]) => {
        const fails = ++calls === failCall
        if (fails) failed = true
        if (fails && when === 'before') throw new Error(`${name} failed`)
        const result = await (store[name] as (...all: never[]) => Promise<unknown>)(...parameters)
        if (fails) throw new Error(`the answer of ${name} was lost`)
        return result
      },
    ]),
  )
  return { ...store, ...wrapped, failed: () => failed }
}

/** Ids that have got through: the third request for each is answered with 200, those before with 500. */
function stubbornReceiver(): { readonly transport: Transport; readonly arrived: string[]; readonly sent: string[] } {
  const arrived: string[] = []
  const sent: string[] = []
  const transport = fakeTransport(({ headers }) => {
    const id = String(headers['webhook-id'])
    sent.push(id)
    if (sent.filter((other) => other === id).length < 2) return answered(500)
    arrived.push(id)
    return answered(200)
  })
  return { transport, arrived, sent }
}

/** Enqueues, as often as it takes: who gets no answer asks again, under the same id. */
async function enqueueAll(enqueue: (id: string) => Promise<unknown>): Promise<void> {
  for (const id of ids) {
    await enqueue(id).catch(() => enqueue(id))
  }
}

async function runToTheEnd(
  store: DeliveryStore,
  clock: ManualClock,
  transport: Transport,
  retry = retrySchedule([0, 10, 10, 10, 10]),
): Promise<void> {
  const dispatcher = createDispatcher({ store, clock, transport, retry })
  await enqueueAll((id) => dispatcher.enqueue(callbackRequest(id, url)))
  for (let round = 0; round < 20; round++) {
    const run = dispatcher.runDue().catch(() => 0)
    // What has failed is tried again after a while.
    for (let i = 0; i < 10; i++) {
      await turns(5)
      clock.advance(100)
    }
    await run
    clock.advance(60_000)
  }
}

describe.each([
  ['memory', () => memoryStore()],
  ['sqlite', () => sqliteStore({ path: freshFile(), synchronous: 'normal' })],
] as const)('%s', (_name, open) => {
  test.each(['before', 'after'] as const)(
    'whichever call of the store fails (%s its effect), every accepted delivery arrives',
    async (when) => {
      let n = 1
      for (; ; n++) {
        const clock = manualClock()
        const store = faultyStore(open(), n, when)
        const { transport, arrived, sent } = stubbornReceiver()
        await runToTheEnd(store, clock, transport)
        await store.close()
        // n is behind the last call: every call has failed once.
        if (!store.failed()) break
        expect({ n, arrived: [...new Set(arrived)].sort() }).toEqual({ n, arrived: ids })
        expect(sent.every((id) => ids.includes(id))).toBe(true)
        for (const id of ids)
          expect((await store.get(id).catch(() => undefined))?.delivery.state ?? 'delivered').toBe('delivered')
      }
      expect(n).toBeGreaterThan(10)
    },
    60_000,
  )

  test('a store that is away for a while: the dispatcher goes on by itself, and tells', async () => {
    const clock = manualClock()
    const store = open()
    let away = true
    const moody: DeliveryStore = { ...store, claim: (claim) => (away ? Promise.reject(new Error('away')) : store.claim(claim)) }
    const dispatcher = createDispatcher({ store: moody, clock, transport: fakeTransport() })
    const errors: string[] = []
    dispatcher.on('store:error', ({ operation }) => errors.push(operation))
    await dispatcher.enqueue(callbackRequest('a', url))
    dispatcher.start()
    await expect(dispatcher.runDue()).rejects.toThrow('away')
    for (let i = 0; i < 5; i++) {
      await turns()
      clock.advance(1000)
    }
    expect(new Set(errors)).toEqual(new Set(['claim']))
    expect(errors.length).toBeLessThan(10)
    away = false
    const delivered = when(dispatcher, 'delivered')
    for (let i = 0; i < 20; i++) {
      await turns(2)
      clock.advance(100)
    }
    expect((await delivered).delivery.id).toBe('a')
    const stopping = dispatcher.stop()
    await turns()
    await stopping
    await store.close()
  })

  test('what could not be stored is not accepted', async () => {
    const store = open()
    const full: DeliveryStore = { ...store, insert: () => Promise.reject(new Error('disk full')) }
    const transport = fakeTransport()
    const dispatcher = createDispatcher({ store: full, transport })
    await expect(dispatcher.enqueue(callbackRequest('a', url))).rejects.toThrow('disk full')
    expect(await dispatcher.runDue()).toBe(0)
    await store.close()
  })
})

describe('a process that dies', () => {
  test('in the middle of an attempt: another one delivers, under the same id, when the lease has ended', async () => {
    const path = freshFile()
    const clock = manualClock()
    const started: string[] = []
    const dying = createDispatcher({
      store: sqliteStore({ path }),
      clock,
      transport: fakeTransport(({ headers }) => {
        started.push(String(headers['webhook-id']))
        return new Promise(() => {})
      }),
    })
    await dying.enqueue(callbackRequest('a', url))
    void dying.runDue()
    await turns()
    expect(started).toEqual(['a'])

    // It is never heard of again. Another process opens the file.
    const store = sqliteStore({ path })
    const transport = fakeTransport()
    const dispatcher = createDispatcher({ store, clock, transport })
    expect(await dispatcher.runDue()).toBe(0)
    clock.advance(44_999)
    expect(await dispatcher.runDue()).toBe(0)
    clock.advance(1)
    const run = dispatcher.runDue()
    await turns()
    clock.advance(10)
    await turns()
    clock.advance(10)
    expect(await run).toBe(1)
    expect(transport.sent.map(({ headers }) => headers['webhook-id'])).toEqual(['a'])
    const record = await store.get('a')
    expect(record?.delivery).toMatchObject({ state: 'delivered', attempts: 2 })
    expect(record?.attempts).toMatchObject([
      { n: 1, sent: 'maybe', outcome: { kind: 'unknown' } },
      { n: 2, outcome: { kind: 'response', status: 200 } },
    ])
    await store.close()
  })

  test('again and again: no more attempts than the schedule has, then it is a dead letter', async () => {
    const clock = manualClock()
    const store = memoryStore()
    const retry = retrySchedule([0, 1, 1])
    let sent = 0
    for (let life = 0; life < 6; life++) {
      const dispatcher = createDispatcher({
        store,
        clock,
        retry,
        transport: fakeTransport(() => {
          sent++
          return new Promise(() => {})
        }),
      })
      await dispatcher.enqueue(callbackRequest('a', url))
      void dispatcher.runDue()
      await turns()
      clock.advance(45_000)
    }
    expect(sent).toBe(3)
    expect(await store.get('a')).toMatchObject({ delivery: { state: 'dead', reason: 'exhausted', attempts: 3 } })
  })

  test('a late worker cannot overwrite what another has done', async () => {
    const clock = manualClock()
    const store = memoryStore()
    let answerLate: () => void = () => {}
    const slow = createDispatcher({
      store,
      clock,
      transport: fakeTransport(
        () =>
          new Promise((resolve) => {
            answerLate = () => resolve(answered(410))
          }),
      ),
    })
    await slow.enqueue(callbackRequest('a', url))
    const slowRun = slow.runDue()
    await turns()
    clock.advance(45_000)
    const quick = createDispatcher({ store, clock, transport: fakeTransport() })
    expect(await quick.runDue()).toBe(1)
    const end = when(slow, 'attempt:end')
    let diedTwice = false
    slow.on('dead', () => {
      diedTwice = true
    })
    answerLate()
    expect(await end).toMatchObject({ recorded: false })
    await slowRun
    expect(diedTwice).toBe(false)
    expect(await store.get('a')).toMatchObject({ delivery: { state: 'delivered', attempts: 2 } })
  })
})

test('two dispatchers on one file deliver each delivery once', async () => {
  const path = freshFile()
  const sent: string[] = []
  const transport = fakeTransport(({ headers }) => {
    sent.push(String(headers['webhook-id']))
    return answered(200)
  })
  const stores = [sqliteStore({ path, synchronous: 'normal' }), sqliteStore({ path, synchronous: 'normal' })]
  const dispatchers = stores.map((store) => createDispatcher({ store, transport }))
  const all = Array.from({ length: 300 }, (_, i) => `d${i}`)
  await Promise.all(all.map((id, i) => dispatchers[i % 2]?.enqueue(callbackRequest(id, `https://h${i % 7}.example/`))))
  await Promise.all(dispatchers.map((dispatcher) => dispatcher.runDue()))
  expect(sent.sort()).toEqual([...all].sort())
  expect((await stores[0]?.stats())?.counts).toMatchObject({ delivered: 300, pending: 0, leased: 0 })
  for (const store of stores) await store.close()
})

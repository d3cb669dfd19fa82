import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createDispatcher,
  type DeliveryStore,
  type Dispatcher,
  type Keyring,
  memoryStore,
  postgresStore,
  retrySchedule,
  sqliteStore,
} from 'ringback/dispatcher'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { newDelivery } from '../../src/testing/store-contract/bench.ts'
import { manualClock } from '../support/manual-clock.ts'
import { testSchemas } from '../support/postgres-schema.ts'
import { answered, callbackRequest, fakeTransport, turns } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringback-'))
let files = 0
const schemas = testSchemas()
const cleanUp: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close()
})
afterAll(() => schemas.drop())
afterAll(() => rmSync(folder, { recursive: true }))

const key = (kid: string): Keyring['keys'][0] => ({ kid, key: randomBytes(32) })
const [k1, k2, k3] = [key('k1'), key('k2'), key('k3')]
const t0 = newDelivery('a').dueAt
const claimOf = (token: string) => ({ now: t0, limit: 9, perOrigin: 9, taken: new Map(), token, leaseUntil: t0 + 1000 })

interface Place {
  /** One more store on the same database. */
  open(...keys: readonly Keyring['keys'][0][]): DeliveryStore
  withPlaintext(...keys: Keyring['keys']): DeliveryStore
  /** Everything that the database has on the disk or in its tables. */
  bytes(): Promise<Buffer>
}

async function sqlitePlace(): Promise<Place> {
  const name = `${files++}.sqlite`
  const path = join(folder, name)
  const opened = (options: { readonly keyring?: Keyring; readonly plaintext?: true }): DeliveryStore => {
    const store = sqliteStore({ path, synchronous: 'normal', ...options })
    cleanUp.push(() => store.close())
    return store
  }
  return {
    open: (first, ...more) => opened(first === undefined ? {} : { keyring: { keys: [first, ...more] } }),
    withPlaintext: (...keys) => opened({ keyring: { keys }, plaintext: true }),
    // With what stands in the log and in the index of the log.
    bytes: async () =>
      Buffer.concat(
        readdirSync(folder)
          .filter((file) => file.startsWith(name))
          .map((file) => readFileSync(join(folder, file))),
      ),
  }
}

async function postgresPlace(): Promise<Place> {
  const { pool, close } = await schemas.open()
  cleanUp.push(close)
  return {
    open: (first, ...more) => postgresStore({ pool, ...(first === undefined ? {} : { keyring: { keys: [first, ...more] } }) }),
    withPlaintext: (...keys) => postgresStore({ pool, keyring: { keys }, plaintext: true }),
    async bytes() {
      const texts = ['ringback_delivery', 'ringback_attempt', 'ringback_destination'].map(async (table) => {
        const { rows } = await pool.query<Record<string, unknown>>(`SELECT * FROM ${table}`)
        return rows.flatMap((row) =>
          Object.values(row).map((value) => (Buffer.isBuffer(value) ? value : Buffer.from(String(value)))),
        )
      })
      return Buffer.concat((await Promise.all(texts)).flat())
    },
  }
}

function dispatcherOn(store: DeliveryStore, clock = manualClock(t0), transport = fakeTransport()) {
  const dispatcher = createDispatcher({ store, clock, transport, breaker: false, retry: retrySchedule([0, '1h']) })
  cleanUp.push(() => dispatcher.stop({ drainMs: 0 }))
  return { dispatcher, transport, clock }
}

async function runDue(dispatcher: Dispatcher, clock: ReturnType<typeof manualClock>): Promise<number> {
  let made: number | undefined
  void dispatcher.runDue().then((n) => {
    made = n
  })
  while (made === undefined) {
    await turns(3)
    await clock.advance(1)
  }
  return made
}

const needles = ['needle-in-query', 'needle-in-header', 'needle-in-body', 'needle-in-metadata', 'needle-in-reply', 'whsec_']
const secretRequest = (id: string) =>
  callbackRequest(id, 'https://a.example/cb?token=needle-in-query', {
    headers: { 'content-type': 'text/plain', 'x-own': 'needle-in-header' },
    body: new TextEncoder().encode('needle-in-body'),
    metadata: { callback: 'onDone', note: 'needle-in-metadata' },
  })

describe.each([
  ['sqlite', sqlitePlace],
  ['postgres', postgresPlace],
] as const)('%s', (_name, makePlace) => {
  test('nothing of a request, an attempt or a secret can be read in the database, but with the key', async () => {
    const place = await makePlace()
    const reply = { ...answered(500), outcome: { ...answered(500).outcome, body: new TextEncoder().encode('needle-in-reply') } }
    const work = async (store: DeliveryStore): Promise<void> => {
      const { dispatcher, clock } = dispatcherOn(
        store,
        manualClock(t0),
        fakeTransport(() => reply as typeof reply & ReturnType<typeof answered>),
      )
      await dispatcher.destinations.create({ url: 'https://a.example/cb' })
      await dispatcher.enqueue(secretRequest('a'))
      expect(await runDue(dispatcher, clock)).toBe(1)
      expect(await dispatcher.get('a')).toMatchObject({
        delivery: { request: { url: secretRequest('a').url, body: secretRequest('a').body } },
        attempts: [{ outcome: { status: 500 } }],
      })
    }
    await work(place.open(k1))
    const sealed = await place.bytes()
    expect(needles.filter((needle) => sealed.includes(needle))).toEqual([])
    // What is searched for is not sealed.
    for (const label of ['https://a.example', 'onDone', 'https://a.example/cb']) expect(sealed.includes(label)).toBe(true)
    const open = await makePlace()
    await work(open.open())
    const plain = await open.bytes()
    expect(needles.filter((needle) => !plain.includes(needle))).toEqual([])
  })

  test('without the key: lists, stands still, uses up no attempt, tells why, and goes out when the key is there', async () => {
    const place = await makePlace()
    await place.open(k1).insert([newDelivery('old'), newDelivery('old2', { orderingKey: 'k' })])
    const store = place.open(k2)
    const { dispatcher, transport, clock } = dispatcherOn(store)
    const told: unknown[] = []
    dispatcher.on('unreadable', (payload) => told.push(payload))
    await dispatcher.enqueue(callbackRequest('new', 'https://a.example/cb'))
    expect(await runDue(dispatcher, clock)).toBe(1)
    expect(transport.sent.map(({ headers }) => headers['webhook-id'])).toEqual(['new'])
    expect(told).toEqual(['old', 'old2'].map((id) => ({ id, code: 'ERR_KEY_MISSING', message: expect.stringContaining('"k1"') })))

    const [old] = await dispatcher.list({ ids: ['old'] })
    expect(old).toMatchObject({
      id: 'old',
      state: 'pending',
      attempts: 0,
      dueAt: expect.any(Number),
      metadata: { callback: 'onEvent' },
    })
    expect(old?.unreadable).toMatchObject({ code: 'ERR_KEY_MISSING' })
    expect(old?.request).toEqual({ id: 'old', method: '', url: '', headers: {} })
    expect(await dispatcher.get('old')).toMatchObject({ delivery: { unreadable: { code: 'ERR_KEY_MISSING' } }, attempts: [] })
    expect(await dispatcher.get('new')).not.toHaveProperty('delivery.unreadable')
    // Not at once again, but not never.
    expect(await runDue(dispatcher, clock)).toBe(0)
    expect(told).toHaveLength(2)

    const whole = dispatcherOn(place.open(k2, k1), manualClock(clock.now() + 5 * 60_000))
    expect(await runDue(whole.dispatcher, whole.clock)).toBe(2)
    expect(await whole.dispatcher.stats()).toMatchObject({ counts: { delivered: 3 } })
    expect(await whole.dispatcher.get('old')).toMatchObject({ delivery: { attempts: 1 } })
  })

  test('a lease that ended is left to somebody who can read the delivery', async () => {
    const place = await makePlace()
    const first = place.open(k1)
    await first.insert([newDelivery('a')])
    await first.claim(claimOf('gone'))
    const blind = dispatcherOn(place.open(k2), manualClock(t0 + 2000))
    const told: unknown[] = []
    blind.dispatcher.on('unreadable', (payload) => told.push(payload))
    expect(await runDue(blind.dispatcher, blind.clock)).toBe(0)
    expect(told).toMatchObject([{ id: 'a' }])
    expect(await first.get('a')).toMatchObject({ delivery: { state: 'leased', attempts: 0 }, attempts: [] })
    const seeing = dispatcherOn(place.open(k1), manualClock(blind.clock.now() + 60_000))
    await runDue(seeing.dispatcher, seeing.clock)
    expect((await first.get('a'))?.attempts[0]).toMatchObject({ n: 1, outcome: { kind: 'unknown' } })
  })

  test('attempts that cannot be opened are counted, the others are shown', async () => {
    const place = await makePlace()
    const one = dispatcherOn(
      place.open(k1),
      manualClock(t0),
      fakeTransport(() => answered(500)),
    )
    await one.dispatcher.enqueue(callbackRequest('a', 'https://a.example/cb'))
    await runDue(one.dispatcher, one.clock)
    const two = dispatcherOn(place.open(k2, k1), manualClock(t0 + 7_200_000))
    await runDue(two.dispatcher, two.clock)
    expect((await place.open(k2, k1).get('a'))?.attempts.map(({ n }) => n)).toEqual([1, 2])
    const blind = await place.open(k2).get('a')
    expect(blind).toMatchObject({ unreadableAttempts: 1, attempts: [{ n: 2 }], delivery: { state: 'delivered', attempts: 2 } })
  })

  test('a destination whose secrets cannot be opened: nothing goes out unsigned', async () => {
    const place = await makePlace()
    const one = dispatcherOn(place.open(k1))
    await one.dispatcher.destinations.create({ url: 'https://a.example/cb' })
    const two = dispatcherOn(place.open(k2))
    const errors: unknown[] = []
    two.dispatcher.on('store:error', ({ error }) => errors.push(error))
    await two.dispatcher.enqueue(callbackRequest('a', 'https://a.example/cb'))
    await two.dispatcher.enqueue(callbackRequest('b', 'https://b.example/cb'))
    await runDue(two.dispatcher, two.clock)
    expect(two.transport.sent.map(({ url }) => url)).toEqual(['https://b.example/cb'])
    expect(errors).toMatchObject([{ code: 'ERR_KEY_MISSING' }])
    expect(await two.dispatcher.get('a')).toMatchObject({ delivery: { state: 'pending', attempts: 0 } })
    expect(await two.dispatcher.destinations.list()).toMatchObject([
      { id: 'https://a.example/cb', unreadable: { code: 'ERR_KEY_MISSING' } },
    ])
    await expect(two.dispatcher.destinations.create({ url: 'https://a.example/cb' })).rejects.toThrow(TypeError)
    await expect(two.dispatcher.destinations.rotateSecret('https://a.example/cb')).rejects.toThrow(/overlap of 0.*"k1"/)

    // What does not need the secrets can be done, and loses none of them.
    await two.dispatcher.destinations.disable('https://a.example/cb')
    await two.dispatcher.destinations.enable('https://a.example/cb')
    await two.dispatcher.destinations.release('https://a.example/cb')
    const whole = dispatcherOn(place.open(k2, k1), manualClock(two.clock.now() + 60_000))
    await runDue(whole.dispatcher, whole.clock)
    expect(whole.transport.sent[0]?.headers).toHaveProperty('webhook-signature')
    const given = await two.dispatcher.destinations.rotateSecret('https://a.example/cb', { overlapMs: 0 })
    expect(given?.secret).toMatch(/^whsec_/)
    expect((await two.dispatcher.destinations.get('https://a.example/cb'))?.secretExpiries).toEqual([undefined])
  })

  test('keys rotate in batches, go on after an abort, and leave alone what has no key', async () => {
    const place = await makePlace()
    const old = place.open(k1)
    await old.insert(Array.from({ length: 100 }, (_, i) => newDelivery(`d${i}`, { dueAt: t0 - 1 })))
    await old.destinations?.insert({
      id: 'https://a.example/cb',
      version: 1,
      createdAt: t0,
      changedAt: t0,
      secrets: [{ key: 'whsec_x' }],
    })
    await old.destinations?.insert({ id: 'https://b.example/cb', version: 1, createdAt: t0, changedAt: t0, secrets: [] })
    const [leased] = await old.claim({ ...claimOf('t'), limit: 1 })
    if (leased === undefined) throw new Error('Expected a lease.')
    const attempt = {
      n: 1,
      startedAt: t0,
      phase: 'dns',
      sent: 'no',
      outcome: { kind: 'unknown' },
      reusedConnection: false,
      timings: { total: 1 },
    } as const
    await old.settle([{ lease: leased.lease, attempt, consequence: { kind: 'delivered', at: t0 } }])
    await place.open(k3).insert([newDelivery('lost')])

    const store = place.open(k2, k1)
    let pages = 0
    const signal = { throwIfAborted: () => pages++ === 3 && fail('enough') } as unknown as AbortSignal
    await expect(store.rotateKeys?.({ batch: 10, signal })).rejects.toThrow('enough')
    const fresh = async (): Promise<number> =>
      (await place.open(k2).list({ limit: 1000 })).filter(({ unreadable }) => !unreadable).length
    expect(await fresh()).toBe(30)
    expect(await store.rotateKeys?.({ batch: 10 })).toEqual({ rewritten: 70 + 1 + 2, left: 1, missingKids: ['k3'], broken: 0 })
    expect(await store.rotateKeys?.()).toEqual({ rewritten: 0, left: 1, missingKids: ['k3'], broken: 0 })
    expect(await fresh()).toBe(100)
    const last = place.open(k2)
    expect((await last.get(leased.delivery.id))?.attempts).toMatchObject([{ n: 1 }])
    expect(await last.destinations?.get('https://a.example/cb')).toMatchObject({ secrets: [{ key: 'whsec_x' }] })
    expect(await place.open(k2, k3).rotateKeys?.()).toMatchObject({ rewritten: 1, left: 0 })
  })

  test('keys rotate while deliveries go out, from a ring with the old key and one with the new', async () => {
    const place = await makePlace()
    const clock = manualClock(t0)
    const ids = Array.from({ length: 300 }, (_, i) => `d${i}`)
    const old = place.open(k1, k2)
    await old.insert(
      ids.map((id, i) =>
        newDelivery(id, { origin: `https://o${i % 40}.example`, ...(i % 3 === 0 ? { orderingKey: `k${i % 9}` } : {}) }),
      ),
    )
    const store = place.open(k2, k1)
    const both = [old, store].map((one) => dispatcherOn(one, clock))
    const errors: unknown[] = []
    for (const { dispatcher } of both) dispatcher.on('store:error', ({ error }) => errors.push(error))
    for (const { dispatcher } of both) dispatcher.start()
    const rotating = store.rotateKeys?.({ batch: 7 })
    await expect
      .poll(
        async () => {
          await clock.advance(100)
          return (await store.stats()).counts.delivered
        },
        { timeout: 20_000 },
      )
      .toBe(300)
    await rotating
    for (const { dispatcher } of both) await dispatcher.stop()
    expect(errors).toEqual([])
    const sent = both.flatMap(({ transport }) => transport.sent)
    expect(sent).toHaveLength(300)
    expect(await store.rotateKeys?.()).toMatchObject({ left: 0, missingKids: [], broken: 0 })
    const read = await place.open(k2).list({ limit: 1000 })
    expect(read.filter(({ unreadable }) => unreadable !== undefined)).toEqual([])
    for (const id of ids) expect((await place.open(k2).get(id))?.attempts).toHaveLength(1)
  }, 60_000)

  test('what was stored without a ring is sealed under one', async () => {
    const place = await makePlace()
    const open = place.open()
    await open.insert([newDelivery('a', { request: secretRequest('a') })])
    await expect(open.rotateKeys?.()).rejects.toThrow(TypeError)
    expect((await place.open(k1).get('a'))?.delivery.unreadable).toMatchObject({ code: 'ERR_SEAL_BROKEN' })
    const both = place.withPlaintext(k1)
    expect((await both.get('a'))?.delivery.request.url).toBe(secretRequest('a').url)
    expect(await both.rotateKeys?.()).toEqual({ rewritten: 1, left: 0, missingKids: [], broken: 0 })
    expect((await place.open(k1).get('a'))?.delivery.request).toEqual(secretRequest('a'))
    expect((await open.get('a'))?.delivery.unreadable).toMatchObject({ code: 'ERR_KEY_MISSING' })
  })

  test('a record that was moved to another row is broken there, and takes nobody with it', async () => {
    const place = await makePlace()
    const store = place.open(k1)
    await store.insert([newDelivery('a'), newDelivery('b')])
    expect(() => place.open({ kid: 'k1', key: new Uint8Array(31) })).toThrow(TypeError)
    const wrong = place.open({ ...k1, key: randomBytes(32) })
    expect((await wrong.list({ limit: 9 })).map(({ unreadable }) => unreadable?.code)).toEqual([
      'ERR_SEAL_BROKEN',
      'ERR_SEAL_BROKEN',
    ])
    expect(await wrong.rotateKeys?.()).toMatchObject({ rewritten: 0, left: 0 })
    expect(await place.open({ kid: 'k2', key: randomBytes(32) }, { ...k1, key: randomBytes(32) }).rotateKeys?.()).toMatchObject({
      rewritten: 0,
      left: 2,
      broken: 2,
    })
    expect((await store.list({ limit: 9 })).map(({ unreadable }) => unreadable)).toEqual([undefined, undefined])
  })
})

test('a store in memory has no keys to rotate', () => {
  expect(memoryStore().rotateKeys).toBeUndefined()
})

function fail(message: string): never {
  throw new Error(message)
}

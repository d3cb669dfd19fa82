import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import {
  type ClaimDeskOptions,
  type ClaimRequest,
  createClaimDesk,
  createDispatcher,
  type DeliveryStore,
  type Dispatcher,
  type DispatcherOptions,
  memoryStore,
  postgresStore,
  publicInternet,
  retrySchedule,
  sqliteStore,
} from 'ringback/dispatcher'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { testSchemas } from '../support/postgres-schema.ts'
import { answered, callbackRequest, fakeTransport, type ManualClock, manualClock, testReceiver, turns } from './support.ts'

const url = 'https://a.example/hook'
const payload = '{"data":{"url":"https://files.example/backup-7"}}'
const folder = mkdtempSync(join(tmpdir(), 'ringback-'))
let files = 0
const freshFile = (): string => join(folder, `${files++}.sqlite`)
const schemas = testSchemas()
const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const clean of cleanUp.splice(0).reverse()) await clean()
})
afterAll(() => schemas.drop())
afterAll(() => rmSync(folder, { recursive: true }))

function dispatcherWith(options: DispatcherOptions): Dispatcher {
  const dispatcher = createDispatcher({ clock: manualClock(), ...options })
  cleanUp.push(() => dispatcher.stop({ drainMs: 0 }))
  return dispatcher
}

const requestTo = (target: string, id = 'a') =>
  callbackRequest(id, target, {
    headers: { 'Content-Type': 'application/json', 'content-language': 'en', 'x-secret': '1' },
    body: new TextEncoder().encode(payload),
  })
const idIn = (target: string): string => new URL(target).searchParams.get('id') ?? ''
const deskOn = (store: DeliveryStore, options: Partial<ClaimDeskOptions> = {}) =>
  createClaimDesk({ store, authorize: () => true, clock: manualClock(), ...options })
const ask = (id: string, init?: RequestInit): Request => new Request(`https://api.example/webhook?id=${id}`, init)

async function postgres(): Promise<DeliveryStore> {
  const { pool, close } = await schemas.open()
  return { ...postgresStore({ pool }), close }
}

async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUp.push(
    () => server.close(),
    () => server.closeAllConnections(),
  )
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Lets time pass until something has happened: a store on a disk groups its commits. */
async function settledBy<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  const over = work.then(() => true)
  while (!(await Promise.race([over, turns(3).then(() => false)]))) clock.advance(1)
  return work
}

/** Delivers one, and answers the ids that were called with. */
async function called(
  store: DeliveryStore,
  target = url,
  { clock = manualClock(), ...options }: DispatcherOptions & { readonly clock?: ManualClock } = {},
  body?: Uint8Array,
): Promise<string[]> {
  const transport = fakeTransport()
  const dispatcher = createDispatcher({ store, transport, clock, ...options })
  await dispatcher.enqueue({ ...requestTo(target), ...(body && { body }) }, { deliver: 'claim-check' })
  await settledBy(clock, dispatcher.runDue())
  await settledBy(clock, dispatcher.stop({ drainMs: 0 }))
  return transport.sent.map((request) => request.url)
}

describe('the call', () => {
  const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'
  test.each([
    ['https://a.example/hook', `^https://a\\.example/hook\\?id=${uuid}$`],
    ['https://a.example/hook?x=1', `^https://a\\.example/hook\\?x=1&id=${uuid}$`],
    ['https://a.example/hook?', `^https://a\\.example/hook\\?id=${uuid}$`],
    ['https://a.example/hook?x=1&', `^https://a\\.example/hook\\?x=1&id=${uuid}$`],
    ['https://a.example#f?g', `^https://a\\.example\\?id=${uuid}#f\\?g$`],
    ['https://a.example/hook?id=theirs#f', `^https://a\\.example/hook\\?id=theirs&id=${uuid}#f$`],
  ])('%s', async (target, expected) => {
    expect(await called(memoryStore(), target)).toEqual([expect.stringMatching(new RegExp(expected))])
  })

  test('is a GET without content; the metadata of the request can ask for it as well, and the parameter has another name', async () => {
    const transport = fakeTransport()
    const dispatcher = dispatcherWith({ transport, claimCheck: { param: 'p&q' } })
    await dispatcher.enqueue({ ...requestTo(url), metadata: { deliver: 'claim-check' } })
    await dispatcher.runDue()
    expect(transport.sent).toEqual([
      {
        method: 'GET',
        url: expect.stringContaining('?p%26q='),
        headers: { 'user-agent': 'ringback', 'webhook-id': 'a' },
      },
    ])
    expect((await dispatcher.get('a'))?.delivery).toMatchObject({ state: 'delivered', request: { url, method: 'POST' } })
  })

  test.each(['http://a.example/hook', 'ftp://a.example/'])('%s: refused, and nothing is put anywhere', async (target) => {
    const store = memoryStore()
    let puts = 0
    const { claimChecks } = store
    if (claimChecks === undefined) throw new Error('no claim checks')
    const counting = { ...store, claimChecks: { ...claimChecks, put: async () => void puts++ } }
    const dispatcher = dispatcherWith({ store: counting, transport: fakeTransport() })
    await dispatcher.enqueue(requestTo(target), { deliver: 'claim-check' })
    await dispatcher.runDue()
    expect((await dispatcher.get('a'))?.delivery).toMatchObject({ state: 'dead', reason: 'refused' })
    expect(puts).toBe(0)
  })

  test('loopback without TLS is for the policy to allow', async () => {
    const receiver = await testReceiver()
    for (const [policy, state] of [
      [publicInternet(), 'dead'],
      [publicInternet({ devLoopback: true }), 'delivered'],
    ] as const) {
      const dispatcher = dispatcherWith({ policy })
      await dispatcher.enqueue(requestTo(`${receiver.url}/hook`), { deliver: 'claim-check' })
      await dispatcher.runDue()
      expect((await dispatcher.get('a'))?.delivery.state).toBe(state)
    }
    expect(receiver.seen).toHaveLength(1)
    await receiver.close()
  })

  test('follows no redirect, and what the receiver says back of the id is not kept', async () => {
    const store = memoryStore()
    const transport = fakeTransport(({ url: target }) => ({
      ...answered(308),
      outcome: {
        kind: 'response',
        status: 308,
        headers: { location: `https://b.example/?id=${idIn(target)}` },
        body: new TextEncoder().encode(`moved: ${target}`),
        completeness: 'complete',
      },
    }))
    const dispatcher = dispatcherWith({ store, transport, profile: '3gpp' })
    await dispatcher.enqueue(requestTo(url), { deliver: 'claim-check' })
    await dispatcher.runDue()
    expect(transport.sent).toHaveLength(1)
    const stored = await store.get('a')
    expect(stored?.delivery).toMatchObject({ state: 'pending', request: { url } })
    const { outcome } = stored?.attempts[0] ?? {}
    if (outcome?.kind !== 'response') throw new Error('no response')
    expect(`${JSON.stringify(outcome.headers)}${Buffer.from(outcome.body)}`).not.toContain(idIn(transport.sent[0]?.url ?? ''))
  })

  test('a store without claim checks, and another way to deliver, are mistakes', async () => {
    const { claimChecks: _, ...others } = memoryStore()
    const store: DeliveryStore = others
    await expect(dispatcherWith({ store }).enqueue(requestTo(url), { deliver: 'claim-check' })).rejects.toThrow(TypeError)
    const odd = { ...requestTo(url), metadata: { deliver: 'by hand' } }
    await expect(dispatcherWith({}).enqueue(odd)).rejects.toThrow(/claim-check/)
    expect(() => createClaimDesk({ store, authorize: () => true })).toThrow(TypeError)
    expect(() => createDispatcher({ claimCheck: { expiresMs: 0 } })).toThrow(TypeError)
    expect(() => createDispatcher({ claimCheck: { param: '' } })).toThrow(TypeError)
  })
})

const STORES: [name: string, open: () => DeliveryStore | Promise<DeliveryStore>][] = [
  ['memory', () => memoryStore()],
  ['sqlite', () => sqliteStore({ path: freshFile(), synchronous: 'normal' })],
  ['postgres', postgres],
]

describe.each(STORES)('fetching (%s)', (_name, open) => {
  test('once, by whoever may, until it expires', async () => {
    const store = await open()
    const clock = manualClock()
    const [target = ''] = await called(store, url, { clock, retry: retrySchedule([0]) })
    const asked: unknown[] = []
    let allowed = false
    const desk = deskOn(store, {
      clock,
      authorize: async ({ headers }, deliveryId) => {
        asked.push([headers.token, deliveryId])
        return allowed
      },
    })
    const good = ask(idIn(target), { headers: { token: 't' } })
    expect((await desk.fetch(good.clone())).status).toBe(404)
    allowed = true
    clock.advance(86_000_000)
    const first = await desk.fetch(good.clone())
    expect([first.status, first.headers.get('content-type'), await first.text()]).toEqual([200, 'application/json', payload])
    expect(first.headers.get('cache-control')).toBe('no-store')
    expect((await desk.fetch(good.clone())).status).toBe(404)
    expect(asked).toEqual([
      ['t', 'a'],
      ['t', 'a'],
      ['t', undefined],
    ])
    await store.close()
  })

  test('often, where it may be, and no longer than it may', async () => {
    const store = await open()
    const clock = manualClock()
    const [target = ''] = await called(store, url, { clock, claimCheck: { once: false, expiresMs: 3_600_000 } })
    const desk = deskOn(store, { clock })
    const statusOf = async (): Promise<number> => (await desk.fetch(ask(idIn(target)))).status
    expect([await statusOf(), await statusOf()]).toEqual([200, 200])
    clock.advance(3_500_000)
    expect(await statusOf()).toBe(200)
    clock.advance(100_000)
    expect(await statusOf()).toBe(404)
    await store.close()
  })

  test('the process dies between call and record: the next one calls with another id, and one of the two fetches', async () => {
    const store = await open()
    const clock = manualClock()
    const ids: string[] = []
    for (const hangs of [true, false]) {
      const dispatcher = createDispatcher({
        store,
        clock,
        retry: retrySchedule([0, 1, 1]),
        transport: fakeTransport(({ url: target }) => {
          ids.push(idIn(target))
          return hangs ? new Promise(() => {}) : answered(200)
        }),
      })
      if (hangs) await dispatcher.enqueue(requestTo(url), { deliver: 'claim-check' })
      const run = dispatcher.runDue()
      if (hangs) {
        while (ids.length === 0) await turns(1)
        clock.advance(45_000)
      } else await settledBy(clock, run)
    }
    expect(new Set(ids).size).toBe(2)
    const desk = deskOn(store, { clock })
    const [first = '', second = ''] = ids
    expect((await desk.fetch(ask(first))).status).toBe(200)
    expect((await desk.fetch(ask(second))).status).toBe(404)
    expect((await store.get('a'))?.delivery.state).toBe('delivered')
    await store.close()
  })

  test('requeued, it can be fetched again, under a new id', async () => {
    const store = await open()
    const clock = manualClock()
    const transport = fakeTransport()
    const dispatcher = createDispatcher({ store, clock, transport })
    await dispatcher.enqueue(requestTo(url), { deliver: 'claim-check' })
    const desk = deskOn(store, { clock })
    for (let round = 1; round <= 2; round++) {
      await settledBy(clock, dispatcher.runDue())
      expect(transport.sent).toHaveLength(round)
      const id = idIn(transport.sent[round - 1]?.url ?? '')
      expect((await desk.fetch(ask(id))).status).toBe(200)
      expect((await desk.fetch(ask(id))).status).toBe(404)
      await dispatcher.requeue('a')
    }
    await store.close()
  })

  test('a claim check that cannot be put uses up no attempt, and the call comes later', async () => {
    const store = await open()
    const { claimChecks } = store
    if (claimChecks === undefined) throw new Error('no claim checks')
    const clock = manualClock()
    let fails = true
    const moody = {
      ...store,
      claimChecks: {
        ...claimChecks,
        put: async (check: Parameters<typeof claimChecks.put>[0]) => {
          if (fails) throw new Error('secret words of the database')
          return claimChecks.put(check)
        },
      },
    }
    const transport = fakeTransport()
    const dispatcher = createDispatcher({ store: moody, clock, transport })
    const ends: unknown[] = []
    dispatcher.on('attempt:end', ({ attempt, recorded }) => ends.push({ ...attempt.outcome, recorded }))
    await dispatcher.enqueue(requestTo(url), { deliver: 'claim-check' })
    for (let round = 0; round < 2; round++) {
      await settledBy(clock, dispatcher.runDue())
      expect(transport.sent).toHaveLength(round)
      fails = false
      clock.advance(60_000)
    }
    expect(ends).toMatchObject([
      { kind: 'failed', cause: 'local', code: 'ERR_CLAIM_STORE', recorded: false },
      { kind: 'response', recorded: true },
    ])
    expect(JSON.stringify(ends)).not.toContain('secret words')
    expect((await store.get('a'))?.delivery).toMatchObject({ state: 'delivered', attempts: 1 })
    await store.close()
  })
})

test.each(['before', 'after'] as const)(
  'whichever call of the store fails (%s its effect), every payload can be fetched by an id that was called with',
  async (when) => {
    const deliveryCalls = ['claim', 'claimExpired', 'settle', 'release', 'nextWakeAt', 'purge'] as const
    const checkCalls = ['put', 'purge'] as const
    let n = 1
    for (; ; n++) {
      let calls = 0
      let failed = false
      const failing =
        <A extends readonly never[], R>(work: (...all: A) => Promise<R>) =>
        async (...all: A): Promise<R> => {
          const fails = ++calls === n
          failed ||= fails
          if (fails && when === 'before') throw new Error('failed')
          const result = await work(...all)
          if (fails) throw new Error('the answer was lost')
          return result
        }
      const store = memoryStore()
      const { claimChecks } = store
      if (claimChecks === undefined) throw new Error('no claim checks')
      const wrap = (object: object, names: readonly string[]): object =>
        Object.fromEntries(
          names.map((name) => [name, failing((object as Record<string, () => Promise<unknown>>)[name] ?? (async () => {}))]),
        )
      const faulty = {
        ...store,
        ...wrap(store, deliveryCalls),
        claimChecks: { ...claimChecks, ...wrap(claimChecks, checkCalls) },
      }
      const clock = manualClock()
      const ids = new Map<string, string[]>()
      const transport = fakeTransport(({ url: target, headers }) => {
        const id = String(headers['webhook-id'])
        ids.set(id, [...(ids.get(id) ?? []), idIn(target)])
        return answered((ids.get(id)?.length ?? 0) < 2 ? 500 : 200)
      })
      const dispatcher = createDispatcher({
        store: faulty as DeliveryStore,
        clock,
        transport,
        retry: retrySchedule([0, 10, 10, 10]),
      })
      const all = ['a', 'b', 'c']
      for (const id of all) await dispatcher.enqueue(requestTo(url, id), { deliver: 'claim-check' })
      for (let round = 0; round < 12; round++) {
        await settledBy(
          clock,
          dispatcher.runDue().catch(() => 0),
        )
        clock.advance(60_000)
      }
      if (!failed) break
      const desk = deskOn(store, { clock })
      for (const id of all) {
        const statuses: number[] = []
        for (const claim of ids.get(id) ?? []) statuses.push((await desk.fetch(ask(claim))).status)
        expect({ n, id, fetched: statuses.filter((status) => status === 200).length }).toEqual({ n, id, fetched: 1 })
        expect((await store.get(id))?.delivery.state).toBe('delivered')
      }
    }
    expect(n).toBeGreaterThan(12)
  },
)

describe('the desk', () => {
  /** Everything that came over the wire, but for the time of day. */
  async function raw(origin: string, head: string): Promise<string> {
    const { hostname, port } = new URL(origin)
    const socket = connect(Number(port), hostname)
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.write(`${head}\r\nhost: x\r\nconnection: close\r\n\r\n`)
    await new Promise((resolve) => socket.once('close', resolve))
    return Buffer.concat(chunks)
      .toString('latin1')
      .replace(/date: .*\r\n/i, '')
  }

  test('says the same 404 to whatever is wrong, byte for byte', async () => {
    const store = memoryStore()
    const clock = manualClock()
    const shortLived = await called(store, url, { clock, claimCheck: { expiresMs: 1000 } })
    clock.advance(1000)
    const other = memoryStore()
    const [target = ''] = await called(other, url, { clock })
    const authorize = ({ headers }: ClaimRequest): boolean => headers.token === 'good'
    const origin = await listening(deskOn(other, { clock, authorize }).node())
    const expiredOrigin = await listening(deskOn(store, { clock, authorize }).node())
    const good = `GET /webhook?id=${idIn(target)} HTTP/1.1`
    const token = '\r\ntoken: good'
    const taken = await raw(origin, good + token)
    expect(taken).toContain(payload)
    const answers = [
      await raw(expiredOrigin, `GET /webhook?id=${idIn(shortLived[0] ?? '')} HTTP/1.1${token}`),
      await raw(origin, good + token),
      await raw(origin, good),
      await raw(origin, `GET /webhook?id=00000000-0000-4000-8000-000000000000 HTTP/1.1${token}`),
      await raw(origin, `GET /webhook?id= HTTP/1.1${token}`),
      await raw(origin, `GET /webhook HTTP/1.1${token}`),
      await raw(origin, `${good.replace(' HTTP', '&id=x HTTP')}${token}`),
      await raw(origin, `GET /webhook?id=${'x'.repeat(5000)} HTTP/1.1${token}`),
      await raw(origin, `GET /webhook?id=%ff%00 HTTP/1.1${token}`),
      await raw(origin, `${good.replace('GET', 'POST')}${token}\r\ncontent-length: 0`),
      await raw(origin, `${good.replace('GET', 'DELETE')}${token}`),
    ]
    expect(answers[0]).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/)
    expect(new Set(answers).size).toBe(1)
    expect((await raw(origin, good.replace('GET', 'HEAD') + token)).split('\r\n\r\n')[0]).toBe(answers[0]?.split('\r\n\r\n')[0])
  })

  test('asks the same of the store and of the application, whatever is wrong', async () => {
    const store = memoryStore()
    const { claimChecks } = store
    if (claimChecks === undefined) throw new Error('no claim checks')
    const [target = ''] = await called(store)
    let steps: string[] = []
    const watched = {
      claimChecks: {
        ...claimChecks,
        find: (hash: string, now: number) => {
          steps.push('find')
          return claimChecks.find(hash, now)
        },
        take: (hash: string, now: number) => {
          steps.push('take')
          return claimChecks.take(hash, now)
        },
      },
    }
    let allowed = false
    const desk = createClaimDesk({
      store: watched,
      clock: manualClock(),
      authorize: () => {
        steps.push('authorize')
        return allowed
      },
    })
    const stepsFor = async (request: Request): Promise<string> => {
      steps = []
      await desk.fetch(request)
      return steps.join(' ')
    }
    const wrong = [ask(idIn(target)), ask('unknown'), new Request('https://a.example/'), ask(idIn(target), { method: 'POST' })]
    for (const request of wrong) expect(await stepsFor(request)).toBe('find authorize')
    allowed = true
    expect(await stepsFor(ask(idIn(target)))).toBe('find authorize take')
    for (const request of wrong) expect(await stepsFor(request)).toBe('find authorize')
  })

  test.each(['find', 'take', 'authorize'] as const)('is unavailable while %s fails, and says no more', async (what) => {
    const store = memoryStore()
    const [target = ''] = await called(store)
    const fail = () => Promise.reject(new Error('secret words'))
    const { claimChecks } = store
    if (claimChecks === undefined) throw new Error('no claim checks')
    const broken = what === 'authorize' ? claimChecks : { ...claimChecks, [what]: fail }
    const desk = createClaimDesk({
      store: { claimChecks: broken },
      clock: manualClock(),
      authorize: what === 'authorize' ? fail : () => true,
    })
    const response = await desk.fetch(ask(idIn(target)))
    expect([response.status, await response.text()]).toEqual([503, 'Try again later.\n'])
    expect((await deskOn(store).fetch(ask(idIn(target)))).status).toBe(200)
  })

  test('takes nothing but true for a yes', async () => {
    const store = memoryStore()
    const [target = ''] = await called(store)
    const desk = deskOn(store, { authorize: (() => 'yes') as never })
    expect((await desk.fetch(ask(idIn(target)))).status).toBe(404)
  })

  test('stands in Express', async () => {
    const store = memoryStore()
    const [target = ''] = await called(store)
    const app = express()
    app.get('/webhook', deskOn(store, { authorize: ({ headers }) => headers.token === 't' }).node())
    const origin = await listening(app)
    const response = await fetch(`${origin}/webhook?id=${idIn(target)}`, { headers: { token: 't' } })
    expect([response.status, await response.json()]).toEqual([200, JSON.parse(payload)])
  })

  test('what could not be handed over can be fetched again', async () => {
    const store = memoryStore()
    const [target = ''] = await called(store)
    let leave = (): void => {}
    const left = new Promise<void>((resolve) => {
      leave = resolve
    })
    const desk = deskOn(store, { authorize: () => left.then(() => true) })
    const closed: Promise<unknown>[] = []
    const origin = await listening((request, response) => {
      closed.push(new Promise((resolve) => response.once('close', resolve)))
      desk.node()(request, response)
      request.socket.destroy()
    })
    await expect(fetch(`${origin}/webhook?id=${idIn(target)}`)).rejects.toThrow()
    await Promise.all(closed)
    leave()
    await turns()
    expect((await deskOn(store).fetch(ask(idIn(target)))).status).toBe(200)
  })

  test('nor is it gone when the connection breaks in the middle of it, and it is when all of it was taken', async () => {
    const store = memoryStore()
    const body = new Uint8Array(32 * 1024 * 1024)
    const [target = ''] = await called(store, url, {}, body)
    const handle = deskOn(store).node()
    let closed = Promise.resolve()
    const origin = await listening((request, response) => {
      closed = new Promise((resolve) => response.once('close', resolve))
      handle(request, response)
    })
    const whole = `${origin}/webhook?id=${idIn(target)}`
    const broken = await fetch(whole)
    await broken.body?.cancel()
    await closed
    await turns()
    const second = await fetch(whole)
    expect([second.status, (await second.arrayBuffer()).byteLength]).toEqual([200, body.byteLength])
    await closed
    await turns()
    expect((await fetch(whole)).status).toBe(404)
  })
})

describe('at rest', () => {
  const bytesOf = (path: string): string =>
    readdirSync(folder)
      .filter((name) => join(folder, name).startsWith(path))
      .map((name) => readFileSync(join(folder, name), 'latin1'))
      .join('')

  test('no id is stored, and with a keyring no payload', async () => {
    const keyring = { keys: [{ kid: 'k', key: new Uint8Array(32).fill(1) }] } as const
    for (const [options, hasPayload] of [
      [{}, true],
      [{ keyring }, false],
    ] as const) {
      const path = freshFile()
      const store = sqliteStore({ path, ...options })
      const [target = ''] = await called(store)
      const id = idIn(target)
      expect(id).toHaveLength(36)
      expect(bytesOf(path)).not.toContain(id)
      expect(bytesOf(path).includes('backup-7')).toBe(hasPayload)
      expect(await (await deskOn(store).fetch(ask(id))).text()).toBe(payload)
      await store.close()
    }
  })

  test('a payload whose key is missing is unavailable, not gone', async () => {
    const path = freshFile()
    const [one, two] = [1, 2].map((n) => ({ kid: `k${n}`, key: new Uint8Array(32).fill(n) }))
    if (one === undefined || two === undefined) throw new Error('no keys')
    const first = sqliteStore({ path, keyring: { keys: [one] } })
    const [target = ''] = await called(first)
    await first.close()
    const without = sqliteStore({ path, keyring: { keys: [two] } })
    expect((await deskOn(without).fetch(ask(idIn(target)))).status).toBe(503)
    await without.close()
    const rotated = sqliteStore({ path, keyring: { keys: [two, one] } })
    expect((await rotated.rotateKeys?.())?.left).toBe(0)
    await rotated.close()
    const after = sqliteStore({ path, keyring: { keys: [two] } })
    expect((await deskOn(after).fetch(ask(idIn(target)))).status).toBe(200)
    await after.close()
  })

  test('the dispatcher forgets what has expired', async () => {
    const clock = manualClock()
    const store = memoryStore()
    const dispatcher = dispatcherWith({ store, clock, transport: fakeTransport(), claimCheck: { expiresMs: 1000 } })
    await dispatcher.enqueue(requestTo(url), { deliver: 'claim-check' })
    await dispatcher.runDue()
    clock.advance(3_600_000)
    await dispatcher.runDue()
    expect(await store.claimChecks?.purge({ expiredBefore: clock.now(), limit: 9 })).toBe(0)
  })
})

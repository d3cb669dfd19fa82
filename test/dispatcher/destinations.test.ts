import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createDispatcher,
  type Dispatcher,
  type DispatcherOptions,
  memoryStore,
  type PostgresPool,
  postgresStore,
  retrySchedule,
  sqliteStore,
  standardWebhooks,
} from 'ringback/dispatcher'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { manualClock } from '../support/manual-clock.ts'
import { testSchemas } from '../support/postgres-schema.ts'
import { answered, callbackRequest, fakeTransport, turns } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringback-'))
let files = 0
const cleanUp: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close()
})
afterAll(() => rmSync(folder, { recursive: true }))

const schemas = testSchemas()
afterAll(() => schemas.drop())

/** A schema that is made when it is first asked for something. */
function lazyPool(): PostgresPool {
  const opened = schemas.open()
  cleanUp.push(async () => (await opened).close())
  return {
    query: async (text, values) => (await opened).pool.query(text, values),
    connect: async () => (await opened).pool.connect(),
  }
}

const url = 'https://a.example/cb?token=1'
const id = 'https://a.example/cb'
const hourMs = 3_600_000

describe.each([
  ['memory', () => memoryStore()],
  ['sqlite', () => sqliteStore({ path: join(folder, `${files++}.sqlite`), synchronous: 'normal' })],
  ['postgres', () => postgresStore({ pool: lazyPool() })],
] as const)('%s', (_name, open) => {
  function dispatcherWith(options: DispatcherOptions = {}): Dispatcher & { readonly run: (ms?: number) => Promise<number> } {
    const store = options.store ?? open()
    const clock = manualClock()
    const dispatcher = createDispatcher({ store, clock, transport: fakeTransport(), breaker: false, ...options })
    cleanUp.push(
      () => store.close(),
      () => dispatcher.stop({ drainMs: 0 }),
    )
    /** One round, some time later. */
    const run = async (ms = 0): Promise<number> => {
      const using = (options.clock ?? clock) as ReturnType<typeof manualClock>
      await using.advance(ms)
      let made: number | undefined
      const round = dispatcher.runDue().then((n) => {
        made = n
      })
      while (made === undefined) {
        await turns(3)
        await using.advance(1)
      }
      await round
      return made
    }
    return Object.assign(dispatcher, { run })
  }

  test('attempts are signed with the secret of the destination, and with the old one for a day', async () => {
    const transport = fakeTransport()
    const clock = manualClock()
    const dispatcher = dispatcherWith({ transport, clock })
    const { destination, secret } = await dispatcher.destinations.create({ url })
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(destination).toMatchObject({ id, enabled: true, secretExpiries: [undefined] })
    const verifies = (key: string): boolean => {
      const sent = transport.sent.at(-1)
      return standardWebhooks({ keys: [key] }).verify(
        { headers: sent?.headers ?? {}, body: sent?.body ?? new Uint8Array(0) },
        clock.now(),
      ).ok
    }
    const deliver = async (name: string, target = url): Promise<void> => {
      await dispatcher.enqueue(callbackRequest(name, target))
      await dispatcher.run(2000)
    }
    await deliver('a')
    expect(verifies(secret)).toBe(true)
    await deliver('other', 'https://a.example/other')
    expect(transport.sent.at(-1)?.headers).not.toHaveProperty('webhook-signature')

    const rotated = await dispatcher.destinations.rotateSecret(url)
    await deliver('b')
    expect([verifies(secret), verifies(rotated?.secret ?? '')]).toEqual([true, true])
    await clock.advance(24 * hourMs)
    await deliver('c')
    expect([verifies(secret), verifies(rotated?.secret ?? '')]).toEqual([false, true])
    await dispatcher.destinations.rotateSecret(id, { overlapMs: 0 })
    expect((await dispatcher.destinations.get(id))?.secretExpiries).toEqual([undefined])
    expect(await dispatcher.destinations.rotateSecret('https://nobody.example/')).toBeUndefined()
  })

  test('a secret is shown once, and is in no event and no list', async () => {
    const dispatcher = dispatcherWith({ transport: fakeTransport(() => answered(410)) })
    const told: unknown[] = []
    for (const name of ['attempt:start', 'attempt:end', 'dead', 'destination:disabled'] as const) {
      dispatcher.on(name, (payload) => told.push(payload))
    }
    const { secret } = await dispatcher.destinations.create({ url })
    await expect(dispatcher.destinations.create({ url })).rejects.toThrow(/^(?!.*whsec_)/)
    await dispatcher.enqueue(callbackRequest('a', url))
    await dispatcher.run()
    expect(told).toHaveLength(4)
    expect(JSON.stringify([told, await dispatcher.destinations.list()])).not.toContain(secret)
  })

  test.each([
    ['410', answered(410)],
    ['webhook-delivery: disable', answered(500, { 'webhook-delivery': 'disable' })],
  ])('%s disables it: what waits and what comes is held, until it is enabled and released', async (_why, answer) => {
    let isGone = true
    const transport = fakeTransport((request) => (isGone && request.url === url ? answer : answered(200)))
    const dispatcher = dispatcherWith({ transport })
    const disabled: unknown[] = []
    dispatcher.on('destination:disabled', (payload) => disabled.push(payload))
    await dispatcher.enqueue(callbackRequest('later', url), { delayMs: hourMs })
    await dispatcher.enqueue(callbackRequest('neighbour', 'https://a.example/other'), { delayMs: hourMs })
    await dispatcher.enqueue(callbackRequest('a', url))
    await dispatcher.run()
    expect(disabled).toEqual([{ id, reason: 'gone' }])
    const states = async () => (await dispatcher.list()).map((delivery) => [delivery.id, delivery.state, delivery.attempts])
    expect(await states()).toEqual([
      ['later', 'held', 0],
      ['neighbour', 'pending', 0],
      ['a', 'dead', 1],
    ])
    await dispatcher.enqueue(callbackRequest('new', url))
    expect(await dispatcher.run()).toBe(0)
    expect((await dispatcher.get('new'))?.delivery).toMatchObject({ state: 'held', attempts: 0 })

    expect(await dispatcher.destinations.release(id)).toBe(0)
    expect(await dispatcher.destinations.enable(id)).toBe(true)
    isGone = false
    expect(await dispatcher.run(2 * hourMs)).toBe(1)
    expect((await dispatcher.get('later'))?.delivery.state).toBe('held')
    expect(await dispatcher.destinations.release(id)).toBe(2)
    expect(await dispatcher.run()).toBe(2)
    expect((await states()).map(([, state]) => state)).toEqual(['delivered', 'delivered', 'dead', 'delivered'])
  })

  test('one with a path of any length is one, apart from those that begin like it', async () => {
    const long = `https://a.example/${'%C3%A9/x~'.repeat(1000)}`
    const transport = fakeTransport(({ url: to }) => answered(to === `${long}1?a` ? 410 : 200))
    const dispatcher = dispatcherWith({ transport })
    const trouble: unknown[] = []
    dispatcher.on('store:error', (event) => trouble.push(event))
    await dispatcher.enqueue(callbackRequest('a', `${long}1?a`))
    await dispatcher.enqueue(callbackRequest('later', `${long}1?b`), { delayMs: hourMs })
    await dispatcher.enqueue(callbackRequest('other', `${long}2`))
    await dispatcher.run()
    const [only, none] = await dispatcher.destinations.list()
    expect([only?.enabled, none, trouble]).toEqual([false, undefined, []])
    expect((await dispatcher.list()).map(({ state }) => state)).toEqual(['dead', 'held', 'delivered'])
    const known = only?.id ?? ''
    expect(known).toMatch(/^https:\/\/a\.example\/.*~[0-9a-f]{64}$/)
    expect(known).toHaveLength(700)
    for (const one of [known, `${long}1`, `${long}1?c#d`]) expect((await dispatcher.destinations.get(one))?.id).toBe(known)
    await dispatcher.destinations.enable(`${long}1`)
    expect(await dispatcher.destinations.release(known)).toBe(1)
    expect((await dispatcher.destinations.create({ url: long })).destination.id).toHaveLength(700)
  })

  test('what is released goes at once, but what was to go later', async () => {
    const transport = fakeTransport(() => answered(503))
    const dispatcher = dispatcherWith({ transport, retry: retrySchedule([0, '1h', '1h'], { jitter: 0 }) })
    await dispatcher.enqueue(callbackRequest('retry', url))
    await dispatcher.enqueue(callbackRequest('later', url), { delayMs: hourMs })
    expect(await dispatcher.run()).toBe(1)
    await dispatcher.destinations.disable(id)
    await dispatcher.enqueue(callbackRequest('new', url))
    expect(await dispatcher.run()).toBe(0)
    expect((await dispatcher.stats()).counts).toMatchObject({ held: 3 })
    await dispatcher.destinations.enable(id)
    expect(await dispatcher.destinations.release(id)).toBe(3)
    expect(await dispatcher.run()).toBe(2)
    expect((await dispatcher.list()).map((delivery) => [delivery.id, delivery.attempts])).toEqual([
      ['retry', 2],
      ['later', 0],
      ['new', 1],
    ])
  })

  test('an operator disables it before anything was sent', async () => {
    const transport = fakeTransport()
    const dispatcher = dispatcherWith({ transport })
    await dispatcher.enqueue(callbackRequest('a', url))
    await dispatcher.destinations.disable(url)
    await dispatcher.enqueue(callbackRequest('b', url))
    expect(await dispatcher.run()).toBe(0)
    expect(transport.sent).toEqual([])
    expect((await dispatcher.stats()).counts).toMatchObject({ held: 2 })
    expect(await dispatcher.destinations.get(id)).toMatchObject({ enabled: false, disabled: { reason: 'operator' } })
    expect(await dispatcher.destinations.enable('https://nobody.example/')).toBe(false)
  })

  test('nothing but failures for 120 hours disables it, with three warnings on the way', async () => {
    const clock = manualClock()
    const startedAt = clock.now()
    const transport = fakeTransport(() => answered(500))
    const dispatcher = dispatcherWith({
      transport,
      clock,
      retry: retrySchedule([0, ...Array.from({ length: 40 }, () => '6h')], { jitter: 0 }),
    })
    const told: [string, number][] = []
    const hours = (): number => Math.round((clock.now() - startedAt) / hourMs)
    dispatcher.on('destination:warning', ({ percent }) => told.push([`${percent} %`, hours()]))
    dispatcher.on('destination:disabled', ({ reason }) => told.push([reason, hours()]))
    await dispatcher.enqueue(callbackRequest('a', url))
    for (let round = 0; round < 30; round++) await dispatcher.run(6 * hourMs)
    expect(told).toEqual([
      ['50 %', 66],
      ['70 %', 90],
      ['90 %', 114],
      ['failing', 126],
    ])
    expect((await dispatcher.get('a'))?.delivery.state).toBe('held')
  })

  test('one success starts the count anew, and fewer than ten attempts are not enough', async () => {
    const clock = manualClock()
    let answer = answered(500)
    const dispatcher = dispatcherWith({ transport: fakeTransport(() => answer), clock, retry: retrySchedule([0]) })
    const told: string[] = []
    dispatcher.on('destination:disabled', ({ reason }) => told.push(reason))
    const attempt = async (name: string): Promise<void> => {
      await dispatcher.enqueue(callbackRequest(name, url))
      await dispatcher.run(2000)
    }
    for (let i = 0; i < 9; i++) await attempt(`a${i}`)
    expect((await dispatcher.destinations.get(id))?.failing).toMatchObject({ attempts: 9, warned: 0 })
    answer = answered(204)
    await attempt('b')
    expect(await dispatcher.destinations.get(id)).not.toHaveProperty('failing')
    answer = answered(500)
    await attempt('c')
    await clock.advance(200 * hourMs)
    for (let i = 0; i < 8; i++) await attempt(`d${i}`)
    expect(told).toEqual([])
    await attempt('e')
    expect(told).toEqual(['failing'])
  })

  test('does not write for every failure, and misses no step for it', async () => {
    const clock = manualClock()
    const store = open()
    const kept = store.destinations
    if (kept === undefined) throw new Error('Expected destinations.')
    let writes = 0
    const counting = {
      ...kept,
      update: (destination: Parameters<typeof kept.update>[0]) => {
        writes++
        return kept.update(destination)
      },
    }
    const dispatcher = dispatcherWith({
      store: { ...store, destinations: counting },
      transport: fakeTransport(() => answered(500)),
      clock,
      retry: retrySchedule([0]),
    })
    const told: number[] = []
    dispatcher.on('destination:warning', ({ percent }) => told.push(percent))
    for (let i = 0; i < 40; i++) await dispatcher.enqueue(callbackRequest(`a${i}`, url))
    await dispatcher.run()
    expect(writes).toBeLessThan(16)
    await clock.advance(60 * hourMs)
    await dispatcher.enqueue(callbackRequest('b', url))
    await dispatcher.run()
    expect(told).toEqual([50])
  })

  test('a store that cannot tell costs no attempt', async () => {
    const store = open()
    let away = true
    const destinations = store.destinations
    if (destinations === undefined) throw new Error('Expected destinations.')
    const moody = {
      ...store,
      destinations: { ...destinations, get: (one: string) => (away ? Promise.reject(new Error('away')) : destinations.get(one)) },
    }
    const transport = fakeTransport()
    const dispatcher = dispatcherWith({ store: moody, transport })
    const errors: string[] = []
    dispatcher.on('store:error', ({ operation }) => errors.push(operation))
    await dispatcher.enqueue(callbackRequest('a', url))
    await dispatcher.run()
    expect([errors, transport.sent]).toEqual([['destination'], []])
    away = false
    await dispatcher.run(30_000)
    expect((await dispatcher.get('a'))?.delivery).toMatchObject({ state: 'delivered', attempts: 1 })
  })

  test('misuse', async () => {
    const { destinations } = dispatcherWith()
    await expect(destinations.create({ url: '/relative' })).rejects.toThrow(TypeError)
    await expect(destinations.create({ url, secret: 'whsec_AAAA' })).rejects.toThrow(TypeError)
    await expect(destinations.create({ url, secret: `whpk_${Buffer.alloc(32, 1).toString('base64')}` })).rejects.toThrow(
      TypeError,
    )
    await destinations.create({ url })
    await expect(destinations.rotateSecret(url, { overlapMs: 8 * 24 * hourMs })).rejects.toThrow(TypeError)
  })
})

test('a store without destinations does without', async () => {
  const { destinations: _, ...store } = memoryStore()
  const dispatcher = createDispatcher({ store, clock: manualClock(), transport: fakeTransport(() => answered(410)) })
  await dispatcher.enqueue(callbackRequest('a', url))
  expect(await dispatcher.runDue()).toBe(1)
  expect((await dispatcher.get('a'))?.delivery.state).toBe('dead')
  await expect(dispatcher.destinations.list()).rejects.toThrow(TypeError)
})

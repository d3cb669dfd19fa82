import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDispatcher, type DispatcherOptions, memoryStore, retrySchedule, sqliteStore } from 'ringback/dispatcher'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { newDelivery } from '../../src/testing/store-contract/bench.ts'
import { manualClock } from '../support/manual-clock.ts'
import { answered, callbackRequest, fakeTransport } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringback-'))
let files = 0
const cleanUp: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close()
})
afterAll(() => rmSync(folder, { recursive: true }))

const hourMs = 3_600_000

/** Timers run by the time that passes, as those of a process do, while the wall clock can be set. */
function wallClock() {
  const elapsed = manualClock(1_700_000_000_000)
  let offset = 0
  return {
    now: () => elapsed.now() + offset,
    setTimeout: elapsed.setTimeout,
    advance: elapsed.advance,
    set(ms: number) {
      offset += ms
    },
  }
}

describe.each([
  ['memory', () => memoryStore()],
  ['sqlite', () => sqliteStore({ path: join(folder, `${files++}.sqlite`), synchronous: 'normal' })],
] as const)('%s', (_name, open) => {
  function running(options: DispatcherOptions = {}) {
    const clock = wallClock()
    const store = open()
    const transport = fakeTransport()
    const dispatcher = createDispatcher({
      store,
      clock,
      transport,
      pollMs: 1000,
      retry: retrySchedule([0, '10s', '10s']),
      ...options,
    })
    cleanUp.push(
      () => store.close(),
      () => dispatcher.stop({ drainMs: 0 }),
    )
    dispatcher.start()
    const stateOf = async (id: string) => (await dispatcher.get(id))?.delivery.state
    return { clock, store, transport: (options.transport as ReturnType<typeof fakeTransport>) ?? transport, dispatcher, stateOf }
  }

  test('put back for a moment: what is new is tried again in its time', async () => {
    const { clock, dispatcher, transport } = running({
      pollMs: Number.POSITIVE_INFINITY,
      transport: fakeTransport(({ url }) => answered(url.includes('b.example') ? 200 : 500)),
    })
    await dispatcher.enqueue(callbackRequest('a', 'https://a.example/'))
    await clock.advance(100)
    clock.set(-hourMs)
    // What it waits for under the wrong time is far away.
    await dispatcher.enqueue(callbackRequest('wakes', 'https://b.example/'), { delayMs: 200 })
    for (let n = 0; n < 5; n++) await clock.advance(100)
    clock.set(hourMs)
    await dispatcher.enqueue(callbackRequest('b', 'https://c.example/'))
    for (let n = 0; n < 30; n++) await clock.advance(1000)
    expect((await dispatcher.list()).map(({ id, attempts }) => [id, attempts])).toEqual([
      ['a', 3],
      ['wakes', 1],
      ['b', 3],
    ])
    expect(transport.sent).toHaveLength(7)
  })

  test('put back by an hour: what is new goes out at once, what waits goes out when its time comes, nothing twice', async () => {
    let isDown = true
    const transport = fakeTransport(() => answered(isDown ? 500 : 200))
    const { clock, dispatcher, stateOf } = running({ transport, breaker: false })
    await dispatcher.enqueue(callbackRequest('before', 'https://a.example/cb'))
    await clock.advance(10)
    expect(await stateOf('before')).toBe('pending')
    isDown = false
    clock.set(-hourMs)
    await clock.advance(2000)
    await dispatcher.enqueue(callbackRequest('after', 'https://b.example/cb'))
    await clock.advance(2000)
    expect(await stateOf('after')).toBe('delivered')
    await clock.advance(hourMs + 60_000)
    expect(await stateOf('before')).toBe('delivered')
    expect(transport.sent).toHaveLength(3)
    expect((await dispatcher.get('before'))?.attempts.map(({ n }) => n)).toEqual([1, 2])
  })

  test('put back by an hour: pauses and breakers do not last an hour longer', async () => {
    let isDown = true
    const transport = fakeTransport(() => answered(isDown ? 503 : 200, isDown ? { 'retry-after': '30' } : {}))
    const { clock, dispatcher, stateOf } = running({ transport })
    for (let i = 0; i < 12; i++) await dispatcher.enqueue(callbackRequest(`down${i}`, 'https://a.example/cb'))
    await clock.advance(60_000)
    isDown = false
    clock.set(-hourMs)
    await clock.advance(2000)
    await dispatcher.enqueue(callbackRequest('new', 'https://a.example/cb'))
    await clock.advance(2000)
    expect(await stateOf('new')).toBe('delivered')
  })

  test('put back by an hour: leases that end are still found', async () => {
    const { clock, store, stateOf } = running()
    await clock.advance(20_000)
    clock.set(-hourMs)
    await clock.advance(2000)
    // Of a process that dies now.
    await store.insert([newDelivery('orphan', { dueAt: clock.now() })])
    await store.claim({
      now: clock.now(),
      limit: 1,
      perOrigin: 1,
      taken: new Map(),
      token: 'gone',
      leaseUntil: clock.now() + 45_000,
    })
    await clock.advance(70_000)
    expect(await stateOf('orphan')).toBe('delivered')
  })

  test('put forward while an attempt is under way: whoever takes over sends under the same id, and the first to write wins', async () => {
    let answer: ((report: ReturnType<typeof answered>) => void) | undefined
    let n = 0
    const transport = fakeTransport(() =>
      n++ === 0
        ? new Promise<ReturnType<typeof answered>>((resolve) => {
            answer = resolve
          })
        : answered(200),
    )
    const { clock, dispatcher, stateOf } = running({ transport })
    const ends: boolean[] = []
    dispatcher.on('attempt:end', ({ recorded }) => ends.push(recorded))
    await dispatcher.enqueue(callbackRequest('a', 'https://a.example/cb'))
    await clock.advance(1)
    expect(transport.sent).toHaveLength(1)
    clock.set(hourMs)
    await clock.advance(30_000)
    answer?.(answered(200))
    await clock.advance(10)
    expect(await stateOf('a')).toBe('delivered')
    expect(transport.sent).toHaveLength(2)
    expect(ends.filter(Boolean)).toHaveLength(2)
    expect(ends.filter((recorded) => !recorded)).toHaveLength(1)
    expect((await dispatcher.get('a'))?.attempts.map(({ outcome }) => outcome.kind)).toEqual(['unknown', 'response'])
  })
})

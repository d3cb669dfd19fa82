import {
  createDispatcher,
  type Dispatcher,
  type DispatcherOptions,
  memoryStore,
  type Signer,
  sqliteStore,
  standardWebhooks,
} from 'ringback/dispatcher'
import { createTestDispatcher, manualClock } from 'ringback/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { fakeTransport } from './support.ts'

const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  warnings.mockClear()
  for (const stop of stops.splice(0)) await stop()
})

// Node warns too: of node:sqlite, in its version 22.
const codes = (): unknown[] =>
  warnings.mock.calls.flatMap(([, options]) => (options as unknown as { readonly code?: string }).code ?? [])
const request = (id: string, url = 'https://a.example/cb') => ({ id, method: 'POST', url, headers: {} })
const key = (n: number): string => `whsec_${Buffer.alloc(32, n).toString('base64')}`
const ofOurs: Signer = standardWebhooks({ keys: [key(1)] })

describe('a signer beside secrets of destinations', () => {
  test.each<[name: string, signer: DispatcherOptions['signer'], told: number]>([
    ['none', undefined, 0],
    ['one', ofOurs, 1],
    ['one for each delivery', () => ofOurs, 1],
    ['one for each delivery and destination', (_delivery, destination) => (destination === undefined ? ofOurs : undefined), 0],
  ])('%s', async (_, signer, told) => {
    const dispatcher = createTestDispatcher(signer === undefined ? {} : { signer })
    const ids: string[] = []
    dispatcher.on('destination:unused-secrets', ({ id }) => ids.push(id))
    await dispatcher.destinations.create({ url: 'https://a.example/cb' })
    for (const id of ['1', '2']) await dispatcher.enqueue(request(id))
    await dispatcher.enqueue(request('3', 'https://other.example/'))
    await dispatcher.runUntilIdle()
    expect(dispatcher.sent).toHaveLength(3)
    expect(ids).toEqual(Array(told).fill('https://a.example/cb'))
    expect(codes()).toEqual(Array(told).fill('unused-secrets'))
    await dispatcher.stop()
  })
})

describe('a dispatcher that nobody has started', () => {
  /** A clock that moves by hand, with timers like those of the system. */
  function made(options: DispatcherOptions = {}, unref = true) {
    const manual = manualClock()
    const clock = {
      now: manual.now,
      setTimeout: (run: () => void, ms: number) => ({ ...manual.setTimeout(run, ms), ...(unref ? { unref: () => {} } : {}) }),
    }
    const dispatcher = createDispatcher({ clock, transport: fakeTransport(), ...options })
    stops.push(() => dispatcher.stop({ drainMs: 0 }))
    return { dispatcher, manual }
  }
  const wait = { delayMs: 3_600_000 }

  test('and that has something in memory, says so once after 10 seconds', async () => {
    const { dispatcher, manual } = made()
    await manual.advance('1m')
    expect(codes()).toEqual([])
    await dispatcher.enqueue(request('1'))
    await manual.advance(9999)
    expect(codes()).toEqual([])
    await manual.advance(1)
    await dispatcher.enqueue(request('2'))
    await manual.advance('1h')
    expect(codes()).toEqual(['not-started'])
    expect(warnings.mock.calls[0]?.[0]).toContain('dispatcher.start()')
  })

  test.each<[name: string, then: (dispatcher: Dispatcher) => unknown]>([
    ['start', (dispatcher) => dispatcher.start()],
    ['runDue', (dispatcher) => dispatcher.runDue()],
    ['stop', (dispatcher) => dispatcher.stop({ drainMs: 0 })],
  ])('is silent after %s', async (_, then) => {
    const { dispatcher, manual } = made()
    await dispatcher.enqueue(request('1'), wait)
    void then(dispatcher)
    await dispatcher.enqueue(request('2'), wait)
    await manual.advance('1m')
    expect(codes()).toEqual([])
  })

  test('is silent where it was started first, the store is durable, nothing was stored, or the clock is a test’s', async () => {
    const started = made()
    started.dispatcher.start()
    const store = sqliteStore({ path: ':memory:' })
    stops.push(() => store.close())
    const durable = made({ store })
    const refused = made()
    const ofTest = made({}, false)
    await started.dispatcher.enqueue(request('1'), wait)
    await durable.dispatcher.enqueue(request('1'), wait)
    await ofTest.dispatcher.enqueue(request('1'), wait)
    await expect(refused.dispatcher.enqueue(request('a.b'))).rejects.toThrow(TypeError)
    for (const { manual } of [started, durable, refused, ofTest]) await manual.advance('1m')
    expect(codes()).toEqual([])
    expect([refused.manual.pending, ofTest.manual.pending]).toEqual([0, 0])
  })

  test('keeps no process alive with its timer', async () => {
    const dispatcher = createDispatcher({ store: memoryStore(), transport: fakeTransport() })
    stops.push(() => dispatcher.stop({ drainMs: 0 }))
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    await dispatcher.enqueue(request('1'))
    expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout')).toHaveLength(before)
  })
})

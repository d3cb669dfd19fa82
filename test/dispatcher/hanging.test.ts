import {
  createDispatcher,
  type DeliveryStore,
  type DispatcherOptions,
  memoryStore,
  retrySchedule,
  type Transport,
} from 'ringback/dispatcher'
import { createTestDispatcher, type ManualClock, manualClock } from 'ringback/testing'
import { describe, expect, test } from 'vitest'
import { callbackRequest, fakeTransport, turns } from './support.ts'

const never = new Promise<never>(() => {})
const withCredentials = { metadata: { credentials: [{ name: 'n', kind: 'bearer' }] } }

describe.each<[what: string, options: DispatcherOptions, code: string]>([
  ['credentials', { credentials: () => never }, 'ERR_CREDENTIALS_FAILED'],
  ['a signer', { signer: () => never }, 'ERR_SIGNER_FAILED'],
])('%s that never come', (_what, options, code) => {
  test('free their slots after 10 seconds, use up no attempt, and hold up nobody for good', async () => {
    const clock = manualClock()
    const transport = fakeTransport()
    const dispatcher = createDispatcher({ clock, transport, concurrency: 4, perOriginConcurrency: 4, ...options })
    const codes: unknown[] = []
    dispatcher.on('attempt:end', ({ attempt: { outcome }, recorded }) => {
      codes.push([outcome.kind === 'failed' && outcome.code, recorded])
    })
    dispatcher.start()
    for (const id of ['a', 'b', 'c', 'd']) await dispatcher.enqueue(callbackRequest(id, 'https://a.example', withCredentials))
    await turns()
    await clock.advance(9999)
    await turns()
    expect(codes).toEqual([])
    await clock.advance(1)
    await turns()
    expect(codes).toEqual(Array.from({ length: 4 }, () => [code, false]))
    expect(await dispatcher.list()).toMatchObject(Array.from({ length: 4 }, () => ({ state: 'pending', attempts: 0 })))
    expect(transport.sent).toEqual([])
    await dispatcher.stop({ drainMs: 0 })
  })
})

test.each<[what: string, options: DispatcherOptions, more: object]>([
  ['a credentials hook', { credentials: () => never, transport: fakeTransport() }, withCredentials],
  ['a signer', { signer: () => never, transport: fakeTransport() }, {}],
  ['a transport', { transport: { send: () => never, close: async () => {} } }, {}],
])('stop does not wait for %s that never ends', async (_what, options, more) => {
  const clock = manualClock()
  const dispatcher = createDispatcher({ clock, ...options })
  dispatcher.start()
  await dispatcher.enqueue(callbackRequest('a', 'https://a.example', more))
  await turns()
  let isStopped = false
  const stopped = dispatcher.stop({ drainMs: 300 }).then(() => {
    isStopped = true
  })
  await turns()
  await clock.advance(1299)
  await turns()
  expect(isStopped).toBe(false)
  await clock.advance(1)
  await stopped
  expect((await dispatcher.get('a'))?.delivery.state).toBe('leased')
})

test('nor for a store that never answers', async () => {
  const clock = manualClock()
  const store: DeliveryStore = { ...memoryStore(), durable: true, insert: () => never }
  const dispatcher = createDispatcher({ clock, store, transport: fakeTransport() })
  dispatcher.start()
  void dispatcher.enqueue(callbackRequest('a', 'https://a.example'))
  await turns()
  const stopped = dispatcher.stop({ drainMs: 300 })
  for (let i = 0; i < 3; i++) {
    await turns()
    await clock.advance(1000)
  }
  await expect(stopped).resolves.toBeUndefined()
})

describe('an attempt does not outlive its lease', () => {
  const slowly = (clock: ManualClock, ms: number): Promise<void> => new Promise((resolve) => clock.setTimeout(resolve, ms))

  test('when hook and receiver take their time, and the secret has to be refreshed: what was answered stands', async () => {
    const clock = manualClock()
    let token = 'old'
    await using dispatcher = createTestDispatcher({
      clock,
      respond: ({ headers }) => ({ status: headers.authorization === 'Bearer new' ? 200 : 401, delay: '14s' }),
      credentials: async (_name, { refresh }) => {
        await slowly(clock, 9000)
        if (refresh) token = 'new'
        return token
      },
    })
    await dispatcher.enqueue(callbackRequest('a', 'https://a.example', withCredentials))
    await dispatcher.runUntilIdle()
    const { delivery, attempts } = (await dispatcher.get('a')) ?? {}
    expect(attempts?.map(({ outcome }) => outcome.kind === 'response' && outcome.status)).toEqual([401, 200])
    expect([delivery?.state, dispatcher.sent.length]).toEqual(['delivered', 2])
  })

  test.each([
    [2, 1],
    [100, 50],
    [1500, 750],
    [30_000, 15_000],
    [30_000, 1000],
  ])('a lease of %i ms for requests of at most %i ms leaves time to send', async (leaseMs, totalTimeoutMs) => {
    await using dispatcher = createTestDispatcher({ leaseMs, totalTimeoutMs })
    await dispatcher.enqueue(callbackRequest('a', 'https://a.example'))
    await dispatcher.advance(0)
    expect((await dispatcher.get('a'))?.delivery.state).toBe('delivered')
  })

  test.each([
    [0, 2],
    [900, 1],
  ])('a reused connection that breaks after %i ms: %i requests', async (brokenAfterMs, sent) => {
    const clock = manualClock()
    let count = 0
    const transport: Transport = {
      totalTimeoutMs: 1000,
      async send() {
        count++
        await clock.advance(brokenAfterMs)
        const outcome = { kind: 'failed', cause: 'reset', code: 'ECONNRESET', message: 'reset' } as const
        return { outcome, phase: 'request', sent: 'maybe', reusedConnection: true, timings: { total: brokenAfterMs } }
      },
      async close() {},
    }
    const dispatcher = createDispatcher({ clock, transport, leaseMs: 2000, retry: retrySchedule([0]) })
    await dispatcher.enqueue(callbackRequest('a', 'https://a.example'))
    await dispatcher.runDue()
    expect(count).toBe(sent)
    await dispatcher.stop()
  })

  test('when hooks take all of it: nothing is sent, and no attempt is used up', async () => {
    const clock = manualClock()
    const codes = new Set<unknown>()
    await using dispatcher = createTestDispatcher({
      clock,
      credentials: async () => {
        await slowly(clock, 9000)
        return 'token'
      },
    })
    dispatcher.on('attempt:end', ({ attempt: { outcome }, recorded }) =>
      codes.add(outcome.kind === 'failed' && !recorded && outcome.code),
    )
    const credentials = ['a', 'b', 'c', 'd'].map((name) => ({ name, kind: 'bearer' }))
    await dispatcher.enqueue(callbackRequest('a', 'https://a.example', { metadata: { credentials } }))
    await dispatcher.advance('10m')
    expect([...codes]).toEqual(['ERR_ATTEMPT_LATE'])
    expect([dispatcher.sent, (await dispatcher.get('a'))?.delivery.attempts]).toEqual([[], 0])
  })

  test('when a receiver redirects slowly', async () => {
    const clock = manualClock()
    await using dispatcher = createTestDispatcher({
      clock,
      profile: '3gpp',
      respond: ({ url }) => ({ status: url.endsWith('/new') ? 200 : 307, headers: { location: '/new' }, delay: '14s' }),
      signer: async () => {
        await slowly(clock, 9000)
        return undefined
      },
      retry: retrySchedule([0, '1h']),
    })
    await dispatcher.enqueue(callbackRequest('a', 'https://a.example/cb'))
    await dispatcher.runUntilIdle()
    const statuses = (await dispatcher.get('a'))?.attempts.map(({ outcome }) => outcome.kind === 'response' && outcome.status)
    expect(statuses).toEqual([307, 307])
  })
})

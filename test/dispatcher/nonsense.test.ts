import {
  createDispatcher,
  type DeliveryStore,
  type DispatcherOptions,
  memoryStore,
  type RetrySchedule,
  type Signer,
  type Transport,
} from 'ringback/dispatcher'
import { manualClock } from 'ringback/testing'
import { expect, test } from 'vitest'
import { callbackRequest, fakeTransport, turns } from './support.ts'

// What is not written in TypeScript may answer anything. A rejection that nobody handles ends the process, and fails these tests.

function wrapped(change: (store: DeliveryStore) => Record<string, unknown>): DeliveryStore {
  const store = memoryStore()
  return { ...store, ...change(store) } as DeliveryStore
}

test.each<[what: string, insert: (stored: unknown) => unknown]>([
  ['nothing', () => undefined],
  ['nothing, later', async () => undefined],
  ['a text', () => 'ok'],
])('a store that answers %s when it has stored: enqueue says so, and every slot is free again', async (_what, answer) => {
  const clock = manualClock()
  let isBroken = true
  const store = wrapped((inner) => ({
    insert: (...given: Parameters<DeliveryStore['insert']>) => (isBroken ? answer(undefined) : inner.insert(...given)),
  }))
  const transport = fakeTransport()
  const dispatcher = createDispatcher({ clock, store, transport, concurrency: 2, perOriginConcurrency: 2 })
  dispatcher.start()
  for (const id of ['a', 'b', 'c']) {
    await expect(dispatcher.enqueue(callbackRequest(id, 'https://a.example'))).rejects.toThrow(/Expected the store to answer/)
  }
  isBroken = false
  for (const id of ['d', 'e', 'f']) await dispatcher.enqueue(callbackRequest(id, 'https://a.example'))
  await turns()
  expect(transport.sent).toHaveLength(3)
  await dispatcher.stop({ drainMs: 0 })
})

const thenable = (stored: unknown): object => ({ then: (done: (value: unknown) => void) => done(stored) })

test.each<[what: string, durable: boolean, answer: (stored: unknown) => unknown]>([
  ['nothing', false, () => undefined],
  ['nothing, later', false, async () => undefined],
  ['nothing, in groups', true, async () => undefined],
  ['nothing, by what is no promise of this language', false, () => thenable(undefined)],
  ['nothing but a failure, by what is none', true, () => ({ then: (_: unknown, failed: (e: unknown) => void) => failed('x') })],
  ['what is no promise of this language', false, thenable],
  ['what is none, in groups', true, thenable],
])('a store that answers %s when it has settled is trouble with the store, or none', async (what, durable, answer) => {
  const clock = manualClock()
  const store = wrapped((inner) => ({
    durable,
    settle: (...given: Parameters<DeliveryStore['settle']>) => answer(inner.settle(...given)),
  }))
  const dispatcher = createDispatcher({ clock, store, transport: fakeTransport() })
  const told: string[] = []
  dispatcher.on('store:error', ({ operation }) => void told.push(operation))
  dispatcher.on('delivered', ({ delivery }) => void told.push(delivery.id))
  dispatcher.start()
  await dispatcher.enqueue(callbackRequest('a', 'https://a.example'))
  for (let n = 0; n < 10; n++) {
    await turns()
    await clock.advance(1000)
  }
  expect(new Set(told)).toEqual(new Set([what.startsWith('nothing') ? 'settle' : 'a']))
  await dispatcher.stop({ drainMs: 0 })
})

const thrower = (): never => {
  throw new Error('of the application')
}
const report = { phase: 'body', sent: 'yes', reusedConnection: false, timings: { total: 1 } }
const response = { kind: 'response', status: 200, headers: {}, body: new Uint8Array(0), completeness: 'complete' }
const sending = (outcome: object): Transport =>
  ({ send: async () => ({ ...report, outcome }), close: async () => {} }) as unknown as Transport
const failing = sending({ kind: 'failed', cause: 'reset', code: 'ECONNRESET', message: 'gone' })

test.each<[what: string, options: DispatcherOptions, told: string]>([
  ['a response without headers', { transport: sending({ ...response, headers: undefined }) }, 'ERR_TRANSPORT_FAILED'],
  ['a response with a text', { transport: sending({ ...response, body: 'text' }) }, 'ERR_TRANSPORT_FAILED'],
  ['a response without a status', { transport: sending({ ...response, status: undefined }) }, 'ERR_TRANSPORT_FAILED'],
  [
    'a schedule that throws',
    { transport: failing, retry: { attempts: 9, delayMs: (n) => (n === 1 ? 0 : thrower()) } as RetrySchedule },
    'attempt',
  ],
  [
    'a store whose release throws',
    { transport: sending({ kind: 'response' }), store: wrapped(() => ({ release: thrower })) },
    'ERR_TRANSPORT_FAILED,release',
  ],
  [
    'a signer that answers with a promise, which would go out unsigned',
    { transport: fakeTransport(), signer: { sign: async () => ({ signature: 's' }) } as unknown as Signer },
    'ERR_SIGNER_FAILED',
  ],
])('%s is told, counts as no attempt, and holds up nobody', async (_what, options, expected) => {
  const clock = manualClock()
  const dispatcher = createDispatcher({ clock, concurrency: 1, perOriginConcurrency: 1, ...options })
  const told: unknown[] = []
  dispatcher.on('store:error', ({ operation }) => void told.push(operation))
  dispatcher.on('attempt:end', ({ attempt: { outcome }, recorded }) => {
    expect(recorded).toBe(false)
    told.push(outcome.kind === 'failed' && outcome.code)
  })
  dispatcher.start()
  await dispatcher.enqueue(callbackRequest('a', 'https://a.example'))
  await turns()
  expect(told.join()).toBe(expected)
  expect((await dispatcher.get('a'))?.delivery.attempts).toBe(0)
  await dispatcher.enqueue(callbackRequest('b', 'https://b.example'))
  await turns()
  expect(told.join()).toBe(`${expected},${expected}`)
  await dispatcher.stop({ drainMs: 0 })
})

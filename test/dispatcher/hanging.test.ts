import { createDispatcher, type DeliveryStore, type DispatcherOptions, memoryStore } from 'ringback/dispatcher'
import { describe, expect, test } from 'vitest'
import { manualClock } from '../support/manual-clock.ts'
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

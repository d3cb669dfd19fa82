import { createDispatcher, memoryStore, retrySchedule } from 'ringback/dispatcher'
import { createTestDispatcher } from 'ringback/testing'
import { expect, test } from 'vitest'
import { callbackRequest } from './support.ts'

const url = 'https://a.example/cb'
const hour = 3_600_000

test('an open breaker does not stay open for as long as the clock was set back', async () => {
  const states: string[] = []
  await using dispatcher = createTestDispatcher({
    respond: () => (states.length === 0 ? 500 : 200),
    retry: retrySchedule([0, '10m']),
  })
  dispatcher.on('breaker', ({ state }) => states.push(state.kind))
  for (let i = 0; i < 12; i++) await dispatcher.enqueue(callbackRequest(`d${i}`, url))
  await dispatcher.advance(0)
  expect(states).toEqual(['open'])
  dispatcher.clock.jump(-hour)
  await dispatcher.enqueue(callbackRequest('new', url))
  await dispatcher.advance('32s')
  expect((await dispatcher.get('new'))?.delivery.state).toBe('delivered')
  expect(states).toEqual(['open', 'closed'])
})

test('neither does a pause that Retry-After has asked for', async () => {
  await using dispatcher = createTestDispatcher({ respond: [{ status: 503, headers: { 'retry-after': '60' } }, 200] })
  await dispatcher.enqueue(callbackRequest('a', url))
  await dispatcher.advance('1s')
  dispatcher.clock.jump(-hour)
  await dispatcher.enqueue(callbackRequest('b', url))
  await dispatcher.advance('61s')
  expect((await dispatcher.get('b'))?.delivery.state).toBe('delivered')
})

test('leases that end after the clock was set back are found', async () => {
  const store = memoryStore()
  await using dispatcher = createTestDispatcher({ store })
  await dispatcher.advance('10s')
  dispatcher.clock.jump(-hour)
  const dying = createDispatcher({
    store,
    clock: dispatcher.clock,
    transport: { send: () => new Promise(() => {}), close: async () => {} },
  })
  await dying.enqueue(callbackRequest('a', url))
  const made = dying.runDue()
  await dispatcher.advance('1s')
  expect((await dispatcher.get('a'))?.delivery.state).toBe('leased')
  // Something wakes it up, as a poll does where the store is durable.
  for (let n = 0; n < 10; n++) {
    await dispatcher.enqueue(callbackRequest(`wake${n}`, 'https://b.example/'))
    await dispatcher.advance('6s')
  }
  expect(await dispatcher.get('a')).toMatchObject({
    delivery: { state: 'delivered', attempts: 2 },
    attempts: [{ outcome: { kind: 'unknown' } }, { outcome: { status: 200 } }],
  })
  void made
})

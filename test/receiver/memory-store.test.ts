import { createReceiver, memoryStore } from 'ringback/receiver'
import { expect, test } from 'vitest'
import { manualClock } from '../support/manual-clock.ts'
import { storeContract } from './store-contract.ts'

storeContract('memoryStore', async () => ({ store: memoryStore(), close: async () => {} }))

const baseUrl = 'https://hooks.example.org'

test('O-74 past maxEndpoints creation is refused; ended endpoints make room', async () => {
  const clock = manualClock()
  const receiver = createReceiver({ baseUrl, clock, limits: { maxEndpoints: 3 } })
  const [first, second] = [await receiver.create(), await receiver.create({ expiresIn: '1m' })]
  await receiver.create()
  await expect(receiver.create()).rejects.toMatchObject({ code: 'ERR_RECEIVER_FULL' })
  await first.complete()
  const fourth = await receiver.create()
  await expect(receiver.open(first.id)).rejects.toMatchObject({ code: 'ERR_CALLBACK_UNKNOWN' })
  await clock.advance(60_000)
  await receiver.create()
  await expect(receiver.open(second.id)).rejects.toMatchObject({ code: 'ERR_CALLBACK_UNKNOWN' })
  expect((await receiver.open(fourth.id)).id).toBe(fourth.id)
})

test('calls that were read are forgotten beyond a bound', async () => {
  const receiver = createReceiver({ baseUrl, store: memoryStore({ maxReadCalls: 3 }) })
  const cb = await receiver.create()
  for (let i = 1; i <= 6; i++) {
    await receiver.handle(new Request(cb.url, { method: 'POST' }))
    expect((await cb.next()).seq).toBe(i)
  }
  expect((await cb.calls()).map(({ seq }) => seq)).toEqual([4, 5, 6])
})

test('the bound of the default store is one of the limits: beyond it a call that comes again is a new one', async () => {
  const receiver = createReceiver({ baseUrl, limits: { maxReadCalls: 2 } })
  const cb = await receiver.create()
  const post = (id: string): Promise<Response> =>
    receiver.handle(new Request(cb.url, { method: 'POST', headers: { 'webhook-id': id } }))
  for (const id of ['a', 'b', 'c']) {
    await post(id)
    await cb.next()
  }
  expect((await cb.calls()).map(({ seq }) => seq)).toEqual([2, 3])
  expect((await post('c')).headers.get('idempotency-replayed')).toBe('true')
  expect((await post('a')).headers.get('idempotency-replayed')).toBeNull()
  expect(() => createReceiver({ baseUrl, limits: { maxReadCalls: -1 } })).toThrow(/maxReadCalls in limits/)
})

test('a store object has one receiver at a time', async () => {
  const store = memoryStore()
  const first = createReceiver({ baseUrl, store })
  const cb = await first.create()
  const second = createReceiver({ baseUrl, store })
  await expect(second.open(cb.id)).rejects.toThrow(/a store of its own for each receiver/)
  await first.close()
  expect((await second.open(cb.id)).id).toBe(cb.id)
})

test('O-59 a durable store must be told that it holds plain text', () => {
  const durable = { ...memoryStore(), durable: true }
  expect(() => createReceiver({ baseUrl, store: durable })).toThrow(/plaintext: true/)
  expect(createReceiver({ baseUrl, store: durable, plaintext: true })).toBeDefined()
})

test('O-37 waits at a durable store renew their lease, and end with it', async () => {
  const clock = manualClock()
  const store = { ...memoryStore(), durable: true }
  const receiver = createReceiver({ baseUrl, store, clock, plaintext: true, sweepEvery: false })
  const cb = await receiver.create({ slots: 0 })
  const wait = cb.next()
  await clock.advance(300_000)
  expect((await receiver.handle(new Request(cb.url, { method: 'POST' }))).status).toBe(200)
  expect((await wait).seq).toBe(1)
  await clock.advance(1)
  expect(clock.pending).toBe(0)
})

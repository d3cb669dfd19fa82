import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type CallbackRequest,
  createTransport,
  type DeliveryStore,
  memoryStore,
  publicInternet,
  retrySchedule,
  sqliteStore,
  standardWebhooks,
} from 'ringback/dispatcher'
import { createTestDispatcher, manualClock, recordingTransport, type TestReply } from 'ringback/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { callbackRequest } from '../dispatcher/support.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringback-'))
afterAll(() => rmSync(folder, { recursive: true }))

const url = 'https://client.example/cb'
const hours = (ms: number): number => ms / 3_600_000
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

describe.each([
  ['memory', () => memoryStore()],
  ['sqlite', () => sqliteStore({ path: join(folder, 'schedule.sqlite') })],
] as const)('%s', (_name, open) => {
  test('the 75-hour schedule runs in virtual time, and ends as a dead letter', async () => {
    const store = open()
    await using dispatcher = createTestDispatcher({
      store,
      respond: 503,
      retry: retrySchedule([0, '5s', '5m', '30m', '2h', '5h', '10h', '14h', '20h', '24h'], { jitter: 0 }),
    })
    const startedAt = Date.now()
    await dispatcher.enqueue(callbackRequest('a', url))
    const tookMs = await dispatcher.runUntilIdle()
    expect(hours(tookMs)).toBeCloseTo(75.585, 2)
    expect(Date.now() - startedAt).toBeLessThan(5000)
    expect(dispatcher.sent).toHaveLength(10)
    expect(new Set(dispatcher.sent.map(({ id }) => id))).toEqual(new Set(['a']))
    expect((await dispatcher.get('a'))?.delivery).toMatchObject({ state: 'dead', reason: 'exhausted', attempts: 10 })
    await dispatcher.stop()
    await store.close()
  })
})

test('with its default jitter, the same seed gives the same waits, another one others', async () => {
  const waits = async (seed: number): Promise<number[]> => {
    await using dispatcher = createTestDispatcher({ respond: 500, seed })
    await dispatcher.enqueue(callbackRequest('a', url))
    await dispatcher.runUntilIdle()
    return dispatcher.sent.map(({ at }) => at)
  }
  expect(await waits(1)).toEqual(await waits(1))
  expect(await waits(1)).not.toEqual(await waits(2))
})

test('what was sent: bodies, fields, and a signature that is verified', async () => {
  const signer = standardWebhooks({ keys: [secret] })
  await using dispatcher = createTestDispatcher({ signer, respond: [503, 204] })
  await dispatcher.enqueue(callbackRequest('a', url, { headers: { 'Content-Type': 'application/json' } }))
  await dispatcher.advance('1h')
  expect(dispatcher.sent).toMatchObject([
    {
      n: 1,
      id: 'a',
      method: 'POST',
      url,
      text: '{"id":"a"}',
      headers: { 'content-type': 'application/json' },
      signature: { ok: true, value: { id: 'a' } },
    },
    { n: 2, id: 'a', signature: { ok: true } },
  ])
  expect(dispatcher.sent[0]?.json()).toEqual({ id: 'a' })
  expect(dispatcher.sent[0]?.headers['webhook-timestamp']).not.toBe(dispatcher.sent[1]?.headers['webhook-timestamp'])
  expect((await dispatcher.stats()).counts.delivered).toBe(1)
})

test('a signature by another key is told', async () => {
  const verifier = standardWebhooks({ keys: [`whsec_${Buffer.alloc(32, 8).toString('base64')}`] })
  await using dispatcher = createTestDispatcher({ signer: standardWebhooks({ keys: [secret] }), verifier })
  await dispatcher.enqueue(callbackRequest('a', url))
  await dispatcher.advance(0)
  expect(dispatcher.sent[0]?.signature).toMatchObject({ ok: false, error: { reason: 'no-match' } })
})

const replies: [name: string, reply: TestReply, attempt: object][] = [
  ['a status', 404, { sent: 'yes', outcome: { kind: 'response', status: 404 } }],
  [
    'JSON',
    { status: 400, json: { a: 1 } },
    { outcome: { body: new TextEncoder().encode('{"a":1}'), headers: { 'content-type': 'application/json' } } },
  ],
  ['a slow answer', { delay: '3s', status: 500 }, { timings: { total: 3000 }, outcome: { status: 500 } }],
  [
    'an answer that comes too late',
    { delay: '20s' },
    { sent: 'maybe', outcome: { kind: 'failed', cause: 'timeout', code: 'ETIMEDOUT' } },
  ],
  ['no answer at all', { delay: Number.POSITIVE_INFINITY }, { outcome: { cause: 'timeout' } }],
  ['a name that does not resolve', { failure: 'dns' }, { phase: 'dns', sent: 'no', outcome: { code: 'ENOTFOUND' } }],
  ['nobody listens', { failure: 'connect' }, { phase: 'connect', sent: 'no' }],
  [
    'a bad certificate',
    { failure: 'tls', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    { phase: 'tls', outcome: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } },
  ],
  ['a reset', { failure: 'reset', sent: 'yes' }, { sent: 'yes', outcome: { cause: 'reset' } }],
]

test.each(replies)('the other side: %s', async (_name, reply, attempt) => {
  await using dispatcher = createTestDispatcher({ respond: reply, retry: retrySchedule([0]) })
  await dispatcher.enqueue(callbackRequest('a', url))
  await dispatcher.runUntilIdle()
  expect((await dispatcher.get('a'))?.attempts).toMatchObject([attempt])
})

test('a function finds the answer, and may take its time', async () => {
  await using dispatcher = createTestDispatcher({
    respond: async ({ n, id }) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      return n === 1 ? 500 : { status: 200, body: id }
    },
  })
  await dispatcher.enqueue(callbackRequest('a', url))
  await dispatcher.advance('10s')
  expect((await dispatcher.get('a'))?.delivery).toMatchObject({ state: 'delivered', attempts: 2 })
})

test.each<[what: string, change: Partial<CallbackRequest>]>([
  ['the method CONNECT', { method: 'CONNECT' }],
  ['two fields in one', { headers: { a: 'b\r\nc: d' } }],
  ['a field of the transport', { headers: { 'Content-Length': '3' } }],
  ['too much content', { body: new Uint8Array(262_145) }],
  ['too many fields', { headers: { a: 'b'.repeat(16_384) } }],
])('%s: refused as by the real transport', async (_what, change) => {
  const real = createTransport({ policy: publicInternet({ devLoopback: true }) })
  await using there = createTestDispatcher({ transport: recordingTransport({ to: real }) })
  await using here = createTestDispatcher()
  const ends: unknown[] = []
  for (const dispatcher of [there, here]) {
    await dispatcher.enqueue({ ...callbackRequest('a', 'http://127.0.0.1:9/cb'), ...change })
    await dispatcher.runUntilIdle()
    const found = await dispatcher.get('a')
    ends.push([found?.delivery.reason, found?.attempts.map(({ outcome }) => outcome)])
  }
  expect(ends[1]).toEqual(ends[0])
  expect(ends[1]).toMatchObject(['refused', [{ kind: 'unbuildable' }]])
  expect(here.sent).toEqual([])
  await real.close()
})

test('limits are those of the transport that is meant', async () => {
  await using dispatcher = createTestDispatcher({ maxRequestBytes: 300_000, maxHeaderBytes: 20_000 })
  const headers = { a: 'b'.repeat(16_384) }
  await dispatcher.enqueue({ ...callbackRequest('a', url), body: new Uint8Array(300_000), headers })
  await dispatcher.runUntilIdle()
  expect(dispatcher.sent).toHaveLength(1)
})

test('addresses that the policy refuses are refused here too', async () => {
  await using dispatcher = createTestDispatcher()
  for (const [id, target] of [
    ['metadata', 'http://169.254.169.254/'],
    ['loopback', 'http://127.0.0.1:8080/cb'],
  ] as const) {
    await dispatcher.enqueue(callbackRequest(id, target))
  }
  await dispatcher.runUntilIdle()
  expect((await dispatcher.get('metadata'))?.delivery).toMatchObject({ state: 'dead', reason: 'refused' })
  expect((await dispatcher.get('loopback'))?.delivery.state).toBe('delivered')
  expect(dispatcher.sent.map(({ id }) => id)).toEqual(['loopback'])
})

test('advanceTo goes to an instant, and not back', async () => {
  const clock = manualClock({ start: 1000 })
  await using dispatcher = createTestDispatcher({ clock })
  await dispatcher.enqueue(callbackRequest('a', url), { delayMs: 500 })
  await dispatcher.advanceTo(1499)
  expect(dispatcher.sent).toEqual([])
  await dispatcher.advanceTo(new Date(1500))
  expect(dispatcher.sent).toMatchObject([{ at: 1500 }])
  expect(() => clock.advanceTo(1499)).toThrow(TypeError)
})

test.each<[what: string, store: () => DeliveryStore]>([
  ['memory', () => memoryStore()],
  ['sqlite', () => sqliteStore({ path: ':memory:' })],
])('%s: what is old is forgotten, also while something is still to come, or waits for another', async (_, open) => {
  const store = open()
  const respond = ({ url: at }: { url: string }): TestReply => (at === url ? 200 : { delay: '10s' })
  await using dispatcher = createTestDispatcher({ store, respond })
  const left = async (): Promise<string> => (await dispatcher.list()).map(({ id }) => id).join()
  await dispatcher.enqueue(callbackRequest('early', url))
  await dispatcher.enqueue(callbackRequest('first', url), { delayMs: 30 * 86_400_000, orderingKey: 'k' })
  await dispatcher.enqueue(callbackRequest('second', url), { orderingKey: 'k' })
  await dispatcher.advance('6d')
  expect(await left()).toBe('early,first,second')
  await dispatcher.enqueue(callbackRequest('late', url))
  await dispatcher.advance('2d')
  expect(await left()).toBe('first,second,late')
  await dispatcher.advance('6d')
  await dispatcher.enqueue(callbackRequest('slow', `${url}/slow`))
  await dispatcher.advance('5s')
  expect([await left(), (await dispatcher.get('slow'))?.delivery.state]).toEqual(['first,second,slow', 'leased'])
  await dispatcher.runUntilIdle()
  expect(dispatcher.sent.map(({ id }) => id)).toEqual(['early', 'late', 'slow', 'first', 'second'])
  await dispatcher.advance('40d')
  expect(await left()).toBe('')
  await dispatcher.stop()
  await store.close()
})

test('what is held is nothing to wait for; what cannot end in time is told', async () => {
  await using dispatcher = createTestDispatcher({ respond: 500 })
  await dispatcher.enqueue(callbackRequest('a', url), { delayMs: 10 })
  await dispatcher.enqueue(callbackRequest('b', url))
  await dispatcher.hold('a')
  await expect(dispatcher.runUntilIdle({ within: '1h' })).rejects.toThrow(/b is pending after 4 attempts/)
  await dispatcher.runUntilIdle()
  expect((await dispatcher.stats()).counts).toMatchObject({ held: 1, dead: 1, pending: 0 })
})

test('not started, it sends what is due when it is told to', async () => {
  const store = sqliteStore({ path: join(folder, 'due.sqlite') })
  await using dispatcher = createTestDispatcher({ store, started: false, respond: { delay: '2s' } })
  await dispatcher.enqueue(callbackRequest('a', url))
  await dispatcher.advance('1h')
  expect(dispatcher.sent).toEqual([])
  expect(await dispatcher.runDue()).toBe(1)
  expect((await dispatcher.get('a'))?.delivery.state).toBe('delivered')
})

test('stop ends what is under way, and gives it back', async () => {
  const dispatcher = createTestDispatcher({ respond: { delay: '14s' } })
  await dispatcher.enqueue(callbackRequest('a', url))
  await dispatcher.advance('1s')
  await dispatcher.stop({ drainMs: 5000 })
  expect((await dispatcher.get('a'))?.delivery).toMatchObject({ state: 'pending', attempts: 0 })
})

test('a recording transport over another one passes requests on', async () => {
  const inner = recordingTransport({ respond: 202 })
  await using dispatcher = createTestDispatcher({ transport: inner })
  await dispatcher.enqueue(callbackRequest('a', url))
  await dispatcher.advance(0)
  expect(inner.sent).toBe(dispatcher.sent)
  const outer = recordingTransport({ to: inner })
  expect(await outer.send({ method: 'GET', url, headers: {} })).toMatchObject({ outcome: { status: 202 } })
  expect(inner.sent).toHaveLength(2)
  expect(outer.sent).toHaveLength(1)
})

test.each([
  [() => recordingTransport({ respond: [] })],
  [() => recordingTransport({ respond: 600 })],
  [() => createTestDispatcher({ respond: [200, { failure: 'nonsense' as 'dns' }] })],
  [() => createTestDispatcher({ respond: [200, { status: 999 }] })],
  [() => recordingTransport({ to: recordingTransport(), respond: 200 })],
  [() => createTestDispatcher({ transport: recordingTransport(), respond: 200 })],
])('a mistake %#', (make) => {
  expect(make).toThrow(TypeError)
})

test('the clock: jumps move the time and no timer', async () => {
  const clock = manualClock({ start: 0 })
  const rang: number[] = []
  clock.setTimeout(() => rang.push(clock.now()), 100)
  clock.jump(-5000)
  await clock.advance(99)
  expect([rang, clock.now(), clock.nextTimerAt(), clock.pending]).toEqual([[], -4901, -4900, 1])
  await clock.advance(1)
  expect(rang).toEqual([-4900])
})

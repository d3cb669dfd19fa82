import { gcpCallbacks, type Method } from 'ringback/receiver'
import { describe, expect, test } from 'vitest'
import { bench, isPending, json, type Sent } from './support.ts'

describe('profile gcp', () => {
  const ANSWERS: [name: string, method: Method, sent: Sent, status: number][] = [
    ['a call', 'POST', { body: 1 }, 200],
    ['G-38 another method', 'POST', { method: 'PUT' }, 405],
    ['HEAD on an endpoint for GET', 'GET', { method: 'HEAD' }, 405],
    ['G-40 OPTIONS', 'GET', { method: 'OPTIONS' }, 204],
    ['G-30 malformed JSON', 'POST', { body: '{bad', headers: json }, 200],
    ['an unknown content coding', 'POST', { body: 'x', headers: { 'content-encoding': 'zstd' } }, 200],
    ['a large body', 'POST', { body: 'x'.repeat(262_145) }, 413],
    ['something appended', 'POST', { tail: '/x' }, 404],
  ]
  test.each(ANSWERS)('%s', async (_name, method, sent, status) => {
    const { receiver, send } = bench({ profile: 'gcp' })
    expect((await send(await receiver.create({ method }), sent)).status).toBe(status)
  })

  test('G-12 G-16 one slot', async () => {
    const { receiver, send } = bench({ profile: 'gcp' })
    const cb = await receiver.create()
    expect([(await send(cb, { body: 'a', headers: json })).status, (await send(cb, { body: 'b' })).status]).toEqual([200, 429])
    await cb.next()
    expect((await send(cb)).status).toBe(200)
  })

  test('G-34 a repeated call is a new one', async () => {
    const { receiver, send } = bench({ profile: 'gcp' })
    const cb = await receiver.create()
    for (const seq of [1, 2]) {
      await send(cb, { headers: { 'webhook-id': 'a' } })
      expect((await cb.next()).seq).toBe(seq)
    }
  })

  test('G-18 G-19 after the end 404, and what is unread is discarded', async () => {
    const { receiver, send } = bench({ profile: 'gcp' })
    for (const end of ['complete', 'cancel'] as const) {
      const cb = await receiver.create()
      await send(cb, { body: 1 })
      await cb[end]()
      const [ended, unknown] = [await send(cb), await receiver.handle(new Request(`${cb.url}x`, { method: 'POST' }))]
      expect(ended.status).toBe(404)
      expect([await ended.text(), [...ended.headers]]).toEqual([await unknown.text(), [...unknown.headers]])
      await expect(cb.next()).rejects.toMatchObject({
        code: end === 'complete' ? 'ERR_CALLBACK_COMPLETED' : 'ERR_CALLBACK_CANCELLED',
      })
      expect(await cb.calls()).toMatchObject([{ body: 1, unread: true }])
      expect((await cb.status()).stored).toBe(1)
    }
  })

  test('G-04 each wait has its own 12 hours', async () => {
    const { receiver, clock } = bench({ profile: 'gcp' })
    const cb = await receiver.create()
    await clock.advance(3_600_000)
    const wait = cb.next()
    const failed = expect(wait).rejects.toMatchObject({ tags: ['TimeoutError'] })
    await clock.advance(43_200_000 - 1)
    expect(await isPending(wait)).toBe(true)
    await clock.advance(1)
    await failed
  })
})

describe('gcpCallbacks', () => {
  test('G-03 G-15 G-24 create, call, await', async () => {
    const { receiver, send } = bench({ profile: 'gcp' })
    const workflow = gcpCallbacks(receiver)
    const callback = await workflow.create_callback_endpoint({ http_callback_method: 'PUT' })
    expect(Object.keys(callback)).toEqual(['url'])
    const wait = workflow.await_callback({ callback, timeout: 60.5 })
    await send(callback, { method: 'PUT', body: { a: 1 }, tail: '?b=2' })
    expect(await wait).toMatchObject({ type: 'HTTP', http_request: { method: 'PUT', body: { a: 1 }, query: { b: '2' } } })
  })

  test('G-04 G-05 seconds, with a fraction', async () => {
    const { receiver, clock } = bench({ profile: 'gcp' })
    const workflow = gcpCallbacks(receiver)
    const callback = await workflow.create_callback_endpoint()
    for (const [timeout, ms] of [
      [0.5, 500],
      [undefined, 43_200_000],
    ] as const) {
      const wait = workflow.await_callback(timeout === undefined ? { callback } : { callback, timeout })
      const failed = expect(wait).rejects.toMatchObject({ tags: ['TimeoutError'], message: expect.stringContaining('no call') })
      await clock.advance(ms - 1)
      expect(await isPending(wait)).toBe(true)
      await clock.advance(1)
      await failed
    }
  })

  test.each([
    [-1, 'ValueError'],
    [Number.NaN, 'ValueError'],
    ['60', 'TypeError'],
    [null, 'TypeError'],
  ])('G-06 a timeout of %s is a %s', async (timeout, tag) => {
    const workflow = gcpCallbacks(bench({ profile: 'gcp' }).receiver)
    const callback = await workflow.create_callback_endpoint()
    await expect(workflow.await_callback({ callback, timeout: timeout as number })).rejects.toMatchObject({ tags: [tag] })
    await expect(workflow.await_callback({ callback: { url: 'x' } })).rejects.toMatchObject({ tags: ['ValueError'] })
    await expect(workflow.create_callback_endpoint({ http_callback_method: 'TRACE' as Method })).rejects.toMatchObject({
      tags: ['ValueError'],
    })
  })

  test.each(['SUCCEEDED', 'FAILED', 'CANCELLED'] as const)('G-19 G-35 G-37 an execution that %s', async (state) => {
    const { receiver, send } = bench({ profile: 'gcp' })
    const workflow = gcpCallbacks(receiver)
    const callbacks = [
      await workflow.create_callback_endpoint(),
      await workflow.create_callback_endpoint({ http_callback_method: 'GET' }),
    ]
    const [first = { url: '' }] = callbacks
    await send(first)
    await send(first)
    const listed = await workflow.list()
    expect(listed.map((one) => one.state)).toEqual(['ACTIVE', 'ACTIVE'])
    expect(listed.map(({ availablePayloads }) => availablePayloads.length).sort()).toEqual([0, 1])
    await workflow.end(state)
    expect((await workflow.list()).map((one) => one.state)).toEqual([state, state])
    expect((await send(first)).status).toBe(404)
  })
})

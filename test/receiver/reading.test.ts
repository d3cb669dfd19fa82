import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import {
  type CreateOptions,
  createReceiver,
  type Receiver,
  type Reply,
  type SignedRequest,
  type StandardSchema,
  sqliteStore,
} from 'ringback/receiver'
import { afterAll, describe, expect, test } from 'vitest'
import { settled } from '../support/manual-clock.ts'
import { bench, json, requestOf } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringback-reading-'))
const opened: Receiver[] = []
afterAll(async () => {
  for (const receiver of opened) await receiver[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

/** Two receivers that share a file and nothing else. */
function two(path: string): [Receiver, Receiver] {
  const make = (): Receiver => {
    const receiver = createReceiver({
      baseUrl: 'https://hooks.example.org',
      store: sqliteStore({ path: join(folder, path), synchronous: 'normal' }),
      plaintext: true,
    })
    opened.push(receiver)
    return receiver
  }
  return [make(), make()]
}

/** Makes of text its length. */
const lengths: StandardSchema<number> = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: String(value).length }) },
}
const claim = '1b4e28ba-2fa1-41d2-883f-0016d3cca427'

describe('functions that live in another process', () => {
  const PARTS: [part: string, options: CreateOptions, tail: string, body: unknown][] = [
    ['claimCheck', { claimCheck: { fetch: async () => 'payload' } }, `?id=${claim}`, 'payload'],
    ['schema', { schema: lengths }, '', 5],
  ]
  test.each(PARTS)(
    'A-11 a call whose %s is over there stays unread, and is read as promised',
    async (part, options, tail, body) => {
      const [here, there] = two(`${part}.sqlite`)
      const created: CreateOptions = { idempotencyKey: 'one', ...options }
      const cb = await here.create(created)
      expect((await here.handle(requestOf(cb.url, { tail, headers: json, body: '"hello"' }))).status).toBe(200)

      const opened = await there.open(cb.id)
      for (const read of [() => opened.next(), () => opened.take(1), () => opened.expectNone(10), () => opened.calls()]) {
        const refusal = { code: 'ERR_CALLBACK_ELSEWHERE', message: expect.stringContaining(`since its ${part} is a function`) }
        await expect(read()).rejects.toMatchObject(refusal)
      }
      expect((await opened.status()).stored).toBe(1)
      const OTHERS: CreateOptions[] = [{}, { respond: () => ({ status: 200 }) }, { schema: true }]
      for (const other of OTHERS) {
        const without = await there.create({ idempotencyKey: 'one', ...other })
        await expect(without.next({ timeout: 10 })).rejects.toMatchObject({ code: 'ERR_CALLBACK_ELSEWHERE' })
        expect((await there.handle(requestOf(cb.url, { tail, headers: json, body: '"hello"' }))).status).toBe(503)
      }
      const again = await there.create(created)
      expect((await again.next()).body).toBe(body)
    },
  )

  test('who asks again for an endpoint gives functions, and loosens nothing', async () => {
    const [here, there] = two('loose.sqlite')
    const bearer = { type: 'bearer', token: 'sesame' } as const
    const custom = { type: 'custom', verify: ({ headers }: SignedRequest) => headers.has('x-good') } as const
    const respond = (): Reply => ({ status: 202 })
    const cb = await here.create({ idempotencyKey: 'one', auth: [bearer, custom], respond, contentTypes: ['text/plain'] })
    const send = async (headers: Record<string, string>): Promise<number> =>
      (await there.handle(requestOf(cb.url, { body: 'a', headers: { 'content-type': 'text/plain', ...headers } }))).status
    for (const other of [{}, { respond }, { auth: bearer, respond }]) {
      await there.create({ idempotencyKey: 'one', ...other })
      expect(await send({})).toBe(503)
    }
    await there.create({ idempotencyKey: 'one', auth: custom, respond, dedupe: false, maxCalls: 1 })
    const found = [await send({}), await send({ 'x-good': '1' }), await send({ authorization: 'Bearer sesame' })]
    expect([...found, await send({ 'x-good': '1', 'content-type': 'text/xml' })]).toEqual([401, 202, 202, 415])
  })

  test('what needs no function is read anywhere, also beside functions that only answer', async () => {
    const [here, there] = two('plain.sqlite')
    const cb = await here.create({ respond: () => ({ status: 204 }) })
    expect((await here.handle(requestOf(cb.url, { body: [1] }))).status).toBe(204)
    expect((await (await there.open(cb.id)).next()).body).toEqual([1])
  })
})

test('A-11 a claim check that throws before it waits for anything is tried again, and loses nothing', async () => {
  const { receiver, send, clock, events } = bench()
  let tries = 0
  const cb = await receiver.create({
    claimCheck: {
      fetch: () => {
        if (++tries < 2) throw new Error('not yet')
        return Promise.resolve('payload')
      },
    },
  })
  await send(cb, { tail: `?id=${claim}` })
  const wait = cb.next()
  await settled()
  expect([tries, (await cb.status()).stored]).toEqual([1, 1])
  await clock.advance(1000)
  expect((await wait).body).toBe('payload')
  expect(events.filter(({ type }) => type === 'failed')).toHaveLength(1)
})

describe('a timeout tells that a call came without its payload', () => {
  const failure = new TypeError(`provider says 403 for ${claim}`)
  const FETCHES: [name: string, fetch: () => Promise<string>, told: string, error: unknown][] = [
    ['fails', () => Promise.reject(failure), '(2 tries; TypeError, error.claimError has it)', failure],
    ['fails with no error', () => Promise.reject('no'), '(2 tries; string, error.claimError has it)', 'no'],
    ['hangs', () => new Promise(() => {}), '(1 try; the last had not ended)', undefined],
  ]
  test.each(FETCHES)('claimCheck.fetch %s', async (_, fetch, told, claimError) => {
    const { receiver, send, clock } = bench()
    const cb = await receiver.create({ claimCheck: { fetch } })
    await send(cb, { tail: `?id=${claim}` })
    const wait = cb.next({ timeout: '1500ms' }).catch((error: unknown) => error)
    await settled()
    await clock.advance(1000)
    await settled()
    await clock.advance(600)
    const error = await wait
    expect(error).toMatchObject({ code: 'ERR_CALLBACK_TIMEOUT', message: expect.stringContaining(told), claimError })
    expect(inspect(error, { depth: 9 })).not.toContain(claim)
    expect((await cb.status()).stored).toBe(1)
  })
})

test('a Standard Schema that throws when a call is read leaves it unread', async () => {
  const { receiver, send } = bench()
  let works = true
  const validate = (value: unknown): unknown => {
    if (!works) throw new RangeError('broken')
    return { value }
  }
  const cb = await receiver.create({ schema: { '~standard': { version: 1, vendor: 'test', validate } } })
  expect((await send(cb, { body: 1 })).status).toBe(200)
  works = false
  await expect(cb.next()).rejects.toThrow('broken')
  await expect(cb.expectNone(0)).rejects.toThrow('broken')
  works = true
  expect([(await cb.status()).stored, (await cb.next()).body]).toEqual([1, 1])
})

describe('O-40 a take() that ends before it has all', () => {
  test.each([
    ['complete', 'ERR_CALLBACK_COMPLETED'],
    ['cancel', 'ERR_CALLBACK_CANCELLED'],
  ] as const)('%s: the error has what there was', async (end, code) => {
    const { receiver, send } = bench()
    const cb = await receiver.create()
    for (const body of [1, 2]) await send(cb, { body })
    const wait = cb.take(3).catch((error: unknown) => error)
    await settled()
    await cb[end]()
    const error = (await wait) as { received: readonly { body: unknown }[] }
    expect(error).toMatchObject({ code, message: expect.stringContaining('take() had 2 of 3 calls') })
    expect(error.received.map(({ body }) => body)).toEqual([1, 2])
    expect(JSON.stringify(error)).not.toContain('received')
  })

  test('aborted: what there was is unread again, in its order', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create()
    for (const body of [1, 2]) await send(cb, { body })
    const controller = new AbortController()
    const wait = cb.take(3, { signal: controller.signal }).catch(String)
    await settled()
    controller.abort('enough')
    expect([await wait, (await cb.status()).stored]).toEqual(['enough', 2])
    expect((await cb.take(2)).map(({ body }) => body)).toEqual([1, 2])
  })

  test('closed: what there was is unread in the store', async () => {
    const [here, there] = two('closed.sqlite')
    const cb = await here.create()
    for (const body of [1, 2]) await here.handle(requestOf(cb.url, { body }))
    const wait = cb.take(3).catch((error: { code: string }) => error.code)
    const other = await there.open(cb.id)
    await expect.poll(async () => (await other.status()).waiters).toBe(1)
    await here[Symbol.asyncDispose]()
    expect([await wait, (await other.status()).stored]).toEqual(['ERR_RECEIVER_CLOSED', 2])
  })
})

describe('expectNone() does not take an end for silence', () => {
  test('a cancelled endpoint and a closed receiver reject, a completed endpoint does not', async () => {
    const { receiver } = bench()
    const completed = await receiver.create()
    await completed.complete()
    await completed.expectNone('1s')
    const cancelled = await receiver.create()
    await cancelled.cancel('over')
    await expect(cancelled.expectNone('1s')).rejects.toMatchObject({ code: 'ERR_CALLBACK_CANCELLED', reason: 'over' })
    const wait = (await receiver.create()).expectNone('1s').catch((error: { code: string }) => error.code)
    await settled()
    await receiver[Symbol.asyncDispose]()
    expect(await wait).toBe('ERR_RECEIVER_CLOSED')
  })
})

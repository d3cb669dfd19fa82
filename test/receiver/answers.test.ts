import { type Call, type CreateOptions, memoryStore, type Reply } from 'ringback/receiver'
import { describe, expect, test } from 'vitest'
import { settled } from '../support/manual-clock.ts'
import { anotherProcess, type Bench, bench, isPending } from './support.ts'

const key = (value: string): { headers: Record<string, string> } => ({ headers: { 'webhook-id': value } })

describe('duplicates', () => {
  const KEYS: [name: string, first: Record<string, string>, second: Record<string, string>, same: boolean][] = [
    ['webhook-id', { 'webhook-id': 'a' }, { 'Webhook-Id': 'a' }, true],
    ['idempotency-key', { 'idempotency-key': 'a' }, { 'idempotency-key': 'a' }, true],
    ['ce-source and ce-id', { 'ce-source': 's', 'ce-id': 'a' }, { 'ce-source': 's', 'ce-id': 'a' }, true],
    ['ce-id of another source', { 'ce-source': 's', 'ce-id': 'a' }, { 'ce-source': 't', 'ce-id': 'a' }, false],
    ['ce-id alone', { 'ce-id': 'a' }, { 'ce-id': 'a' }, false],
    ['other ids', { 'webhook-id': 'a' }, { 'webhook-id': 'b' }, false],
    ['the same text in another field', { 'webhook-id': 'a' }, { 'idempotency-key': 'a' }, false],
    ['an empty id', { 'webhook-id': '' }, { 'webhook-id': '' }, false],
    ['no id', {}, {}, false],
  ]
  test.each(KEYS)('U-15 G-34 O-27 %s', async (_name, first, second, same) => {
    const { receiver, send } = bench()
    const cb = await receiver.create()
    const one = await send(cb, { body: 1, headers: first })
    const two = await send(cb, { body: 1, headers: second })
    expect([one.status, two.status]).toEqual([200, 200])
    expect([one.headers.get('idempotency-replayed'), two.headers.get('idempotency-replayed')]).toEqual([
      null,
      same ? 'true' : null,
    ])
    if (same) expect(await two.text()).toBe(await one.text())
    expect(await cb.calls()).toMatchObject(same ? [{ duplicates: 1 }] : [{ duplicates: 0 }, { duplicates: 0 }])
  })

  test('O-27 twenty at once are one call, nineteen replays', async () => {
    const { receiver, send, events } = bench()
    const cb = await receiver.create({ slots: 1 })
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(cb, key('a'))))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
    expect(answers.filter(({ headers }) => headers.has('idempotency-replayed'))).toHaveLength(19)
    expect(await cb.calls()).toMatchObject([{ duplicates: 19 }])
    expect(events.filter(({ type }) => type === 'replayed')).toHaveLength(19)
  })

  test('an id names a call of one operation: another method or path behind the URL is another call', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create({ method: ['POST', 'DELETE'], subPaths: true })
    const same = { headers: { 'idempotency-key': 'a' } }
    const sent = [
      { ...same, tail: '/data', body: 1 },
      { ...same, tail: '/status', body: 2 },
      { ...same, tail: '/data', method: 'DELETE' },
      { ...same, tail: '/data', body: 1 },
    ]
    const answers: (string | number | null)[][] = []
    for (const one of sent) {
      const { status, headers } = await send(cb, one)
      answers.push([status, headers.get('idempotency-replayed')])
    }
    expect(answers).toEqual([
      [200, null],
      [200, null],
      [200, null],
      [200, 'true'],
    ])
    expect(await cb.calls()).toHaveLength(3)
  })

  test('a key of one’s own is the whole key, and knows method and path', async () => {
    const { receiver, send } = bench()
    const seen: unknown[] = []
    const key = (call: { readonly method: string; readonly subPath: string }): string => {
      seen.push([call.method, call.subPath])
      return 'same'
    }
    const cb = await receiver.create({ method: ['POST', 'PUT'], subPaths: true, dedupe: { key } })
    await send(cb, { tail: '/a' })
    expect((await send(cb, { tail: '/b', method: 'PUT' })).headers.get('idempotency-replayed')).toBe('true')
    expect(seen).toEqual([
      ['POST', '/a'],
      ['PUT', '/b'],
    ])
  })

  test('O-28 the same key with another body is 422', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create()
    await send(cb, { ...key('a'), body: 1 })
    const response = await send(cb, { ...key('a'), body: 2 })
    expect([response.status, await response.json()]).toMatchObject([422, { code: 'key-reused' }])
    expect(await cb.rejections()).toMatchObject([{ code: 'key-reused', status: 422 }])
  })

  test('O-30 a refused call does not burn its key', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create({ slots: 0, schema: { type: 'number' } })
    expect((await send(cb, { ...key('a'), body: 'x' })).status).toBe(415)
    expect((await send(cb, { ...key('a'), body: [] })).status).toBe(422)
    expect((await send(cb, { ...key('a'), body: 1 })).status).toBe(429)
    const wait = cb.next()
    await isPending(wait)
    expect((await send(cb, { ...key('a'), body: 1 })).status).toBe(200)
    await wait
  })

  test('O-31 a replay of the accepted call gets its 2xx after the end, a new call gets 410', async () => {
    const { receiver, send, clock } = bench()
    const cb = await receiver.create({ maxCalls: 1, respond: { status: 201, json: { n: 1 } } })
    await send(cb, key('a'))
    const replay = await send(cb, key('a'))
    expect([replay.status, replay.headers.get('idempotency-replayed'), await replay.json()]).toEqual([201, 'true', { n: 1 }])
    expect((await send(cb, key('b'))).status).toBe(410)
    await clock.advance(43_200_000)
    expect((await send(cb, key('a'))).status).toBe(201)
  })

  test('O-29 a duplicate of a call in flight is 409, until it has its answer', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create({ respond: 'manual' })
    const first = send(cb, key('a'))
    const call = await cb.next()
    const early = await send(cb, key('a'))
    expect([early.status, early.headers.get('retry-after')]).toEqual([409, '1'])
    await call.respond({ status: 201, body: 'done' })
    expect((await first).status).toBe(201)
    const late = await send(cb, key('a'))
    expect([late.status, await late.text(), late.headers.get('idempotency-replayed')]).toEqual([201, 'done', 'true'])
  })

  test('a policy of our own, and none', async () => {
    const { receiver, send } = bench()
    const byQuery = await receiver.create({ dedupe: { key: ({ query }) => query.get('n') ?? undefined } })
    for (const tail of ['?n=1', '?n=1', '?n=2', '', '']) await send(byQuery, { tail })
    expect(await byQuery.calls()).toHaveLength(4)
    const byHeader = await receiver.create({ dedupe: { headers: ['X-Event'] } })
    for (const value of ['a', 'a', 'b']) await send(byHeader, { headers: { 'x-event': value, 'webhook-id': value + value } })
    expect(await byHeader.calls()).toHaveLength(2)
    const off = await receiver.create({ dedupe: false })
    for (let i = 0; i < 3; i++) await send(off, key('a'))
    expect(await off.calls()).toHaveLength(3)
  })
})

describe('respondNext', () => {
  test('O-43 answers in order, and stores what is no error', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create()
    cb.respondNext({ status: 503, headers: { 'retry-after': '1' } }, { times: 2 })
    cb.respondNext(new Response('gone', { status: 410 }))
    const answers = []
    for (let i = 0; i < 4; i++) answers.push(await send(cb, { ...key('a'), body: 1 }))
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 410, 200])
    expect([answers[0]?.headers.get('retry-after'), await answers[2]?.text()]).toEqual(['1', 'gone'])
    expect(await cb.calls()).toHaveLength(1)
  })

  test('O-43 an error is stored, and a success not, where that is asked for', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create()
    cb.respondNext({ status: 500 }, { store: true })
    cb.respondNext({ status: 202 })
    cb.respondNext({ status: 203 }, { store: false })
    expect([(await send(cb)).status, (await send(cb)).status, (await send(cb)).status]).toEqual([500, 202, 203])
    expect(await cb.calls()).toHaveLength(2)
  })

  test('a function sees the call; a Response can be sent twice', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create()
    cb.respondNext(({ body, seq }: Call) => ({ status: 400, json: { body, seq } }))
    cb.respondNext(new Response('x', { status: 500 }), { times: 2 })
    expect(await (await send(cb, { body: [1] })).json()).toEqual({ body: [1], seq: 0 })
    expect([await (await send(cb)).text(), await (await send(cb)).text()]).toEqual(['x', 'x'])
  })

  test('what is refused does not use an answer up', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create({ schema: { type: 'number' } })
    cb.respondNext({ status: 503 })
    expect((await send(cb, { body: [] })).status).toBe(422)
    expect((await send(cb, { body: 1 })).status).toBe(503)
  })

  test.each([0, -1, 1.5])('times: %s is a TypeError', async (times) => {
    const cb = await bench().receiver.create()
    expect(() => cb.respondNext({ status: 503 }, { times })).toThrow(TypeError)
  })

  test('a delay holds the answer back', async () => {
    const { receiver, send, clock } = bench()
    const cb = await receiver.create()
    cb.respondNext({ status: 200, delay: '3s' })
    const sent = send(cb)
    expect((await cb.next()).seq).toBe(1)
    await clock.advance(2999)
    expect(await isPending(sent)).toBe(true)
    await clock.advance(1)
    expect((await sent).status).toBe(200)
  })
})

describe('respond', () => {
  test('a function answers each call, and a replay gets the same', async () => {
    const { receiver, send } = bench()
    let n = 0
    const cb = await receiver.create({ respond: async ({ body, seq }) => ({ status: 200, json: { body, seq, n: ++n } }) })
    expect(await (await send(cb, { ...key('a'), body: 'x' })).json()).toMatchObject({ seq: 1, n: 1 })
    expect(await (await send(cb, { ...key('a'), body: 'x' })).json()).toMatchObject({ seq: 1, n: 1 })
    expect(await (await send(cb, { ...key('b'), body: [] })).json()).toEqual({ body: [], seq: 2, n: 2 })
  })

  test('a function that fails is a 500; the call is stored, and a retry is told so', async () => {
    const { receiver, send, events } = bench()
    const cb = await receiver.create({
      respond: () => {
        throw new RangeError('needle')
      },
    })
    const first = await send(cb, key('a'))
    expect([first.status, await first.text()]).toEqual([500, expect.not.stringContaining('needle')])
    const retry = await send(cb, key('a'))
    expect([retry.status, retry.headers.get('idempotency-replayed')]).toEqual([200, 'true'])
    expect(await cb.calls()).toHaveLength(1)
    expect(events).toContainEqual(expect.objectContaining({ type: 'failed', detail: 'respond: RangeError' }))
  })

  test('O-44 manual: the sender waits for the answer', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create({ respond: 'manual' })
    const sent = send(cb, { body: { n: 2 } })
    const call = (await cb.next()) as Call<{ n: number }>
    expect(await isPending(sent)).toBe(true)
    await call.respond({ status: 200, json: { double: call.body.n * 2 } })
    expect(await (await sent).json()).toEqual({ double: 4 })
    await expect(call.respond({ status: 200 })).rejects.toMatchObject({ code: 'ERR_CALLBACK_ANSWERED' })
  })

  test('O-44 manual: after manualResponseTimeout the sender gets 202, and it is too late', async () => {
    const { receiver, send, clock } = bench({ limits: { manualResponseTimeout: '3s' } })
    const cb = await receiver.create({ respond: 'manual' })
    const sent = send(cb, key('a'))
    const call = await cb.next()
    await clock.advance(2999)
    expect(await isPending(sent)).toBe(true)
    await clock.advance(1)
    const response = await sent
    expect([response.status, await response.json()]).toEqual([202, { id: cb.id, state: 'pending' }])
    await expect(call.respond({ status: 200 })).rejects.toMatchObject({ code: 'ERR_CALLBACK_ANSWERED', endpointId: cb.id })
    expect((await send(cb, key('a'))).status).toBe(202)
    expect(clock.pending).toBe(0)
  })

  test('O-44 manual: a call that nobody reads is kept', async () => {
    const { receiver, send, clock } = bench()
    const cb = await receiver.create({ respond: 'manual', slots: 1 })
    const sent = send(cb)
    await settled()
    expect((await send(cb)).status).toBe(429)
    await clock.advance(10_000)
    expect((await sent).status).toBe(202)
    expect((await cb.status()).stored).toBe(1)
  })

  test('respond() at an endpoint that answers by itself is refused; so is a reply that HTTP cannot carry', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create()
    await send(cb)
    await expect((await cb.next()).respond({ status: 200 })).rejects.toMatchObject({ code: 'ERR_CALLBACK_ANSWERED' })
    const manual = await receiver.create({ respond: 'manual' })
    const sent = send(manual)
    const call = await manual.next()
    await expect(call.respond({ status: 42 } as Reply)).rejects.toBeInstanceOf(TypeError)
    await call.respond({ status: 204 })
    expect((await sent).status).toBe(204)
  })
})

describe('create once', () => {
  test('the same idempotencyKey gives the same endpoint', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create({ idempotencyKey: 'order-42', metadata: { order: '42' } })
    const again = await receiver.create({ idempotencyKey: 'order-42', metadata: { order: '43' } })
    expect(again.id).toBe(cb.id)
    expect((await again.status()).metadata).toEqual({ order: '42' })
    await send(cb, { body: 1 })
    expect((await again.next()).body).toBe(1)
  })
})

describe('claim checks', () => {
  const id = '1b4e28ba-2fa1-41d2-883f-0016d3cca427'
  const claiming = (fetch: (id: string, call: Call) => Promise<unknown>): CreateOptions => ({
    method: 'GET',
    claimCheck: { fetch },
  })
  const claim = (tail: string): { method: string; tail: string } => ({ method: 'GET', tail })

  test('A-03 A-08 A-14 next() gives what the id stands for', async () => {
    const { receiver, send } = bench()
    for (const tail of [`?id=${id}`, `?a=1&id=${id}`, `?id=${id}&a=1`]) {
      const asked: string[] = []
      const cb = await receiver.create(claiming(async (found) => ({ payload: asked.push(found) })))
      expect((await send(cb, claim(tail))).status).toBe(200)
      const call = await cb.next()
      expect([call.body, asked, call.query.get('id')]).toEqual([{ payload: 1 }, [id], id])
    }
  })

  test('A-07 the sender is answered before anything is fetched', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create(claiming(() => new Promise(() => {})))
    const wait = cb.next().catch(String)
    expect((await send(cb, claim(`?id=${id}`))).status).toBe(200)
    expect(await isPending(wait)).toBe(true)
    await receiver[Symbol.asyncDispose]()
    expect(await wait).toContain('closed')
  })

  test('A-11 a fetch that hangs ends with its wait, and leaves the call unread', async () => {
    const { receiver, send, clock } = bench()
    const cb = await receiver.create(claiming(() => new Promise(() => {})))
    await send(cb, claim(`?id=${id}`))
    const timedOut = cb.next({ timeout: '5s' }).catch((error: unknown) => error)
    await clock.advance(5000)
    expect(await timedOut).toMatchObject({ code: 'ERR_CALLBACK_TIMEOUT', status: { stored: 1 } })
    const controller = new AbortController()
    const aborted = cb.next({ signal: controller.signal }).catch(String)
    await settled()
    controller.abort(new Error('enough'))
    expect([await aborted, (await cb.status()).stored]).toEqual(['Error: enough', 1])
    expect(clock.pending).toBe(0)
  })

  test.each(['', '?id=', '?id=abc', `?id=${id}&id=${id}`, `?ID=${id}`])('A-10 "%s" is no claim', async (tail) => {
    const { receiver, send } = bench()
    const cb = await receiver.create(claiming(async () => 1))
    expect((await send(cb, claim(tail))).status).toBe(400)
    expect(await cb.rejections()).toMatchObject([{ code: 'claim', status: 400 }])
    expect((await cb.status()).stored).toBe(0)
  })

  test('A-11 a claim that cannot be fetched is tried again, and not lost', async () => {
    const { receiver, send, clock, events } = bench()
    let tries = 0
    const cb = await receiver.create(
      claiming(async () => {
        if (++tries < 3) throw new Error('needle')
        return 'payload'
      }),
    )
    await send(cb, claim(`?id=${id}`))
    const wait = cb.next()
    await settled()
    expect([tries, (await cb.status()).stored]).toEqual([1, 1])
    await clock.advance(1000)
    expect([tries, (await cb.status()).stored]).toEqual([2, 1])
    await clock.advance(2000)
    expect([(await wait).body, (await cb.status()).stored]).toEqual(['payload', 0])
    expect(events.filter(({ type }) => type === 'failed').map(({ detail }) => detail)).toEqual([
      'claimCheck: Error',
      'claimCheck: Error',
    ])
  })

  test('A-11 a wait that times out leaves the claim for the next', async () => {
    const { receiver, send, clock } = bench()
    let works = false
    const cb = await receiver.create(claiming(async () => (works ? 'payload' : Promise.reject(new Error('not yet')))))
    await send(cb, claim(`?id=${id}`))
    const wait = cb.next({ timeout: '5s' }).catch((error: unknown) => error)
    await clock.advance(6000)
    expect(await wait).toMatchObject({ code: 'ERR_CALLBACK_TIMEOUT' })
    works = true
    expect((await cb.next()).body).toBe('payload')
  })

  test('A-12 the same id twice is one call', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.create(claiming(async () => 1))
    expect([(await send(cb, claim(`?id=${id}`))).status, (await send(cb, claim(`?id=${id}`))).status]).toEqual([200, 200])
    expect(await cb.calls()).toHaveLength(1)
  })
})

test('an endpoint whose functions live in another process answers 503 instead of leaving them out', async () => {
  const store = memoryStore()
  const make = (): Bench => bench({ store: anotherProcess(store) })
  const options: CreateOptions[] = [
    { auth: { type: 'custom', verify: () => true } },
    { auth: { type: 'bearer', token: () => true } },
    { respond: () => ({ status: 200 }) },
    { dedupe: { key: () => 'x' } },
    { schema: { '~standard': { version: 1, vendor: 'x', validate: (value: unknown) => ({ value }) } } },
  ]
  for (const one of options) {
    const cb = await make().receiver.create(one)
    const elsewhere = make()
    expect((await elsewhere.send(cb)).status).toBe(503)
    expect((await cb.status()).accepted).toBe(0)
  }
  const plain = await make().receiver.create({
    schema: { type: 'number' },
    auth: { type: 'bearer', token: 'x' },
    respond: { status: 201 },
    maxCalls: 1,
  })
  const headers = { authorization: 'Bearer x' }
  const elsewhere = make()
  expect((await elsewhere.send(plain, { body: 1 })).status).toBe(401)
  expect((await elsewhere.send(plain, { body: [], headers })).status).toBe(422)
  expect((await elsewhere.send(plain, { body: 1, headers })).status).toBe(201)
})

import { gzipSync } from 'node:zlib'
import type { CreateOptions, Method, RejectCode } from 'ringback/receiver'
import { describe, expect, test } from 'vitest'
import { all, type Bench, bench, json, type Sent } from './support.ts'

const METHODS: Method[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const schema = { type: 'object', required: ['success'], properties: { success: { type: 'boolean' } } }

interface Row {
  readonly name: string
  readonly options?: CreateOptions
  readonly limits?: Parameters<typeof bench>[0]
  readonly sent: Sent
  readonly status: number
  readonly code?: RejectCode
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

const REQUESTS: Row[] = [
  { name: 'O-45 a call', sent: { body: { a: 1 } }, status: 200, body: { id: expect.any(String), state: 'accepted' } },
  { name: 'a call without a body', sent: {}, status: 200 },
  { name: 'O-45 an answer of our choice', options: { respond: { status: 204 } }, sent: {}, status: 204, body: '' },
  {
    name: 'an answer as JSON',
    options: { respond: { status: 202, json: { ok: true }, headers: { 'x-a': 'b' } } },
    sent: {},
    status: 202,
    headers: { 'content-type': 'application/json', 'x-a': 'b' },
    body: { ok: true },
  },
  {
    name: 'a Response as an answer',
    options: { respond: new Response('hello', { status: 201 }) },
    sent: {},
    status: 201,
    body: 'hello',
  },
  { name: 'A-06 something appended to the path', sent: { tail: '/data' }, status: 404, code: 'sub-path' },
  { name: 'A-06 the same, where it may be', options: { subPaths: true }, sent: { tail: '/data' }, status: 200 },
  { name: 'a trailing slash is a path too', sent: { tail: '/' }, status: 404, code: 'sub-path' },
  { name: 'A-04 A-05 a query appended', sent: { tail: '?id=u' }, status: 200 },
  {
    name: 'G-02 G-38 O-10 another method',
    sent: { method: 'PUT' },
    status: 405,
    code: 'method',
    headers: { allow: 'POST, OPTIONS' },
  },
  { name: 'U-08 GET on an endpoint for POST', sent: { method: 'GET' }, status: 405, code: 'method' },
  { name: 'O-11 HEAD on an endpoint for POST', sent: { method: 'HEAD' }, status: 405, code: 'method', body: '' },
  { name: 'G-39 O-11 HEAD on an endpoint for GET', options: { method: 'GET' }, sent: { method: 'HEAD' }, status: 200, body: '' },
  {
    name: 'G-40 O-11 OPTIONS',
    options: { method: ['GET', 'PUT'] },
    sent: { method: 'OPTIONS' },
    status: 204,
    headers: { allow: 'GET, PUT, HEAD, OPTIONS' },
  },
  {
    name: 'O-19 a media type that is not wanted',
    options: { schema },
    sent: { body: '<a/>', headers: { 'content-type': 'text/xml' } },
    status: 415,
    code: 'media-type',
    headers: { accept: 'application/json, application/*+json' },
  },
  {
    name: 'G-32 no media type where one is wanted',
    options: { schema },
    sent: { body: '{"success":true}' },
    status: 415,
    code: 'media-type',
  },
  { name: 'G-32 no media type where none is wanted', sent: { body: '{"success":true}' }, status: 200 },
  {
    name: 'a range of media types',
    options: { contentTypes: ['text/*'] },
    sent: { body: 'a', headers: { 'content-type': 'Text/CSV; header=present' } },
    status: 200,
  },
  {
    name: 'outside of that range',
    options: { contentTypes: ['text/*'] },
    sent: { body: '{}', headers: json },
    status: 415,
    code: 'media-type',
  },
  {
    name: 'a JSON type of another name',
    options: { schema },
    sent: { body: '{"success":true}', headers: { 'content-type': 'application/vnd.a+json' } },
    status: 200,
  },
  {
    name: 'O-18 a content coding',
    sent: { body: new Uint8Array(gzipSync('{}')), headers: { ...json, 'content-encoding': 'gzip' } },
    status: 415,
    code: 'encoding',
    headers: { 'accept-encoding': 'identity' },
  },
  { name: 'O-18 one that is no coding', sent: { body: '{}', headers: { ...json, 'content-encoding': 'Identity' } }, status: 200 },
  {
    name: 'O-18 one that is allowed',
    limits: { limits: { decodedBodyBytes: 1000 } },
    options: { schema },
    sent: { body: new Uint8Array(gzipSync('{"success":true}')), headers: { ...json, 'content-encoding': 'gzip' } },
    status: 200,
  },
  {
    name: 'O-18 one that is not, among those that are',
    limits: { limits: { decodedBodyBytes: 1000 } },
    sent: { body: '{}', headers: { ...json, 'content-encoding': 'zstd' } },
    status: 415,
    code: 'encoding',
    headers: { 'accept-encoding': 'gzip, deflate, br' },
  },
  {
    name: 'O-18 a bomb',
    limits: { limits: { decodedBodyBytes: 100_000 } },
    sent: { body: new Uint8Array(gzipSync(Buffer.alloc(50_000_000))), headers: { ...json, 'content-encoding': 'gzip' } },
    status: 413,
    code: 'too-large',
  },
  {
    name: 'O-18 a coding that is a lie',
    limits: { limits: { decodedBodyBytes: 1000 } },
    sent: { body: '{}', headers: { ...json, 'content-encoding': 'br' } },
    status: 415,
    code: 'encoding',
  },
  { name: 'O-20 G-30 malformed JSON, without a schema', sent: { body: '{bad', headers: json }, status: 200 },
  {
    name: 'O-20 malformed JSON, with a schema',
    options: { schema },
    sent: { body: '{bad', headers: json },
    status: 400,
    code: 'malformed',
  },
  {
    name: 'JSON with a __proto__ key, with a schema',
    options: { schema },
    sent: { body: '{"success":true,"a":[{"__proto__":1}]}', headers: json },
    status: 400,
    code: 'malformed',
  },
  {
    name: 'the same key in disguise',
    options: { schema },
    sent: { body: '{"success":true,"\\u005f_proto__":1}', headers: json },
    status: 400,
    code: 'malformed',
  },
  {
    name: 'O-21 U-18 a body that breaks the schema',
    options: { schema },
    sent: { body: { success: 'true' } },
    status: 422,
    code: 'schema',
    headers: { 'content-type': 'application/problem+json' },
    body: {
      title: 'The call does not fit its schema',
      status: 422,
      errors: [{ in: 'body', pointer: '/success', schemaPointer: '#/properties/success/type', message: 'must be boolean' }],
    },
  },
  { name: 'U-18 an empty object', options: { schema }, sent: { body: {} }, status: 422, code: 'schema' },
  { name: 'U-22 U-18 no body where one is wanted', options: { schema }, sent: { headers: json }, status: 422, code: 'schema' },
  { name: 'U-18 a body that fits', options: { schema }, sent: { body: { success: true } }, status: 200 },
  { name: 'U-23 a body of the largest size', sent: { body: 'x'.repeat(262_144) }, status: 200 },
  { name: 'U-23 O-16 a body one byte larger', sent: { body: 'x'.repeat(262_145) }, status: 413, code: 'too-large' },
  { name: 'a URL that is too long', sent: { tail: `?${'q'.repeat(8200)}` }, status: 404 },
]

async function answerTo(
  row: Row,
): Promise<{ bench: Bench; response: Response; text: string; cb: Awaited<ReturnType<Bench['receiver']['create']>> }> {
  const here = bench(row.limits)
  const cb = await here.receiver.create(row.options)
  const response = await here.send(cb, row.sent)
  return { bench: here, response, text: await response.text(), cb }
}

test.each(REQUESTS)('$name: $status', async (row) => {
  const { response, text, cb } = await answerTo(row)
  expect(response.status).toBe(row.status)
  for (const [name, value] of Object.entries(row.headers ?? {})) expect(response.headers.get(name)).toBe(value)
  if (row.body !== undefined) expect(typeof row.body === 'string' ? text : JSON.parse(text)).toEqual(row.body)
  const rejections = await cb.rejections()
  expect(rejections.map(({ code, status }) => [code, status])).toEqual(row.code === undefined ? [] : [[row.code, row.status]])
  const isCall = row.status < 300 && !['OPTIONS', 'HEAD'].includes(row.sent.method ?? '')
  // G-37: whatever is refused, the endpoint stays open and its slots untouched.
  expect(await cb.status()).toMatchObject({ state: 'open', stored: isCall ? 1 : 0, rejected: rejections.length })
})

test.each(REQUESTS)('O-67 U-36 $name: never cached, sniffed or referred, no CORS, no token', async (row) => {
  const { response, text, cb } = await answerTo(row)
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect(response.headers.get('referrer-policy')).toBe('no-referrer')
  const all = JSON.stringify([...response.headers]) + text
  expect(all).not.toMatch(/access-control|at .*:\d+:\d+/i)
  expect(all).not.toContain(cb.url.slice(-43))
})

test('a reply cannot take the fixed headers away, nor frame the message', async () => {
  const { receiver, send } = bench()
  const headers = { 'cache-control': 'public', 'content-length': '999', 'x-a': 'b' }
  const response = await send(await receiver.create({ respond: { status: 200, headers, body: 'hi' } }))
  expect([response.headers.get('cache-control'), response.headers.get('content-length'), response.headers.get('x-a')]).toEqual([
    'no-store',
    null,
    'b',
  ])
})

describe('ended endpoints', () => {
  const ends: [state: string, end: (here: Bench, cb: Awaited<ReturnType<Bench['receiver']['create']>>) => Promise<unknown>][] = [
    ['completed', (_, cb) => cb.complete()],
    ['cancelled', (_, cb) => cb.cancel('why')],
    ['expired', ({ clock }) => clock.advance(12 * 3_600_000)],
  ]
  test.each(ends.flatMap(([state, end]) => METHODS.map((method) => [state, method, end] as const)))(
    'O-09 U-16 %s, %s: 410 with the state',
    async (state, method, end) => {
      const here = bench()
      const cb = await here.receiver.create({ schema })
      await end(here, cb)
      const response = await here.send(cb, { method })
      expect([response.status, response.headers.get('cache-control')]).toEqual([410, 'no-store'])
      const body = await response.text()
      if (method !== 'HEAD') expect(JSON.parse(body)).toEqual({ state, endedAt: new Date(here.clock.now()).toISOString() })
      expect(await cb.rejections()).toMatchObject([{ code: 'ended', status: 410 }])
      expect((await cb.status()).state).toBe(state)
    },
  )

  test('O-26 expiry needs no timer and no sweep', async () => {
    const { receiver, clock, send } = bench()
    const cb = await receiver.create({ expiresIn: '1m' })
    await clock.advance(59_999)
    expect((await send(cb)).status).toBe(200)
    await clock.advance(1)
    expect(clock.pending).toBe(0)
    expect((await send(cb)).status).toBe(410)
  })

  test('U-27 an endpoint lives 12 hours unless told otherwise', async () => {
    const { receiver, clock } = bench()
    const cb = await receiver.create()
    expect((await cb.status()).expiresAt?.getTime()).toBe(clock.now() + 43_200_000)
    await clock.advance(43_200_000)
    await expect(cb.next()).rejects.toMatchObject({ code: 'ERR_CALLBACK_EXPIRED' })
    expect((await (await receiver.create({ expiresIn: Number.POSITIVE_INFINITY })).status()).expiresAt).toBeNull()
  })

  test('U-17 a purged endpoint is unknown', async () => {
    const { receiver, clock, send } = bench()
    const cb = await receiver.create({ expiresIn: '1h' })
    await clock.advance(3_600_000)
    expect(await receiver.sweep()).toEqual({ expired: 1, deleted: 0 })
    await clock.advance(24 * 3_600_000 + 1)
    expect(await receiver.sweep()).toEqual({ expired: 0, deleted: 1 })
    expect((await send(cb)).status).toBe(404)
    await expect(cb.status()).rejects.toMatchObject({ code: 'ERR_CALLBACK_UNKNOWN' })
  })
})

test('the first check that fails answers', async () => {
  const here = bench({ limits: { maxBodyBytes: 1024 } })
  const cb = await here.receiver.create({ schema, slots: 0, auth: { type: 'bearer', token: 'x' } })
  const auth = { authorization: 'Bearer x' }
  const steps: [Sent, number][] = [
    [
      { tail: '/x', method: 'PUT', body: 'y'.repeat(2000), headers: { 'content-type': 'text/xml', 'content-encoding': 'gzip' } },
      404,
    ],
    [{ method: 'PUT', body: 'y'.repeat(2000), headers: { 'content-type': 'text/xml', 'content-encoding': 'gzip' } }, 405],
    [{ body: 'y'.repeat(2000), headers: { 'content-type': 'text/xml', 'content-encoding': 'gzip' } }, 401],
    [{ body: 'y'.repeat(2000), headers: { ...auth, 'content-type': 'text/xml', 'content-encoding': 'gzip' } }, 413],
    [{ body: 'y', headers: { ...auth, 'content-type': 'text/xml', 'content-encoding': 'gzip' } }, 415],
    [{ body: 'y', headers: { ...auth, 'content-type': 'text/xml' } }, 415],
    [{ body: 'y', headers: { ...auth, ...json } }, 400],
    // O-22: what is invalid is told so before it is told that there is no room.
    [{ body: {}, headers: auth }, 422],
    [{ body: { success: true }, headers: auth }, 429],
  ]
  for (const [sent, status] of steps) expect((await here.send(cb, sent)).status).toBe(status)
  expect((await cb.rejections()).map(({ code }) => code)).toEqual([
    'sub-path',
    'method',
    'auth',
    'too-large',
    'encoding',
    'media-type',
    'malformed',
    'schema',
    'full',
  ])
})

test('O-23 G-16 O-22 a full endpoint answers 429 with Retry-After and keeps what it has', async () => {
  const { receiver, send } = bench()
  const cb = await receiver.create({ slots: 1, retryAfter: '2500ms', schema })
  expect((await send(cb, { body: { success: true } })).status).toBe(200)
  const refused = await send(cb, { body: { success: false } })
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '3'])
  expect((await send(cb, { body: {} })).status).toBe(422)
  expect((await cb.calls()).map(({ body }) => body)).toEqual([{ success: true }])
})

test('O-71 fifty rejections are kept, all are counted, none holds a body', async () => {
  const { receiver, send } = bench()
  const cb = await receiver.create({ schema })
  for (let i = 0; i < 1000; i++) await send(cb, { body: `{"success":"needle ${i}"}`, headers: { ...json, 'x-secret': 'needle' } })
  const rejections = await cb.rejections()
  expect(rejections).toHaveLength(50)
  expect((await cb.status()).rejected).toBe(1000)
  expect(JSON.stringify(rejections)).not.toContain('needle')
  expect(rejections[0]).toEqual({
    at: expect.any(Date),
    method: 'POST',
    status: 422,
    code: 'schema',
    detail: 'body /success must be boolean (schema #/properties/success/type)',
    contentType: 'application/json',
    bytes: expect.any(Number),
  })
})

test('U-35 a paused receiver answers 503 and stores nothing', async () => {
  const { receiver, send } = bench()
  const cb = await receiver.create()
  receiver.pause()
  const response = await send(cb)
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '30'])
  expect((await cb.status()).accepted).toBe(0)
  receiver.resume()
  expect((await send(cb)).status).toBe(200)
})

test('O-12 the handshake of CloudEvents is answered where somebody asked for it', async () => {
  const { receiver, send } = bench()
  const ask = async (options: CreateOptions): Promise<string | null> => {
    const cb = await receiver.create(options)
    const response = await send(cb, { method: 'OPTIONS', headers: { 'webhook-request-origin': 'events.example.com' } })
    expect([response.status, (await cb.status()).stored]).toEqual([204, 0])
    return response.headers.get('webhook-allowed-origin')
  }
  expect(await ask({})).toBeNull()
  expect(await ask({ challenges: { cloudEvents: true } })).toBe('events.example.com')
  expect(await ask({ challenges: { cloudEvents: ['events.example.com'] } })).toBe('events.example.com')
  expect(await ask({ challenges: { cloudEvents: ['other.example.com'] } })).toBeNull()
})

test.each(METHODS)('G-01 O-11 G-39 G-40 an endpoint for %s takes it as a call', async (method) => {
  const { receiver, send } = bench()
  const cb = await receiver.create({ method })
  const response = await send(cb, { method })
  expect(response.status).toBe(200)
  if (method === 'HEAD') expect(await response.text()).toBe('')
  expect(await cb.next()).toMatchObject({ method, bodyKind: 'none', body: undefined })
})

test.each(['TRACE', 'get', '', 'CONNECT'])('G-01 method "%s" is refused at creation', async (method) => {
  await expect(bench().receiver.create({ method: method as Method })).rejects.toThrow(/one or more of GET, HEAD, POST/)
})

const BAD_OPTIONS: [string, CreateOptions][] = [
  ['slots', { slots: -1 }],
  ['slots', { slots: 1.5 }],
  ['slots', { slots: Number.POSITIVE_INFINITY }],
  ['maxCalls', { maxCalls: 0 }],
  ['expiresIn', { expiresIn: 'soon' as '1s' }],
  ['expiresIn', { expiresIn: -1 }],
  ['retryAfter', { retryAfter: Number.POSITIVE_INFINITY }],
  ['status', { respond: { status: 99 } }],
  ['status', { respond: { status: 101 } }],
  ['json or body', { respond: { status: 200, json: 1, body: '1' } }],
  ['method', { method: [] }],
  ['metadata', { metadata: { a: 1 as unknown as string } }],
]
test.each(BAD_OPTIONS)('%s out of range is a TypeError that names it', async (name, options) => {
  const here = bench()
  const failure = here.receiver.create(options)
  await expect(failure).rejects.toBeInstanceOf(TypeError)
  await expect(failure).rejects.toThrow(name)
  expect(await all(here.receiver.list())).toEqual([])
})

test('O-68 a page asks for confirmation, and only its POST is the call', async () => {
  const { receiver, send } = bench()
  const cb = await receiver.create({ method: 'GET', confirm: true })
  for (const method of ['GET', 'HEAD', 'GET']) {
    const response = await send(cb, { method })
    expect(response.status).toBe(200)
    if (method === 'GET') expect(await response.text()).toContain('<form method="post"')
  }
  expect((await cb.status()).stored).toBe(0)
  expect((await send(cb)).status).toBe(200)
  expect((await cb.next()).method).toBe('POST')
})

test('O-68 with a page of our own', async () => {
  const { receiver, send } = bench()
  const cb = await receiver.create({ method: 'GET', confirm: { html: ({ action }) => `<p>${action}!` } })
  expect(await (await send(cb, { method: 'GET' })).text()).toBe('<p>!')
})

test('a store that fails is a 500 without detail, and an event', async () => {
  const here = bench()
  const cb = await here.receiver.create()
  const broken = bench({
    store: {
      ...(await import('ringback/receiver')).memoryStore(),
      getEndpoint: () => Promise.reject(new Error('needle: connection to db.internal refused')),
    },
  })
  const response = await broken.send(cb)
  expect([response.status, response.headers.get('retry-after')]).toEqual([500, '5'])
  expect(await response.text()).not.toContain('needle')
  expect(broken.events).toMatchObject([{ type: 'failed', detail: 'Error' }])
})

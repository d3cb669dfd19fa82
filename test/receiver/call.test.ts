import { gzipSync } from 'node:zlib'
import type { Call } from 'ringback/receiver'
import { expect, test } from 'vitest'
import { bench, json, type Sent } from './support.ts'

const bytes = (...values: number[]): Uint8Array => new Uint8Array(values)
const type = (value: string): Record<string, string> => ({ 'content-type': value })
const multipart = [
  '--b',
  'content-disposition: form-data; name="a"',
  '',
  '1',
  '--b',
  'content-disposition: form-data; name="f"; filename="f.txt"',
  'content-type: text/plain',
  '',
  'file',
  '--b--',
  '',
].join('\r\n')

const BODIES: [name: string, sent: Sent, kind: Call['bodyKind'], body: unknown, error?: string][] = [
  ['G-27 U-22 no body', {}, 'none', undefined],
  ['G-28 JSON', { body: '{"a":[1]}', headers: json }, 'json', { a: [1] }],
  [
    'G-28 JSON of another name',
    { body: '{"a":1}', headers: type('application/merge-patch+json; charset=utf-8') },
    'json',
    { a: 1 },
  ],
  ['U-21 a JSON array', { body: '[1]', headers: json }, 'json', [1]],
  ['G-28 text', { body: 'grüß', headers: type('text/plain; charset=utf-8') }, 'text', 'grüß'],
  ['text in Latin-1', { body: bytes(0xfc), headers: type('text/plain; charset="iso-8859-1"') }, 'text', 'ü'],
  [
    'text that is not what it says',
    { body: bytes(0xfc), headers: type('text/plain') },
    'bytes',
    bytes(0xfc),
    'text that is not utf-8',
  ],
  [
    'text in an unknown charset',
    { body: 'a', headers: type('text/plain; charset=klingon') },
    'bytes',
    bytes(97),
    'text that is not klingon',
  ],
  ['U-21 YAML is not read', { body: 'a: 1', headers: type('application/yaml') }, 'bytes', bytes(97, 58, 32, 49)],
  [
    'form fields',
    { body: 'a=1&b=x+y&a=2&__proto__=p', headers: type('application/x-www-form-urlencoded') },
    'form',
    Object.fromEntries([
      ['a', ['1', '2']],
      ['b', 'x y'],
      ['__proto__', 'p'],
    ]),
  ],
  [
    'multipart',
    { body: multipart, headers: type('multipart/form-data; boundary=b') },
    'multipart',
    { a: '1', f: { filename: 'f.txt', contentType: 'text/plain', bytes: bytes(102, 105, 108, 101) } },
  ],
  [
    'broken multipart',
    { body: 'x', headers: type('multipart/form-data; boundary=b') },
    'bytes',
    bytes(120),
    'malformed multipart content',
  ],
  ['G-29 bytes', { body: bytes(0, 255, 1), headers: type('application/octet-stream') }, 'bytes', bytes(0, 255, 1)],
  ['G-32 no media type', { body: '{}' }, 'bytes', bytes(123, 125)],
  ['G-30 malformed JSON', { body: '{bad', headers: json }, 'bytes', bytes(123, 98, 97, 100), 'malformed JSON at offset 1'],
  [
    'JSON that is not UTF-8',
    { body: bytes(0x22, 0xff, 0x22), headers: json },
    'bytes',
    bytes(0x22, 0xff, 0x22),
    'JSON that is not UTF-8',
  ],
]
test.each(BODIES)('%s', async (_name, sent, kind, body, error) => {
  const { receiver, send } = bench()
  const cb = await receiver.create()
  expect((await send(cb, sent)).status).toBe(200)
  const call = await cb.next()
  expect([call.bodyKind, call.body, call.bodyError]).toEqual([kind, body, error])
  expect(call.rawBody).toEqual(
    sent.body instanceof Uint8Array ? sent.body : new TextEncoder().encode((sent.body as string) ?? ''),
  )
})

test('U-21 numbers keep their text in the raw body', async () => {
  const { receiver, send } = bench()
  const cb = await receiver.create()
  await send(cb, { body: '12345678901234567890', headers: json })
  expect(Buffer.from((await cb.next()).rawBody).toString()).toBe('12345678901234567890')
})

test('O-18 a decoded body: the raw one stays as it came', async () => {
  const { receiver, send } = bench({ limits: { decodedBodyBytes: 1000 } })
  const cb = await receiver.create()
  const packed = new Uint8Array(gzipSync('{"a":1}'))
  await send(cb, { body: packed, headers: { ...json, 'content-encoding': 'gzip' } })
  const call = await cb.next()
  expect([call.body, call.bodyKind]).toEqual([{ a: 1 }, 'json'])
  expect(call.rawBody).toEqual(packed)
})

test('G-24 G-25 G-26 G-27 toGcp has the shape of await_callback', async () => {
  const { receiver, send, clock } = bench()
  const cb = await receiver.create({ method: ['GET', 'POST'] })
  await send(cb, { method: 'GET' })
  await send(cb, { tail: '?a=1&b=2', body: { c: 3 } })
  const url = `/callbacks/${cb.id}.REDACTED`
  const received_time = new Date(clock.now()).toISOString()
  expect((await cb.next()).toGcp()).toEqual({
    http_request: { body: null, headers: {}, method: 'GET', query: {}, url },
    received_time,
    type: 'HTTP',
  })
  expect((await cb.next()).toGcp()).toEqual({
    http_request: { body: { c: 3 }, headers: json, method: 'POST', query: { a: '1', b: '2' }, url },
    received_time,
    type: 'HTTP',
  })
})

test('U-24 toUtask has id, date and body', async () => {
  const { receiver, send, clock } = bench()
  const cb = await receiver.create()
  await send(cb, { body: { success: true } })
  expect((await cb.next()).toUtask()).toEqual({ id: cb.id, date: new Date(clock.now()).toISOString(), body: { success: true } })
})

test('toHar is an entry of an archive, without secrets', async () => {
  const { receiver, send } = bench()
  const cb = await receiver.create({ subPaths: true, respond: { status: 202, json: { ok: true } } })
  await send(cb, {
    tail: '/data?a=1',
    body: { b: 2 },
    headers: { authorization: 'Bearer needle', 'x-hub-signature-256': 'needle', 'x-a': '1' },
  })
  await send(cb, { body: bytes(0, 255), headers: type('application/octet-stream') })
  const [entry, binary] = (await cb.take(2)).map((call) => call.toHar())
  expect(entry).toMatchObject({
    request: {
      method: 'POST',
      url: `https://hooks.example.org/callbacks/${cb.id}.REDACTED/data?a=1`,
      queryString: [{ name: 'a', value: '1' }],
      postData: { mimeType: 'application/json', text: '{"b":2}' },
    },
    response: { status: 202, content: { text: '{"ok":true}', mimeType: 'application/json' } },
  })
  expect(JSON.stringify(entry)).not.toContain('needle')
  expect(JSON.stringify(entry)).not.toContain(cb.url.slice(-43))
  expect(binary).toMatchObject({ request: { postData: { text: 'AP8=', encoding: 'base64' } } })
})

test('A-04 A-06 what was appended to the URL is told', async () => {
  const { receiver, send } = bench()
  const cb = await receiver.create({ subPaths: true })
  await send(cb, { tail: '/data/%2F?id=u&a=1&a=2' })
  const call = await cb.next()
  expect([call.subPath, call.query.get('id'), call.query.getAll('a')]).toEqual(['/data/%2F', 'u', ['1', '2']])
})

test('U-24 calls() lists what came, with ids that sort by time', async () => {
  const { receiver, send, clock } = bench()
  const cb = await receiver.create({ slots: 300 })
  for (let i = 0; i < 250; i++) {
    await send(cb, { body: i })
    await clock.advance(1)
  }
  await cb.next()
  const calls = await cb.calls()
  expect(calls.map(({ body }) => body)).toEqual(Array.from({ length: 250 }, (_, i) => i))
  expect(calls.map(({ unread }) => unread).slice(0, 2)).toEqual([false, true])
  const ids = calls.map(({ id }) => id)
  expect(ids).toEqual([...ids].sort())
})

test('a Standard Schema checks, and its output is the body', async () => {
  const { receiver, send } = bench()
  const schema = {
    '~standard': {
      version: 1 as const,
      vendor: 'test',
      validate: async (value: unknown) =>
        typeof (value as { at?: unknown })?.at === 'string'
          ? { value: { at: new Date((value as { at: string }).at) } }
          : { issues: [{ message: 'must be a date', path: ['at', { key: 'a/b' }] }] },
      types: undefined as unknown as { input: { at: string }; output: { at: Date } },
    },
  }
  const cb = await receiver.create({ schema })
  const refused = await send(cb, { body: { at: 1 } })
  expect([refused.status, await refused.json()]).toMatchObject([
    422,
    { errors: [{ in: 'body', pointer: '/at/a~1b', message: 'must be a date' }] },
  ])
  await send(cb, { body: { at: '2026-01-01T00:00:00Z' } })
  const call = await cb.next()
  const at: Date = call.body.at
  expect(at.getTime()).toBe(Date.UTC(2026, 0, 1))
})

test('U-19 a schema that does not compile fails creation, and nothing is stored', async () => {
  const { receiver, events } = bench()
  await expect(receiver.create({ schema: { type: 'object', properties: { a: { type: 'nope' } } } })).rejects.toMatchObject({
    code: 'ERR_SCHEMA_INVALID',
    pointer: '#/properties/a/type',
  })
  await expect(receiver.create({ schema: '{bad' })).rejects.toMatchObject({ code: 'ERR_SCHEMA_INVALID' })
  await expect(receiver.create({ schema: { $ref: 'https://example.org/schema' } })).rejects.toMatchObject({
    code: 'ERR_SCHEMA_INVALID',
  })
  expect(events).toEqual([])
})

test('a schema as JSON text, as true and as false', async () => {
  const { receiver, send } = bench()
  const status = async (schema: string | boolean, body: unknown): Promise<number> =>
    (await send(await receiver.create({ schema }), { body })).status
  expect(await status('{"type":"number"}', 1)).toBe(200)
  expect(await status('{"type":"number"}', [])).toBe(422)
  expect(await status(true, [])).toBe(200)
  expect(await status(false, [])).toBe(422)
})

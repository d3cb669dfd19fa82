import { createHmac } from 'node:crypto'
import type { InboundAuth } from 'ringback/receiver'
import { expect, test } from 'vitest'
import { bench, json, type Sent } from './support.ts'

const body = '{ "b":1, "a": 1.0 }\n'
const sign = (secret: string, text = body, algorithm = 'sha256', encoding: 'hex' | 'base64' = 'hex'): string =>
  createHmac(algorithm, secret).update(text).digest(encoding)
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
const hmac = { type: 'hmac', secret: 'key', header: 'X-Signature' } as const

const CASES: [name: string, auth: InboundAuth | InboundAuth[], headers: Record<string, string>, passes: boolean][] = [
  ['G-33 bearer: right', { type: 'bearer', token: 'abc' }, { authorization: 'Bearer abc' }, true],
  ['G-33 bearer: scheme in another case', { type: 'bearer', token: 'abc' }, { authorization: 'bearer  abc' }, true],
  ['G-33 bearer: missing', { type: 'bearer', token: 'abc' }, {}, false],
  ['G-33 bearer: wrong', { type: 'bearer', token: 'abc' }, { authorization: 'Bearer abcd' }, false],
  ['G-33 bearer: another scheme', { type: 'bearer', token: 'abc' }, { authorization: basic('abc') }, false],
  ['bearer: one of several', { type: 'bearer', token: ['x', 'abc'] }, { authorization: 'Bearer abc' }, true],
  ['bearer: a function', { type: 'bearer', token: async (token) => token === 'now' }, { authorization: 'Bearer now' }, true],
  ['bearer: a function that says no', { type: 'bearer', token: () => false }, { authorization: 'Bearer now' }, false],
  [
    'basic: right, with a colon and UTF-8',
    { type: 'basic', username: 'zoë', password: 'a:b' },
    { authorization: basic('zoë:a:b') },
    true,
  ],
  ['basic: wrong password', { type: 'basic', username: 'u', password: 'p' }, { authorization: basic('u:q') }, false],
  ['basic: no base64', { type: 'basic', username: 'u', password: 'p' }, { authorization: 'Basic ***' }, false],
  ['O-14 hmac: right', hmac, { 'x-signature': sign('key') }, true],
  ['O-14 hmac: over the re-serialised body', hmac, { 'x-signature': sign('key', '{"b":1,"a":1}') }, false],
  ['hmac: another key', hmac, { 'x-signature': sign('other') }, false],
  ['hmac: missing', hmac, {}, false],
  ['hmac: cut short', hmac, { 'x-signature': sign('key').slice(0, 8) }, false],
  ['hmac: upper case', hmac, { 'x-signature': sign('key').toUpperCase() }, true],
  ['hmac: not hex', hmac, { 'x-signature': 'z'.repeat(64) }, false],
  ['hmac: one of several keys', { ...hmac, secret: ['new', 'key'] }, { 'x-signature': sign('key') }, true],
  ['hmac: one of several signatures', hmac, { 'x-signature': `${sign('old')}, ${sign('key')}` }, true],
  ['hmac: with a prefix', { ...hmac, prefix: 'sha256=' }, { 'x-signature': `sha256=${sign('key')}` }, true],
  ['hmac: without the prefix', { ...hmac, prefix: 'sha256=' }, { 'x-signature': sign('key') }, false],
  [
    'hmac: SHA-512 in base64',
    { ...hmac, algorithm: 'sha512', encoding: 'base64' },
    { 'x-signature': sign('key', body, 'sha512', 'base64') },
    true,
  ],
  ['custom: yes', { type: 'custom', verify: ({ rawBody }) => Buffer.from(rawBody).toString() === body }, {}, true],
  ['custom: later no', { type: 'custom', verify: async () => false }, {}, false],
  ['any of them: the early one', [{ type: 'bearer', token: 'abc' }, hmac], { authorization: 'Bearer abc' }, true],
  ['any of them: the late one', [{ type: 'bearer', token: 'abc' }, hmac], { 'x-signature': sign('key') }, true],
  ['any of them: none', [{ type: 'bearer', token: 'abc' }, hmac], { 'x-signature': 'x' }, false],
]

test.each(CASES)('O-13 %s', async (_name, auth, headers, passes) => {
  const { receiver, send } = bench()
  const cb = await receiver.create({ auth })
  const response = await send(cb, { body, headers: { ...json, ...headers } })
  expect(response.status).toBe(passes ? 200 : 401)
  expect(response.headers.has('www-authenticate')).toBe(!passes)
  expect((await cb.status()).stored).toBe(passes ? 1 : 0)
})

test('G-33 O-13 a 401 names the scheme', async () => {
  const { receiver, send } = bench()
  const challenge = async (auth: InboundAuth | InboundAuth[]): Promise<string | null> =>
    (await send(await receiver.create({ auth }))).headers.get('www-authenticate')
  expect(await challenge({ type: 'bearer', token: 'x' })).toBe('Bearer')
  expect(await challenge({ type: 'basic', username: 'u', password: 'p' })).toBe('Basic realm="callback", charset="UTF-8"')
  expect(await challenge([{ type: 'bearer', token: 'x' }, hmac])).toBe('Bearer, HMAC header="X-Signature", algorithm="sha256"')
})

test('O-13 the body of a request without its bearer token is not read', async () => {
  const { receiver } = bench()
  const cb = await receiver.create({ auth: { type: 'bearer', token: 'x' } })
  let pulled = 0
  const endless = new ReadableStream(
    { pull: (controller) => controller.enqueue(new Uint8Array(1000).fill(++pulled)) },
    { highWaterMark: 0 },
  )
  const response = await receiver.handle(
    new Request(cb.url, { method: 'POST', body: endless, duplex: 'half', headers: { 'content-length': '10737418240' } }),
  )
  expect([response.status, pulled]).toEqual([401, 0])
})

test('a verifier of our own gets the request as it came, and may fail', async () => {
  const { receiver, send, events } = bench()
  const seen: unknown[] = []
  const cb = await receiver.create({
    subPaths: true,
    auth: {
      type: 'custom',
      verify: ({ method, url, headers }) => {
        seen.push(method, url.href, headers.get('x-a'))
        throw new TypeError('needle')
      },
    },
  })
  const sent: Sent = { tail: '/sub?a=b', headers: { 'x-a': '1' } }
  const response = await send(cb, sent)
  expect([response.status, await response.text()]).toEqual([500, expect.not.stringContaining('needle')])
  expect(seen).toEqual(['POST', `${cb.url.replace(/\.[^./]+$/, '.REDACTED')}/sub?a=b`, '1'])
  expect(events).toContainEqual(expect.objectContaining({ type: 'failed', detail: 'TypeError' }))
  expect((await cb.status()).stored).toBe(0)
})

test('a username with a colon cannot be', async () => {
  await expect(bench().receiver.create({ auth: { type: 'basic', username: 'a:b', password: '' } })).rejects.toBeInstanceOf(
    TypeError,
  )
})

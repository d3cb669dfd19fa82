import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dial, rest, talk } from '../../middleware/raw-client.ts'
import fc from '../../support/fast-check.ts'
import { document, startProxy } from './run-proxy.ts'
import { strictUpstream } from './strict-upstream.ts'

const hidden = 'GET /hidden HTTP/1.1\r\nHost: h\r\n\r\n'
const methods = ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'POST', 'PUT', 'PATCH', 'PURGE', 'SEARCH', 'M-SEARCH']
const length = `Content-Length: ${hidden.length}`
const chunked = 'Transfer-Encoding: chunked'
const inChunks = `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`

/** What Node itself reads from such bytes, which is what we have to pass on, or nothing. */
interface Seen {
  readonly method: string
  readonly target: string
  readonly body: string
}
const seen: Seen[] = []
const reader = createServer({ requestTimeout: 0 }, (request, response) => {
  const one = { method: request.method ?? '', target: pathOf(request.url ?? ''), body: '' }
  seen.push(one)
  request.setEncoding('latin1')
  request.on('data', (text) => {
    one.body += text
  })
  request.on('end', () => response.end('read'))
})
let readerPort = 0

function pathOf(target: string): string {
  return target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/^(?=[?#]|$)/, '/')
}

beforeAll(async () => {
  reader.listen(0, '127.0.0.1')
  await once(reader, 'listening')
  Object.assign(reader, { httpAllowHalfOpen: true })
  // All has been read by then; what is not complete never will be.
  reader.on('connection', (socket) => socket.once('end', () => setImmediate(() => setImmediate(() => socket.destroy()))))
  readerPort = (reader.address() as AddressInfo).port
})
afterAll(() => {
  reader.closeAllConnections()
  reader.close()
})

async function exchange(port: number, bytes: string): Promise<string> {
  const socket = await dial(port)
  socket.on('error', () => {})
  const answer = rest(socket)
  socket.end(Buffer.from(bytes, 'latin1'))
  return answer
}

async function compare(bytes: readonly string[]): Promise<void> {
  const upstream = await strictUpstream()
  const { port: front, stop } = await startProxy(document, '--upstream', `http://127.0.0.1:${upstream.port}`, '--example')
  for (const one of bytes) {
    seen.length = 0
    upstream.messages.length = 0
    await exchange(readerPort, one)
    await exchange(front, one)
    // Whoever comes next on the connections behind gets what is meant for him.
    const victim = await talk(front, Buffer.from('GET /victim HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'))
    expect(victim, one).toMatch(/\r\n\r\nfor \/victim$/)
    const passed = upstream.messages.map(({ method, target, body }) => ({ method, target, body }))
    expect(passed.pop(), one).toEqual({ method: 'GET', target: '/victim', body: '' })
    for (const message of passed) expect(seen, one).toContainEqual(message)
    expect(passed.length, one).toBeLessThanOrEqual(seen.length)
    expect(upstream.faults, one).toEqual([])
  }
  await stop()
}

function head(start: string, ...fields: readonly string[]): string {
  return [start, 'Host: h', ...fields, '', ''].join('\r\n')
}

/** Every field that somebody could want to be rid of. */
const everything =
  'Connection: close, host, content-length, transfer-encoding, trailer, te, expect, upgrade, connection, content-type, cookie, authorization'

const attacks: Readonly<Record<string, readonly string[]>> = {
  'Connection names Content-Length': methods.map(
    (method) => head(`${method} /x HTTP/1.1`, 'Connection: close, Content-Length', length) + hidden,
  ),
  'Connection names Content-Length, and the connection stays': methods.map(
    (method) => head(`${method} /x HTTP/1.1`, 'Connection: content-length', length) + hidden,
  ),
  'Connection names Transfer-Encoding': methods.map(
    (method) => head(`${method} /x HTTP/1.1`, 'Connection: transfer-encoding', chunked) + inChunks,
  ),
  'Connection names everything': methods.flatMap((method) => [
    head(`${method} /x HTTP/1.1`, everything, length) + hidden,
    head(`${method} /x HTTP/1.1`, everything, chunked) + inChunks,
    head(`${method} /x HTTP/1.1`, ...everything.split(', ').map((name) => `Connection: ${name}`), length) + hidden,
  ]),
  'no content where a method usually has some': methods.map((method) => head(`${method} /x HTTP/1.1`)),
  'two framings': [
    head('POST /x HTTP/1.1', length, chunked) + inChunks,
    head('POST /x HTTP/1.1', chunked, length) + inChunks,
    head('GET /x HTTP/1.1', 'Content-Length: 0', chunked) + inChunks,
    head('POST /x HTTP/1.1', length, length) + hidden,
    head('POST /x HTTP/1.1', 'Content-Length: 0', length) + hidden,
    head('POST /x HTTP/1.1', `Content-Length: 0, ${hidden.length}`) + hidden,
    head('POST /x HTTP/1.1', `Content-Length: ${hidden.length}, ${hidden.length}`) + hidden,
  ],
  'odd lengths': [
    '+1',
    '-1',
    '0x10',
    '1e1',
    '1_0',
    ' 5',
    '5 ',
    '\t5',
    '5;',
    '"5"',
    '',
    '005',
    '00',
    '5.0',
    '9'.repeat(30),
    '\x0b5',
    '٣',
  ].map((value) => head('POST /x HTTP/1.1', `Content-Length: ${value}`) + hidden),
  'odd names': [
    'Content-Length ',
    ' Content-Length',
    'Content_Length',
    'Content-Length\t',
    'content-LENGTH',
    'Content-Length\0',
  ].map((name) => head('POST /x HTTP/1.1', `${name}: ${hidden.length}`) + hidden),
  'odd transfer codings': [
    ...['Chunked', ' chunked ', 'chunked, chunked', 'identity', 'chunked, identity', 'gzip', 'gzip, chunked', 'x', '"chunked"'],
    ...['\x0bchunked', 'chunked\x0b', 'chunked;a=b', ',chunked', 'chunked,', '', 'chunke', 'xchunked', 'identity, chunked'],
  ].map((value) => head('POST /x HTTP/1.1', `Transfer-Encoding: ${value}`) + inChunks),
  'several Transfer-Encoding fields': [
    head('POST /x HTTP/1.1', chunked, chunked) + inChunks,
    head('POST /x HTTP/1.1', 'Transfer-Encoding: gzip', chunked) + inChunks,
    head('POST /x HTTP/1.1', chunked, 'Transfer-Encoding: identity') + inChunks,
    head('POST /x HTTP/1.1', 'Transfer-Encoding : chunked') + inChunks,
    head('POST /x HTTP/1.1', 'X: y\r\n Transfer-Encoding: chunked', length) + inChunks,
    head('POST /x HTTP/1.0', chunked) + inChunks,
  ],
  'odd chunks': [
    `${hidden.length.toString(16)};a=b\r\n${hidden}\r\n0\r\n\r\n`,
    `0${hidden.length.toString(16)}\r\n${hidden}\r\n000\r\n\r\n`,
    `${hidden.length.toString(16)}\n${hidden}\n0\n\n`,
    `-1\r\n${hidden}\r\n0\r\n\r\n`,
    `0x5\r\n${hidden}\r\n0\r\n\r\n`,
    `5 \r\nabcde\r\n0\r\n\r\n${hidden}`,
    `0\r\nContent-Length: 5\r\nHost: evil\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n`,
    `0\r\n\r\n`,
  ].map((content) => head('POST /x HTTP/1.1', chunked) + content),
  'lines that are folded, or end in LF alone': [
    head('POST /x HTTP/1.1', 'X: a\r\n b', length) + hidden,
    head('POST /x HTTP/1.1', `Content-Length:\r\n ${hidden.length}`) + hidden,
    head('GET /x HTTP/1.1', 'X: a\nContent-Length: 5') + hidden,
    head('GET /x HTTP/1.1', 'X: a\rContent-Length: 5') + hidden,
    head('GET /x HTTP/1.1', 'X: a').replaceAll('\r\n', '\n') + hidden,
  ],
  'other targets': [
    ...[
      'http://h/x',
      'http://other/x',
      'HTTP://u:p@other:1?a',
      'http://other',
      'https://h//x',
      'ftp://h/x',
      'x',
      'h:80',
      '*',
      '/x y',
    ],
    ...['/x\thttp://a', '//other/x', '/x#y', '/\xff'],
  ].map((target) => head(`GET ${target} HTTP/1.1`)),
  'several Host fields': [head('GET /x HTTP/1.1', 'Host: other'), 'GET /x HTTP/1.1\r\n\r\n', 'GET /x HTTP/1.0\r\n\r\n'],
  'trailers that were announced where there is no place for them': [head('POST /x HTTP/1.1', 'Trailer: X', length) + hidden],
  'more fields than Node reads by itself': [
    head('POST /x HTTP/1.1', ...Array.from({ length: 2100 }, () => 'A:'), length) + hidden,
    head('GET /x HTTP/1.1', 'Connection: upgrade', 'Upgrade: h2c', ...Array.from({ length: 2100 }, () => 'A:'), length) + hidden,
  ],
  'another protocol, and content': ['h2c', 'websocket', 'x, h2c', 'TLS/1.0'].flatMap((protocol) => [
    head('POST /x HTTP/1.1', 'Connection: upgrade', `Upgrade: ${protocol}`, length) + hidden,
    head('GET /x HTTP/1.1', 'Connection: upgrade, content-length', `Upgrade: ${protocol}`, length) + hidden,
    head('POST /x HTTP/1.1', 'Connection: upgrade', `Upgrade: ${protocol}`, chunked) + inChunks,
    head('GET /x HTTP/1.1', 'Connection: upgrade', `Upgrade: ${protocol}`),
  ]),
  'bytes behind a request for another protocol': [head('GET /x HTTP/1.1', 'Connection: upgrade', 'Upgrade: websocket') + hidden],
  'content that was not asked to come': [
    head('POST /x HTTP/1.1', 'Expect: 100-continue', length) + hidden,
    head('POST /x HTTP/1.1', 'Expect: 100-continue', 'Connection: expect', chunked) + inChunks,
  ],
}

describe('a message behind the proxy is a message before it', () => {
  test.each(Object.entries(attacks))('%s', async (_, bytes) => {
    await compare(bytes)
  })

  test('any mixture of fields about framing', async () => {
    const field = fc.oneof(
      fc.constantFrom(length, chunked, everything, 'Content-Length: 0', 'Expect: 100-continue', 'Trailer: a', 'TE: trailers'),
      fc.constantFrom('Upgrade: h2c', 'Upgrade: websocket', 'Connection: upgrade', 'Connection: keep-alive', 'Connection: close'),
      fc.constantFrom('Connection: content-length, host', 'Transfer-Encoding: gzip, chunked', 'Keep-Alive: 5'),
      fc
        .tuple(
          fc.constantFrom('Content-Length', 'Transfer-Encoding', 'Connection', 'Host', 'X'),
          fc.constantFrom(':', ': ', ' :', ':\t', ':\r\n '),
          fc.constantFrom('0', '5', 'chunked', 'Chunked', 'identity', 'content-length', 'x', ''),
        )
        .map((parts) => parts.join('')),
    )
    const bytes = fc
      .tuple(fc.constantFrom(...methods), fc.array(field, { maxLength: 5 }), fc.constantFrom('', hidden, inChunks))
      .map(([method, fields, content]) => head(`${method} /x HTTP/1.1`, ...fields) + content)
    await compare(fc.sample(bytes, 400))
  })
})

describe('fields that Connection has no right to name', () => {
  test('go on, and those that it may name do not', async () => {
    const upstream = await strictUpstream()
    const { port } = await startProxy(document, '--upstream', `http://127.0.0.1:${upstream.port}`, '--example')
    const fields = [
      'Host: h',
      'Content-Type: a/b',
      'Authorization: x',
      'Cookie: a=1',
      'X-Forwarded-For: 1.2.3.4',
      'Accept: */*',
      length,
    ]
    const names = [...fields, 'Hop: 1', 'HTTP2-Settings: x', 'Keep-Alive: 5'].map((one) => one.replace(/:.*/, ''))
    const start = [
      'POST /x HTTP/1.1',
      ...fields,
      'Hop: 1',
      'HTTP2-Settings: x',
      'Keep-Alive: 5',
      `Connection: close, ${names.join(', ')}`,
    ]
    await talk(port, Buffer.from(`${start.join('\r\n')}\r\n\r\n${hidden}`))
    const passed = upstream.messages[0]?.fields.map(([name, value]) => `${name}: ${value}`)
    expect(passed?.filter((one) => !one.startsWith('Connection'))).toEqual(fields)
  })
})

describe('the target', () => {
  test.each([
    ['http://other:81/a?b', '/base/a?b', 'other:81'],
    ['http://user:pass@other?b', '/base/?b', 'other'],
    ['HTTPS://other', '/base/', 'other'],
    ['/a', '/base/a', 'h'],
  ])('%s is asked for as %s', async (target, path, host) => {
    const upstream = await strictUpstream()
    const { port } = await startProxy(document, '--upstream', `http://127.0.0.1:${upstream.port}/base`, '--example')
    await talk(port, Buffer.from(head(`GET ${target} HTTP/1.1`, 'Connection: close')))
    expect(upstream.messages[0]).toMatchObject({ target: path, fields: [['Host', host], expect.anything()] })
  })

  test('of another scheme is refused', async () => {
    const upstream = await strictUpstream()
    const { port } = await startProxy(document, '--upstream', `http://127.0.0.1:${upstream.port}/base`, '--example')
    expect(await talk(port, Buffer.from(head('GET ftp://h/a HTTP/1.1', 'Connection: close')))).toMatch(/^HTTP\/1\.1 400 /)
  })
})

test('a request in another transfer coding is not implemented', async () => {
  const upstream = await strictUpstream()
  const { port } = await startProxy(document, '--upstream', `http://127.0.0.1:${upstream.port}`, '--example')
  const bytes = head('POST /x HTTP/1.1', 'Connection: close', 'Transfer-Encoding: gzip, chunked') + inChunks
  expect(await talk(port, Buffer.from(bytes))).toMatch(/^HTTP\/1\.1 501 /)
  expect(upstream.messages).toEqual([])
})

import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'
import { dial, rawRequest, rest, talk } from '../../middleware/raw-client.ts'
import { document, startProxy } from './run-proxy.ts'
import { rawUpstream } from './strict-upstream.ts'
import { serve } from './upstream-server.ts'

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const asWas = /^HTTP\/1\.1 200 OK\r\nContent-Length: 2\r\n(?:Connection: close\r\n)?\r\nok$/
const brokenOff = /^(?!.*0\r\n\r\n$)/s
const badGateway = /^HTTP\/1\.1 502 Bad Gateway\r\n/

function hint(...fields: readonly string[]): string {
  return `${['HTTP/1.1 103 Early Hints', ...fields].join('\r\n')}\r\n\r\n`
}

const twoLinks = hint('Link: </a.css>; rel=preload; as=style', 'Link: </b.js>; rel=preload', 'X-A: 1')
const quoted = hint('Link: </a.css>; rel=preload; title="a b"')

/** What an upstream sends, and what of it the client gets. `$`: and closes. */
const responses: readonly (readonly [name: string, sent: string, got: RegExp | string])[] = [
  ['early hints with several links', twoLinks + ok, twoLinks],
  ['early hints with a quoted title', quoted + ok, quoted],
  ['early hints without links', hint('X: y') + ok, hint('X: y')],
  ['many early hints', hint('Link: <a>').repeat(30) + ok, hint('Link: <a>').repeat(30)],
  ['102', `HTTP/1.1 102 Processing\r\n\r\n${ok}`, 'HTTP/1.1 102 Processing\r\n\r\n'],
  ['an interim response of its own', `HTTP/1.1 150 Foo\r\nA: b\r\n\r\n${ok}`, 'HTTP/1.1 150 Foo\r\nA: b\r\n\r\n'],
  [
    'a control character in an interim reason',
    `HTTP/1.1 103 a\x01b\r\nLink: <a>\r\n\r\n${ok}`,
    'HTTP/1.1 103 \r\nLink: <a>\r\n\r\n',
  ],
  [
    'interim fields about the connection',
    `HTTP/1.1 103 E\r\nConnection: x\r\nX: y\r\nA: b\r\n\r\n${ok}`,
    'HTTP/1.1 103 E\r\nA: b\r\n\r\n',
  ],
  ['100 that nobody asked for', `HTTP/1.1 100 Continue\r\n\r\n${ok}`, 'HTTP/1.1 100 Continue\r\n\r\n'],
  ['status 099', `HTTP/1.1 099 Odd\r\nContent-Length: 2\r\n\r\nok`, badGateway],
  ['status 000', `HTTP/1.1 000 Odd\r\nContent-Length: 2\r\n\r\nok`, badGateway],
  ['status 999', `HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nok`, /^HTTP\/1\.1 999 Odd\r\n.*ok$/s],
  ['a control character in the reason', ok.replace('OK', 'O\x01K'), /^HTTP\/1\.1 200 \r\n.*ok$/s],
  ['a reason in Latin-1', ok.replace('OK', 'O\xe9K'), /^HTTP\/1\.1 200 O\xe9K\r\n.*ok$/s],
  ['no reason', ok.replace(' OK', ''), /^HTTP\/1\.1 200 \r\n.*ok$/s],
  ['a control character in a field', ok.replace('\r\n', '\r\nX: a\x01b\r\n'), badGateway],
  ['a zero byte in a field', ok.replace('\r\n', '\r\nX: a\0b\r\n'), badGateway],
  ['101 that nobody asked for', 'HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: foo\r\n\r\nhello', badGateway],
  ['101 without a protocol', 'HTTP/1.1 101 Switching\r\n\r\nhello', badGateway],
  ['another transfer coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n', badGateway],
  ['two framings', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n', badGateway],
  [
    'Connection that names Content-Length',
    ok.replace('\r\n', '\r\nConnection: content-length\r\n'),
    /\r\nContent-Length: 2\r\n.*ok$/s,
  ],
  ['trailers announced where they have no place', ok.replace('\r\n', '\r\nTrailer: X\r\n'), asWas],
  ['204 with trailers announced', 'HTTP/1.1 204 No\r\nTrailer: X\r\n\r\n', /^HTTP\/1\.1 204 No\r\n/],
  [
    'trailers that frame',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nHost: h\r\nConnection: z\r\nX: y\r\n\r\n',
    /2\r\nok\r\n0\r\nX: y\r\n\r\n$/,
  ],
  [
    'a control character in a trailer',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: a\x01\r\n\r\n',
    brokenOff,
  ],
  [
    'a length in a trailer',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nContent-Length: 9\r\n\r\n',
    brokenOff,
  ],
  ['bytes behind a complete response', `${ok}extra`, asWas],
  ['a second response', ok + ok, asWas],
  ['no HTTP', 'garbage\r\n\r\n', badGateway],
  ['nothing', '$', badGateway],
  ['half of a head', 'HTTP/1.1 200 OK\r\nContent-$', badGateway],
  ['an interim response, and nothing more', 'HTTP/1.1 102 Processing\r\n\r\n$', /^HTTP\/1\.1 102 .*HTTP\/1\.1 502 /s],
  ['no end of content but that of the connection', 'HTTP/1.1 200 OK\r\n\r\nok$', /2\r\nok\r\n0\r\n\r\n$/],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\nok$', /2\r\nok\r\n0\r\n\r\n$/],
  ['more fields than Node reads by itself', ok.replace('\r\n', `\r\n${'A: b\r\n'.repeat(2100)}`), /(?:A: b\r\n){2100}.*ok$/s],
]

describe('whatever the upstream answers, the client has an answer and the next one too', () => {
  test.each(responses)('%s', async (_, sent, got) => {
    let next = sent
    const upstream = await rawUpstream((socket) => {
      socket.on('data', () => {
        const [bytes = '', end] = next.split('$')
        next = ok
        socket.write(bytes, 'latin1')
        if (end !== undefined) socket.end()
      })
    })
    const { port } = await startProxy(document, '--upstream', `http://127.0.0.1:${upstream}`, '--example')
    const answer = await talk(port, rawRequest('POST', '/x'))
    if (typeof got === 'string') {
      expect(answer.startsWith(got)).toBe(true)
      expect(answer.slice(got.length)).toMatch(asWas)
    } else expect(answer).toMatch(got)
    expect(await talk(port, rawRequest('POST', '/x'))).toMatch(asWas)
  })
})

test('HTTP/1.0 knows no interim responses', async () => {
  const upstream = await rawUpstream((socket) => {
    socket.on('data', () => socket.write(`${twoLinks}HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n${ok}`))
  })
  const { port } = await startProxy(document, '--upstream', `http://127.0.0.1:${upstream}`, '--example')
  expect(await talk(port, Buffer.from('GET /x HTTP/1.0\r\n\r\n'))).toMatch(asWas)
})

test.each([
  ['without content', rawRequest('GET', '/x', { keepAlive: true })],
  ['with content', rawRequest('POST', '/x', { keepAlive: true, body: 'x'.repeat(300_000) })],
])('a client that sends nothing more gets what the server still says: %s', async (_, bytes) => {
  let got = ''
  const upstream = await rawUpstream((socket) => {
    socket.on('data', (chunk) => {
      got += String(chunk)
    })
    // Only once the end has come through.
    socket.on('end', () => socket.end(ok))
  })
  const { port } = await startProxy(document, '--upstream', `http://127.0.0.1:${upstream}`, '--example')
  const socket = await dial(port)
  socket.end(bytes)
  expect(await rest(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n.*\r\n\r\nok$/s)
  expect(got.length).toBeGreaterThanOrEqual(bytes.length)
})

test('a client that is gone is no failure of the server', async () => {
  const server = createServer(() => {})
  const upstream = await serve(server)
  const arrived = once(server, 'request')
  const { port, out, stop } = await startProxy(document, '--upstream', `http://127.0.0.1:${upstream}`, '--example')
  const socket = await dial(port)
  socket.end(rawRequest('GET', '/x'))
  await arrived
  // Node takes the end of what a client sends for its going.
  expect(await rest(socket)).toBe('')
  expect(await stop()).toBe(0)
  expect(out.stdout).not.toContain('upstream')
})

import { once } from 'node:events'
import { createServer, type RequestListener, request } from 'node:http'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { dial, rawRequest, rest, talk } from '../../middleware/raw-client.ts'
import { deferred } from '../../middleware/wait.ts'
import { document, startProxy } from './run-proxy.ts'
import { serve } from './upstream-server.ts'

async function inFront(port: number, ...args: string[]): Promise<number> {
  return (await startProxy(document, '--upstream', `http://127.0.0.1:${port}`, '--example', ...args)).port
}

/** Without the fields that are about one connection and its framing. */
function content(answer: string): string {
  return answer.replaceAll(/^(?:connection|keep-alive): .*\r\n/gim, '')
}

/** Each answers with what it got, and with something of its own. */
const exchanges: Readonly<Record<string, { readonly listener: RequestListener; readonly bytes: Buffer }>> = {
  'names, values, order and repetition of fields': {
    listener(incoming, response) {
      response.sendDate = false
      const body = JSON.stringify(
        incoming.rawHeaders.filter((_, i, all) => !/^(?:connection|keep-alive)$/i.test(all[i - (i % 2)] ?? '')),
      )
      const fields = ['X-b', '1', 'Set-Cookie', 'a=1', 'X-B', '2', 'Set-Cookie', 'b=2', 'Content-Length', String(body.length)]
      response.writeHead(200, 'Quite Fine', fields as never)
      response.end(body)
    },
    bytes: rawRequest('GET', '/v1/orders?a=%2F&a=b&&c', {
      headers: { 'X-One': '1', 'x-two': 'z', Cookie: 'c=1; d=2', 'X-ONE': '3' },
    }),
  },
  'a path that no URL parser would keep': {
    listener: (incoming, response) => response.end(incoming.url),
    bytes: rawRequest('GET', '//v1/../v1/./orders?%zz#no'),
  },
  'a compressed body': {
    listener(_, response) {
      const body = gzipSync('{"id":"o1"}')
      response.writeHead(201, { 'Content-Encoding': 'gzip', 'Content-Type': 'application/json', 'Content-Length': body.length })
      response.end(body)
    },
    bytes: rawRequest('POST', '/v1/orders', { body: '{}', headers: { 'Content-Type': 'application/json' } }),
  },
  'an answer without content': {
    listener: (_, response) => response.writeHead(204).end(),
    bytes: rawRequest('DELETE', '/v1/orders'),
  },
  'an answer to HEAD': {
    listener: (_, response) => response.writeHead(200, { 'Content-Length': 12345, ETag: '"x"' }).end(),
    bytes: rawRequest('HEAD', '/v1/orders'),
  },
  'not modified': {
    listener: (_, response) => response.writeHead(304, { ETag: '"x"' }).end(),
    bytes: rawRequest('GET', '/v1/orders', { headers: { 'If-None-Match': '"x"' } }),
  },
  'a method of its own': {
    listener: (incoming, response) => response.end(incoming.method),
    bytes: rawRequest('PURGE', '/v1/orders'),
  },
  'a request and a response in chunks, with trailers': {
    listener(incoming, response) {
      incoming.resume().once('end', () => {
        response.writeHead(200, { Trailer: 'X-Sum' })
        response.write('part')
        response.addTrailers({ 'X-Sum': JSON.stringify(incoming.rawTrailers) })
        response.end('whole')
      })
    },
    bytes: Buffer.from(
      'POST /v1/orders HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: X-In\r\n\r\n' +
        '3\r\nabc\r\n0\r\nX-In: 1\r\n\r\n',
    ),
  },
  'content with GET': {
    listener(incoming, response) {
      incoming.pipe(response)
    },
    bytes: Buffer.from(
      'GET /v1/orders HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
    ),
  },
}

describe('the client sees what it would see without the proxy', () => {
  test.each(Object.entries(exchanges))('%s', async (_, { listener, bytes }) => {
    const port = await serve((incoming, response) => {
      response.sendDate = false
      listener(incoming, response)
    })
    const direct = await talk(port, bytes)
    expect(direct).toMatch(/^HTTP\/1\.1 [2-3]/)
    expect(content(await talk(await inFront(port), bytes))).toBe(content(direct))
  })
})

test('content goes on as it comes, both ways', async () => {
  const port = await serve((incoming, response) => {
    response.writeHead(200)
    response.flushHeaders()
    incoming.pipe(response)
  })
  const outgoing = request({ port: await inFront(port), path: '/v1/orders', method: 'POST' })
  outgoing.write('one')
  const [incoming] = await once(outgoing, 'response')
  expect(String((await once(incoming, 'data'))[0])).toBe('one')
  outgoing.write('two')
  expect(String((await once(incoming, 'data'))[0])).toBe('two')
  outgoing.end()
  await once(incoming.resume(), 'end')
})

test('the head of a response goes on before its content', async () => {
  const more = deferred<void>()
  const port = await serve(async (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    response.flushHeaders()
    await more.promise
    response.end('data: 1\n\n')
  })
  const outgoing = request({ port: await inFront(port), path: '/v1/events' }).end()
  const [incoming] = await once(outgoing, 'response')
  expect(incoming.headers['content-type']).toBe('text/event-stream')
  more.resolve()
  expect(String((await once(incoming, 'data'))[0])).toBe('data: 1\n\n')
})

test('a client that reads slowly slows the server down', async () => {
  let written = 0
  const full = deferred<void>()
  const chunk = Buffer.alloc(1 << 16)
  const port = await serve((_, response) => {
    while (response.write(chunk) && written < 1 << 30) written += chunk.length
    full.resolve()
  })
  const socket = await dial(await inFront(port))
  socket.pause()
  socket.write(rawRequest('GET', '/v1/orders'))
  await full.promise
  expect(written).toBeLessThan(1 << 24)
  socket.destroy()
})

test('100 Continue comes from the server', async () => {
  const server = createServer()
  const port = await serve(server)
  server.on('checkContinue', (incoming, response) => {
    if (incoming.headers['x-wanted'] === 'no') return response.writeHead(417).end()
    response.writeContinue()
    incoming.pipe(response)
  })
  const front = await inFront(port)
  const refused = await talk(
    front,
    rawRequest('POST', '/v1/orders', { headers: { Expect: '100-continue', 'X-Wanted': 'no', 'Content-Length': '3' } }),
  )
  expect(refused).toMatch(/^HTTP\/1\.1 417 /)
  const socket = await dial(front)
  socket.write(rawRequest('POST', '/v1/orders', { headers: { Expect: '100-continue', 'Content-Length': '3' } }))
  expect(String((await once(socket, 'data'))[0])).toBe('HTTP/1.1 100 Continue\r\n\r\n')
  const answer = rest(socket)
  socket.write('abc')
  expect(await answer).toMatch(/\r\n\r\n.*abc/s)
})

test('early hints go on', async () => {
  const port = await serve((_, response) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload' })
    response.end('x')
  })
  expect(await talk(await inFront(port), rawRequest('GET', '/v1/orders'))).toMatch(
    /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>; rel=preload\r\n\r\nHTTP\/1\.1 200 OK/i,
  )
})

test('after an upgrade bytes go both ways, and both sides end together', async () => {
  const server = createServer()
  const port = await serve(server)
  const ended = deferred<void>()
  server.on('upgrade', (incoming, socket, head) => {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\nX-Key: ${incoming.headers['x-key']}\r\n\r\n`,
    )
    socket.write(head)
    socket.pipe(socket)
    socket.on('close', () => ended.resolve())
  })
  const socket = await dial(await inFront(port))
  socket.write('GET /v1/chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\nX-Key: k\r\n\r\nfirst')
  let got = ''
  while (!got.endsWith('first')) got += String((await once(socket, 'data'))[0])
  expect(got).toBe('HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\nX-Key: k\r\n\r\nfirst')
  socket.write('second')
  expect(String((await once(socket, 'data'))[0])).toBe('second')
  socket.destroy()
  await ended.promise
})

test('a client that goes away is told to the server', async () => {
  const arrived = deferred<void>()
  const gone = deferred<void>()
  const port = await serve((incoming, response) => {
    incoming.resume()
    response.on('close', () => gone.resolve())
    arrived.resolve()
  })
  const socket = await dial(await inFront(port))
  socket.write(rawRequest('GET', '/v1/orders'))
  await arrived.promise
  socket.destroy()
  await gone.promise
})

test('half of a response does not look whole', async () => {
  const port = await serve((_, response) => {
    response.writeHead(200)
    response.write('half')
    setImmediate(() => response.destroy())
  })
  const answer = await talk(await inFront(port), rawRequest('GET', '/v1/orders'))
  expect(answer).toContain('half')
  expect(answer).not.toMatch(/0\r\n\r\n$/)
})

test('a server that is not there is a 502 that does not tell where it is', async () => {
  const server = createServer()
  const port = await serve(server)
  server.close()
  const { port: front, line } = await startProxy(document, '--upstream', `http://127.0.0.1:${port}`, '--example')
  const answer = await talk(front, rawRequest('POST', '/v1/orders', { body: '{}' }))
  expect(answer).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/)
  expect(answer).toContain('application/problem+json')
  expect(answer).not.toContain(String(port))
  expect(await line(/^upstream /)).toContain('ECONNREFUSED')
})

test('a kept connection that the server closes meanwhile costs no answer', async () => {
  const port = await serve((incoming, response) => {
    response.end('ok')
    response.on('finish', () => incoming.socket.destroy())
  })
  const front = await inFront(port)
  for (let i = 0; i < 20; i++) expect(await talk(front, rawRequest('GET', '/v1/orders'))).toMatch(/^HTTP\/1\.1 200 /)
})

test('the path of the upstream goes before that of the request', async () => {
  const port = await serve((incoming, response) => response.end(incoming.url))
  const { port: front } = await startProxy(document, '--upstream', `http://127.0.0.1:${port}/base/`, '--example')
  expect(await talk(front, rawRequest('GET', '/v1/orders?a'))).toMatch(/\/base\/v1\/orders\?a/)
})

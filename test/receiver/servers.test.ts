import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { createReceiver, type Receiver, type ReceiverOptions } from 'ringback/receiver'
import { afterEach, describe, expect, test } from 'vitest'
import { eventually, manualClock } from '../support/manual-clock.ts'
import { json } from './support.ts'

const cleanUp: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const clean of cleanUp.splice(0).reverse()) await clean()
})

async function listening(options: Partial<ReceiverOptions> = {}): Promise<Receiver> {
  const receiver = createReceiver({ baseUrl: 'http://127.0.0.1:0', ...options })
  cleanUp.push(() => receiver[Symbol.asyncDispose]())
  await receiver.listen()
  return receiver
}

interface Heard {
  readonly status: number
  readonly headers: readonly string[]
  readonly body: string
}

/** Without the fields that belong to the connection. */
const told = (headers: Iterable<readonly [string, string]>): string[] =>
  [...headers]
    .filter(([name]) => !['date', 'connection', 'keep-alive', 'content-length', 'transfer-encoding'].includes(name))
    .map(([name, value]) => `${name}: ${value}`)
    .sort()

interface Sent {
  readonly tail?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

const REQUESTS: Sent[] = [
  { body: '{"success":true}', headers: json },
  { body: '{"success":true}\n', headers: { ...json, 'webhook-id': 'a' } },
  { body: '{"success":true}\n', headers: { ...json, 'webhook-id': 'a' } },
  { body: '{"success":false}', headers: { ...json, 'webhook-id': 'a' } },
  { body: '{ "success" : true, "n": 1.0 }', headers: json },
  { body: '{"success":1}', headers: json },
  { body: '{bad', headers: json },
  { body: '<a/>', headers: { 'content-type': 'text/xml' } },
  { body: 'x' },
  { headers: json },
  { method: 'GET' },
  { method: 'HEAD' },
  { method: 'OPTIONS' },
  { method: 'PUT', body: '{"success":true}', headers: json },
  { method: 'DELETE' },
  { tail: '/data', body: '{}', headers: json },
  { tail: '?a=b&c=%20', body: '{"success":true}', headers: json },
  { tail: 'x', body: '{}', headers: json },
  { body: '{}', headers: { ...json, 'content-encoding': 'br' } },
  { body: JSON.stringify({ success: true, fill: 'x'.repeat(3000) }), headers: json },
]

test('O-64 node(), listen() and handle() answer the same, and keep the same bytes', async () => {
  const schema = { type: 'object', required: ['success'], properties: { success: { type: 'boolean' } } }
  const clock = manualClock()
  const limits = { maxBodyBytes: 2048 }
  const results: { heard: Heard[]; bodies: string[]; queries: string[] }[] = []

  const mounts: ((receiver: Receiver, url: string, sent: Sent) => Promise<Response>)[] = [
    (_receiver, url, { tail = '', ...init }) => fetch(url + tail, { method: 'POST', ...init }),
    (receiver, url, { tail = '', body, ...init }) =>
      receiver.handle(
        new Request(url + tail, { method: 'POST', ...init, body: body === undefined ? null : new TextEncoder().encode(body) }),
      ),
  ]
  for (const [index, mount] of mounts.entries()) {
    const receiver = await listening({ clock, limits })
    const cb = await receiver.create({ schema })
    // Node's fetch gives a text a media type; bytes have none.
    const sents = REQUESTS.map((sent) =>
      index === 0 && sent.body !== undefined ? { ...sent, body: new TextEncoder().encode(sent.body) as unknown as string } : sent,
    )
    const heard: Heard[] = []
    for (const sent of sents) {
      const response = await mount(receiver, cb.url, sent)
      heard.push({
        status: response.status,
        headers: told(response.headers),
        body: (await response.text()).replaceAll(cb.id, 'ID'),
      })
    }
    const calls = await cb.calls()
    results.push({
      heard,
      bodies: calls.map(({ rawBody }) => Buffer.from(rawBody).toString()),
      queries: calls.map(({ query }) => String(query)),
    })
  }
  expect(results[0]?.heard.map(({ status }) => status)).toEqual([
    200, 200, 200, 422, 200, 422, 400, 415, 415, 422, 405, 405, 204, 405, 405, 404, 200, 404, 415, 413,
  ])
  expect(results[1]).toEqual(results[0])
  expect(results[0]?.bodies).toEqual([
    '{"success":true}',
    '{"success":true}\n',
    '{ "success" : true, "n": 1.0 }',
    '{"success":true}',
  ])
})

describe('node()', () => {
  async function serve(listener: Parameters<typeof createServer>[1]): Promise<{ server: Server; port: number }> {
    const server = createServer(listener)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    cleanUp.push(
      () =>
        new Promise((resolve) => {
          server.close(resolve)
          server.closeAllConnections()
        }),
    )
    const address = server.address()
    return { server, port: typeof address === 'object' && address !== null ? address.port : 0 }
  }

  test('leaves other paths to the next handler, or answers 404', async () => {
    const receiver = createReceiver({ baseUrl: 'http://127.0.0.1' })
    const handler = receiver.node()
    const { port } = await serve((req, res) => handler(req, res, () => res.end('next')))
    expect(await (await fetch(`http://127.0.0.1:${port}/other`)).text()).toBe('next')
    expect(await (await fetch(`http://127.0.0.1:${port}/callbacksx/y`)).text()).toBe('next')
    expect((await fetch(`http://127.0.0.1:${port}/callbacks/y`)).status).toBe(404)
    const { port: alone } = await serve(receiver.node())
    expect((await fetch(`http://127.0.0.1:${alone}/other`)).status).toBe(404)
  })

  test('O-65 a body that was read before is a 500 that names the fix, and no call', async () => {
    const receiver = createReceiver({ baseUrl: 'http://127.0.0.1' })
    const handler = receiver.node()
    const { port } = await serve(async (req, res) => {
      for await (const chunk of req) void chunk
      handler(req, res)
    })
    const cb = await receiver.create({ method: ['POST', 'GET'] })
    const url = cb.url.replace('127.0.0.1', `127.0.0.1:${port}`)
    const response = await fetch(url, { method: 'POST', body: '{}', headers: json })
    expect([response.status, await response.json()]).toMatchObject([
      500,
      { detail: expect.stringContaining('before express.json()') },
    ])
    expect((await fetch(`${url}x`, { method: 'POST', body: '{}' })).status).toBe(404)
    expect((await cb.status()).accepted).toBe(0)
    // Without a body there is nothing to miss.
    expect((await fetch(url)).status).toBe(200)
  })

  test('O-65 the same with handle()', async () => {
    const receiver = createReceiver({ baseUrl: 'http://127.0.0.1' })
    const cb = await receiver.create()
    const read = new Request(cb.url, { method: 'POST', body: '{}' })
    await read.text()
    expect((await receiver.handle(read)).status).toBe(500)
  })

  test('HTTP/2: a body without a length, and none', async () => {
    const receiver = createReceiver({ baseUrl: 'http://127.0.0.1' })
    const handler = receiver.node()
    const server = createHttp2((req, res) => handler(req as unknown as IncomingMessage, res as unknown as ServerResponse))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const session = connectHttp2(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`)
    const verify = ({ headers }: { headers: Headers }): boolean => headers.get('x-a') === '1'
    const cb = await receiver.create({ method: ['POST', 'GET'], auth: { type: 'custom', verify } })
    const send = (method: string, body?: string): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const path = new URL(cb.url).pathname
        const stream = session.request({ ':method': method, ':path': path, 'x-a': '1', 'content-type': 'text/plain' })
        stream.on('response', (headers) => resolve(headers[':status'])).on('error', reject)
        stream.resume().end(body)
      })
    try {
      expect([await send('POST', 'hello'), await send('GET')]).toEqual([200, 200])
      expect((await cb.calls()).map(({ body }) => body)).toEqual(['hello', undefined])
      expect(await send('POST', 'x'.repeat(300_000))).toBe(413)
    } finally {
      session.destroy()
      await new Promise((resolve) => server.close(resolve))
    }
  })

  test('keeps header lines, the address of the sender, and a body with GET', async () => {
    const receiver = await listening()
    const cb = await receiver.create({ method: 'GET', contentTypes: ['text/plain'] })
    const { hostname, port, pathname } = new URL(cb.url)
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(
        {
          host: hostname,
          port,
          path: pathname,
          method: 'GET',
          headers: { 'content-type': 'text/plain', 'x-a': ['1', '2'], 'content-length': 2 },
        },
        (response) => {
          response.resume()
          response.on('end', () => resolve(response.statusCode))
        },
      )
      sent.on('error', reject)
      sent.end('hi')
    })
    expect(status).toBe(200)
    const call = await cb.next()
    expect([call.body, call.headers.get('x-a'), call.remoteAddress]).toEqual(['hi', '1, 2', '127.0.0.1'])
  })

  test.each(['TRACE', 'PROPFIND'])('%s, which is no method of ours, is 405', async (method) => {
    const receiver = await listening()
    const { hostname, port, pathname } = new URL((await receiver.create()).url)
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request({ host: hostname, port, path: pathname, method }, (response) => resolve(response.resume().statusCode))
      sent.on('error', reject)
      sent.end()
    })
    expect(status).toBe(405)
  })
})

/** Writes raw bytes, and gives what comes back until the connection ends. */
function raw(
  url: string,
  head: string,
  onConnect: (write: (text: string | Uint8Array) => boolean, drained: () => Promise<void>) => Promise<void>,
): Promise<string> {
  const { hostname, port, pathname } = new URL(url)
  return new Promise((resolve, reject) => {
    let heard = ''
    const socket = connect(Number(port), hostname, () => {
      socket.write(head.replace('URL', pathname))
      onConnect(
        (text) => socket.writable && socket.write(text),
        () => new Promise((done) => socket.once('drain', done).once('close', done)),
      ).catch(reject)
    })
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1')
    })
    socket.on('error', () => resolve(heard))
    socket.on('close', () => resolve(heard))
  })
}

describe('bodies that do not end well', () => {
  test('O-17 a body that stalls is 408 after bodyTimeout, and the connection ends', async () => {
    const clock = manualClock()
    const receiver = await listening({ clock })
    const cb = await receiver.create()
    const heard = raw(cb.url, 'POST URL HTTP/1.1\r\nhost: h\r\ncontent-length: 10\r\n\r\nx', async () => {
      await eventually(() => clock.pending > 0, 'the receiver to wait for the body')
      await clock.advance(9999)
      await clock.advance(1)
    })
    expect(await heard).toMatch(/^HTTP\/1\.1 408 [\s\S]*connection: close/i)
    expect(await cb.rejections()).toMatchObject([{ code: 'body-timeout', status: 408, bytes: 1 }])
    expect(await cb.status()).toMatchObject({ state: 'open', stored: 0 })
  })

  test('O-16 a declared length above the limit is 413 before any byte is read', async () => {
    const receiver = await listening()
    const cb = await receiver.create()
    const heard = await raw(cb.url, 'POST URL HTTP/1.1\r\nhost: h\r\ncontent-length: 10737418240\r\n\r\n', async () => {})
    expect(heard).toMatch(/^HTTP\/1\.1 413 /)
    expect(await cb.rejections()).toMatchObject([{ code: 'too-large' }])
  })

  test('O-16 U-23 8 MB in chunks are 413, and hardly more than the limit is held', async () => {
    const receiver = await listening()
    const cb = await receiver.create()
    const before = process.memoryUsage().arrayBuffers
    let peak = 0
    const heard = raw(cb.url, 'POST URL HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n', async (write, drained) => {
      const chunk = Buffer.concat([Buffer.from('8000\r\n'), Buffer.alloc(0x8000, 'x'), Buffer.from('\r\n')])
      for (let i = 0; i < 256; i++) {
        if (!write(chunk)) await drained()
        peak = Math.max(peak, process.memoryUsage().arrayBuffers - before)
      }
    })
    expect(await heard).toMatch(/^HTTP\/1\.1 413 /)
    expect(peak).toBeLessThan(4e6)
    expect(await cb.rejections()).toMatchObject([{ code: 'too-large' }])
    expect((await cb.status()).stored).toBe(0)
  })

  test('a sender that goes away in the middle has not called', async () => {
    const receiver = await listening()
    const cb = await receiver.create()
    const { hostname, port, pathname } = new URL(cb.url)
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write(`POST ${pathname} HTTP/1.1\r\nhost: h\r\ncontent-length: 10\r\n\r\nx`, () => socket.destroy())
      })
      socket.on('close', () => resolve())
    })
    await eventually(async () => (await cb.rejections()).length === 1, 'the rejection')
    expect(await cb.rejections()).toMatchObject([{ code: 'malformed', detail: 'the body ended before its time' }])
    expect((await cb.status()).stored).toBe(0)
  })
})

describe('listen()', () => {
  test('fills in port 0; before that there is no URL', async () => {
    const receiver = createReceiver({ baseUrl: 'http://127.0.0.1:0' })
    cleanUp.push(() => receiver[Symbol.asyncDispose]())
    const cb = await receiver.create()
    expect(() => cb.url).toThrow(/call listen\(\)/)
    const { url, close } = await receiver.listen()
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/)
    expect(cb.url.startsWith(`${url}/callbacks/`)).toBe(true)
    expect((await fetch(cb.url, { method: 'POST' })).status).toBe(200)
    await close()
    await close()
    await expect(fetch(cb.url, { method: 'POST' })).rejects.toThrow()
  })

  test('leaves a public URL as it is', async () => {
    const receiver = await listening({ baseUrl: 'https://hooks.example.org/api' })
    expect((await receiver.create()).url).toMatch(/^https:\/\/hooks\.example\.org\/api\/callbacks\//)
  })

  test('a port that is taken is an error', async () => {
    const receiver = createReceiver({ baseUrl: 'http://127.0.0.1:0' })
    cleanUp.push(() => receiver[Symbol.asyncDispose]())
    const { url } = await receiver.listen()
    await expect(receiver.listen({ port: Number(new URL(url).port) })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  test('closing answers who waits for an answer, and leaves no handle behind', async () => {
    const receiver = createReceiver({ baseUrl: 'http://127.0.0.1:0' })
    await receiver.listen()
    const cb = await receiver.create({ respond: 'manual' })
    const sent = fetch(cb.url, { method: 'POST' })
    await cb.next()
    await receiver[Symbol.asyncDispose]()
    expect((await sent).status).toBe(202)
    await expect(fetch(cb.url, { method: 'POST' })).rejects.toThrow()
  })
})

test('connections are kept for longer than load balancers count on, and end with the receiver', async () => {
  const receiver = await listening()
  const endpoint = await receiver.create()
  const response = await fetch(endpoint.url, { method: 'POST', body: '{}', headers: json })
  expect([response.status, response.headers.get('keep-alive')]).toEqual([200, 'timeout=65'])
  await response.arrayBuffer()
  await receiver.close()
  await expect(fetch(endpoint.url)).rejects.toThrow()
})

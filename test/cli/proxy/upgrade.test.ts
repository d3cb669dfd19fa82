import { once } from 'node:events'
import { createServer } from 'node:http'
import { createReceiver } from 'ringback/receiver'
import { afterEach, describe, expect, test } from 'vitest'
import { dial, rawRequest, rest, talk } from '../../middleware/raw-client.ts'
import { deferred } from '../../middleware/wait.ts'
import { document, startProxy } from './run-proxy.ts'
import { rawUpstream, strictUpstream } from './strict-upstream.ts'
import { serveAt } from './upstream-server.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const webSocket = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' }
// As curl --http2 and the client of Java send them with their first request.
const h2c = { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': 'AAEAAEAAAAIAAAAB' }

describe('a request that offers another protocol, and is answered in HTTP', () => {
  test.each([
    ['h2c', h2c],
    ['WebSocket', webSocket],
    ['something else', { Connection: 'upgrade', Upgrade: 'foo/1, h2c' }],
  ])('fires its callbacks: %s', async (_, offer) => {
    const upstream = await serveAt(
      createServer((request, response) => {
        request.resume().on('end', () => response.writeHead(201, { 'Content-Type': 'application/json' }).end('{"id":"o7"}'))
      }),
    )
    const receiver = createReceiver({ baseUrl: 'http://127.0.0.1:0', allowInsecureBaseUrl: true })
    await receiver.listen()
    closing.push(() => receiver[Symbol.asyncDispose]())
    const { port } = await startProxy(document, '-u', upstream, '--example', '--dev-loopback')
    const socket = await dial(port)
    const answers = rest(socket)
    // Each time on the same connection, and both at once.
    const endpoints = [await receiver.create(), await receiver.create()]
    for (const [i, { url }] of endpoints.entries()) {
      const headers = { 'Content-Type': 'application/json', ...offer, ...(i === 1 ? { 'X-Last': '1' } : {}) }
      socket.write(rawRequest('POST', '/v1/orders', { headers, body: JSON.stringify({ callbackUrl: url }), keepAlive: true }))
    }
    for (const endpoint of endpoints) expect((await endpoint.next()).body).toEqual({ id: 'o1', status: 'made' })
    socket.end()
    expect((await answers).match(/^HTTP\/1\.1 201 /gm)).toHaveLength(2)
  })

  test('goes on with the offer only where the answer may change the protocol', async () => {
    const upstream = await strictUpstream()
    const { port } = await startProxy(document, '-u', `http://127.0.0.1:${upstream.port}`, '--example')
    const offers = async (headers: Readonly<Record<string, string>>, body?: string): Promise<readonly string[]> => {
      upstream.messages.length = 0
      const socket = await dial(port)
      const request = rawRequest('GET', '/x', { headers, keepAlive: true, ...(body === undefined ? {} : { body }) })
      socket.write(Buffer.concat([request, rawRequest('GET', '/last')]))
      expect(await rest(socket)).toMatch(/^HTTP\/1\.1 200 /)
      return upstream.messages.flatMap(({ fields }) => fields.filter(([name]) => name === 'Upgrade').map(([, value]) => value))
    }
    expect(await offers(webSocket)).toEqual(['websocket'])
    expect(await offers({ ...webSocket, Upgrade: 'h2c, websocket' })).toEqual(['websocket'])
    expect(await offers(webSocket, 'content')).toEqual([])
    expect(await offers(h2c)).toEqual([])
    // Nothing that stands behind is lost.
    expect(upstream.messages.map(({ target }) => target)).toEqual(['/x', '/last'])
  })

  test('waits for the answers before it', async () => {
    const upstream = await rawUpstream((socket) => {
      socket.on('data', (bytes) => {
        const [, target = ''] = String(bytes).split(' ')
        setImmediate(() => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${target.length}\r\n\r\n${target}`))
      })
    })
    const { port } = await startProxy(document, '-u', `http://127.0.0.1:${upstream}`, '--example')
    const requests = ['/1', '/2'].map((target) => rawRequest('GET', target, { keepAlive: true }))
    const offers = ['/3', '/4'].map((target) => rawRequest('GET', target, { headers: h2c, keepAlive: true }))
    const last = rawRequest('GET', '/5', { headers: webSocket })
    const answer = await talk(port, Buffer.concat([...requests, ...offers, last]))
    expect(answer.match(/(?<=\r\n)\/\d/g)).toEqual(['/1', '/2', '/3', '/4', '/5'])
  })

  test('may be answered at length', async () => {
    const content = 'x'.repeat(5_000_000)
    const upstream = await serveAt(createServer((_, response) => response.writeHead(403).end(content)))
    const { port } = await startProxy(document, '-u', upstream, '--example')
    const answer = await talk(port, rawRequest('GET', '/x', { headers: webSocket }))
    expect(answer).toMatch(/^HTTP\/1\.1 403 /)
    expect(answer.match(/x/g)?.length).toBeGreaterThanOrEqual(content.length)
  })

  test('many times on a connection leaves nothing behind', async () => {
    const warnings: Error[] = []
    const onWarning = (warning: Error): void => void warnings.push(warning)
    process.on('warning', onWarning)
    closing.push(() => process.off('warning', onWarning))
    const upstream = await serveAt(createServer((_, response) => response.end('ok')))
    const { port } = await startProxy(document, '-u', upstream, '--example')
    const socket = await dial(port)
    for (let i = 0; i < 50; i++) {
      socket.write(rawRequest('GET', '/x', { headers: h2c, keepAlive: true }))
      let answer = ''
      while (!answer.endsWith('0\r\n\r\n') && !answer.endsWith('ok')) answer += String((await once(socket, 'data'))[0])
    }
    socket.write(Buffer.concat(Array.from({ length: 50 }, () => rawRequest('GET', '/x', { keepAlive: true }))))
    socket.end(rawRequest('GET', '/x'))
    await rest(socket)
    expect(warnings.filter(({ name }) => name.startsWith('MaxListeners'))).toEqual([])
  })
})

test('a WebSocket with the server down is a 502, and is told', async () => {
  const server = createServer()
  const upstream = await serveAt(server)
  server.close()
  const { port, line } = await startProxy(document, '-u', upstream, '--example')
  const answer = await talk(port, rawRequest('GET', '/x', { headers: webSocket }))
  expect(answer).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/)
  expect(await line(/^upstream /)).toContain('ECONNREFUSED')
})

test('what a server sends right before it closes a tunnel arrives', async () => {
  const content = 'x'.repeat(3_000_000)
  const upstream = await rawUpstream((socket) => {
    socket.once('data', () =>
      socket.end(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n${content}`),
    )
  })
  const { port } = await startProxy(document, '-u', `http://127.0.0.1:${upstream}`, '--example')
  const answer = await talk(port, rawRequest('GET', '/x', { headers: webSocket }))
  expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toHaveLength(content.length)
})

test('a client that leaves before the server has agreed is told to it', async () => {
  const arrived = deferred<void>()
  const gone = deferred<void>()
  const upstream = await rawUpstream((socket) => {
    socket.once('data', () => arrived.resolve())
    socket.on('close', () => gone.resolve())
    socket.on('end', () => socket.end())
  })
  const { port } = await startProxy(document, '-u', `http://127.0.0.1:${upstream}`, '--example')
  const socket = await dial(port)
  socket.write(rawRequest('GET', '/x', { headers: webSocket }))
  await arrived.promise
  socket.destroy()
  await gone.promise
})

test('CONNECT is none of our business', async () => {
  const upstream = await strictUpstream()
  const { port } = await startProxy(document, '-u', `http://127.0.0.1:${upstream.port}`, '--example')
  expect(await talk(port, rawRequest('CONNECT', 'other:443'))).toBe('')
  expect(upstream.messages).toEqual([])
})

describe('SIGTERM', () => {
  test('ends tunnels, event streams and what hangs, after the time that --drain gives them', async () => {
    const open = deferred<void>()
    const server = createServer((request, response) => {
      if (request.url !== '/events') return open.resolve()
      response.writeHead(200, { 'Content-Type': 'text/event-stream' })
      response.write('data: 1\n\n')
    })
    server.on('upgrade', (_, socket) => {
      socket.on('error', () => {})
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhi')
    })
    const upstream = await serveAt(server)
    const { port, stop } = await startProxy(document, '-u', upstream, '--example', '--drain', '50ms')
    const [tunnel, stream, hanging] = [await dial(port), await dial(port), await dial(port)]
    tunnel.write(rawRequest('GET', '/x', { headers: webSocket }))
    stream.write(rawRequest('GET', '/events', { keepAlive: true }))
    await Promise.all([once(tunnel, 'data'), once(stream, 'data')])
    hanging.write(rawRequest('GET', '/hang', { keepAlive: true }))
    await open.promise
    const ends = [tunnel, stream, hanging].map((socket) => rest(socket.on('error', () => {})))
    expect(await stop()).toBe(0)
    await Promise.all(ends)
  })

  test('waits for what is under way, and for nothing else', async () => {
    const arrived = deferred<void>()
    const answer = deferred<void>()
    const server = createServer(async (request, response) => {
      if (request.url === '/x') {
        arrived.resolve()
        await answer.promise
      }
      response.end('ok')
    })
    server.on('upgrade', (_, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhi')
      socket.on('end', () => socket.end()).resume()
    })
    const upstream = await serveAt(server)
    const { port, stop } = await startProxy(document, '-u', upstream, '--example', '--drain', '1h')
    const idle = await dial(port)
    idle.write(rawRequest('GET', '/idle', { keepAlive: true }))
    await once(idle, 'data')
    const ended = rest(idle)
    const tunnel = await dial(port)
    tunnel.write(rawRequest('GET', '/tunnel', { headers: webSocket }))
    await once(tunnel, 'data')
    tunnel.destroy()
    const socket = await dial(port)
    const answers = rest(socket)
    socket.write(rawRequest('GET', '/x', { keepAlive: true }))
    await arrived.promise
    const stopped = stop()
    answer.resolve()
    // Kept connections would be open for five seconds.
    const before = performance.now()
    expect(await stopped).toBe(0)
    expect(performance.now() - before).toBeLessThan(4000)
    await ended
    expect(await answers).toMatch(/^HTTP\/1\.1 200 OK\r\n.*ok/s)
  })
})

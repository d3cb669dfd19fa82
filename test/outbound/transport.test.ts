import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import {
  createTransport,
  publicInternet,
  type Resolver,
  type Transport,
  type TransportOptions,
} from '../../src/outbound/index.ts'
import { manualClock } from '../support/manual-clock.ts'

const policy = publicInternet({ devLoopback: true })
const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

function transportOf(options: TransportOptions = {}): Transport {
  const transport = createTransport({ policy, ...options })
  cleanUp.push(() => transport.close())
  return transport
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUp.push(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function http(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  cleanUp.push(() => server.closeAllConnections())
  return listening(server)
}

/** Speaks raw bytes; every socket is destroyed afterwards. */
async function tcp(onSocket: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  cleanUp.push(() => {
    for (const socket of sockets) socket.destroy()
  })
  return listening(
    createTcpServer((socket) => {
      sockets.add(socket.on('error', () => {}))
      onSocket(socket)
    }),
  )
}

/** undici takes a connection up again in the next turn of the event loop. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))

const post = (url: string, body = '{}') => ({
  method: 'POST',
  url,
  headers: { 'content-type': 'application/json' },
  body: new TextEncoder().encode(body),
})

describe('an answer', () => {
  test('has status, header fields, content, and the facts of the connection', async () => {
    const url = await http((_request, response) => response.writeHead(201, { 'x-a': ['1', '2'] }).end('made'))
    const transport = transportOf()
    const first = await transport.send(post(`${url}/cb?x=1#frag`))
    expect(first).toMatchObject({ phase: 'body', sent: 'yes', reusedConnection: false, remoteAddress: '127.0.0.1' })
    expect(first.outcome).toMatchObject({
      kind: 'response',
      status: 201,
      completeness: 'complete',
      headers: { 'x-a': ['1', '2'] },
    })
    expect(first.outcome.kind === 'response' && Buffer.from(first.outcome.body).toString()).toBe('made')
    expect(Object.keys(first.timings).sort()).toEqual(['connect', 'dns', 'firstByte', 'total'])

    await nextTurn()
    const second = await transport.send(post(url))
    expect(second).toMatchObject({ reusedConnection: true, remoteAddress: '127.0.0.1' })
    expect(Object.keys(second.timings).sort()).toEqual(['firstByte', 'total'])
  })

  test('is not followed when it redirects', async () => {
    const seen: (string | undefined)[] = []
    const url = await http((request, response) => {
      seen.push(request.url)
      response.writeHead(307, { location: '/elsewhere' }).end()
    })
    expect((await transportOf().send(post(`${url}/cb`))).outcome).toMatchObject({ kind: 'response', status: 307 })
    expect(seen).toEqual(['/cb'])
  })

  test('may be announced by 1xx responses', async () => {
    const url = await http((_request, response) => {
      response.writeEarlyHints({ link: '</a>; rel=preload' })
      response.writeHead(204).end()
    })
    expect((await transportOf().send(post(url))).outcome).toMatchObject({ status: 204, completeness: 'complete' })
  })

  const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi'
  const carryOn = 'HTTP/1.1 100 Continue\r\n\r\n'
  test.each([
    ['once', carryOn + ok],
    ['twice, with fields', `HTTP/1.1 100\r\n\r\nHTTP/1.1 100 Go on\r\nx-a: 1\r\n\r\n${ok}`],
    ['before another interim response', `${carryOn}HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${ok}`],
  ])('may be announced by 100 Continue that nobody has asked for: %s', async (_name, answer) => {
    // In one piece, byte by byte, and cut where the response begins; the second request goes over the same connection.
    for (const size of [answer.length, 1, carryOn.length]) {
      let connections = 0
      const url = await tcp((socket) => {
        connections++
        socket.setNoDelay(true)
        socket.on('data', async () => {
          for (let at = 0; at < answer.length; at += size) {
            await new Promise((resolve) => socket.write(answer.slice(at, at + size), resolve))
            await nextTurn()
          }
        })
      })
      const transport = transportOf()
      for (const reusedConnection of [false, true]) {
        const report = await transport.send(post(url))
        expect(report).toMatchObject({ reusedConnection, sent: 'yes', outcome: { status: 200, completeness: 'complete' } })
        expect(report.outcome.kind === 'response' && Buffer.from(report.outcome.body).toString()).toBe('hi')
        await nextTurn()
      }
      expect(connections).toBe(1)
    }
  })

  test('is content, where it looks like 100 Continue', async () => {
    const url = await tcp((socket) => {
      socket.once('data', async () => {
        for (const piece of [`HTTP/1.1 200 OK\r\ncontent-length: ${carryOn.length}\r\n\r\n`, carryOn]) {
          await new Promise((resolve) => socket.write(piece, resolve))
          await nextTurn()
        }
      })
    })
    const { outcome } = await transportOf().send(post(url))
    expect(outcome.kind === 'response' && Buffer.from(outcome.body).toString()).toBe(carryOn)
  })

  test.each([
    ['100 and no end', 'HTTP/1.1 100 Continue\r\nx: ', 'reset'],
    ['100 that is too long', `HTTP/1.1 100 Continue\r\nx: ${'a'.repeat(20_000)}`, 'oversized'],
    ['100 and nothing', carryOn, 'reset'],
    ['half a line', 'HTTP/1.1 1', 'reset'],
    ['early hints', 'HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n', 'reset'],
    ['100 after early hints', `HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n${carryOn}`, 'protocol'],
    ['101', 'HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: h\r\n\r\n', 'protocol'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nhi!', 'protocol'],
    ['no HTTP', 'hello', 'protocol'],
  ])('on a connection that has served before: %s, and it closes', async (_name, answer, cause) => {
    let requests = 0
    const url = await tcp((socket) => {
      let served = 0
      socket.on('data', () => {
        requests++
        if (served++ === 0) socket.write('HTTP/1.1 204 No Content\r\n\r\n')
        else socket.end(answer)
      })
    })
    const transport = transportOf()
    await transport.send(post(url))
    await nextTurn()
    // The receiver has seen it: a dispatcher counts it as an attempt instead of sending it again at once.
    expect(await transport.send(post(url))).toMatchObject({
      reusedConnection: true,
      sent: 'yes',
      phase: 'response',
      outcome: { kind: 'failed', cause },
    })
    expect(requests).toBe(2)
  })

  test('is read up to the limit, then the connection is closed', async () => {
    let closed: () => void = () => {}
    const isClosed = new Promise<void>((resolve) => {
      closed = resolve
    })
    const url = await http((_request, response) => {
      response.on('close', closed)
      response.writeHead(200)
      const pour = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384, 'x')));
        if (!response.destroyed) response.once('drain', pour)
      }
      pour()
    })
    const { outcome } = await transportOf().send(post(url))
    expect(outcome).toMatchObject({ kind: 'response', status: 200, completeness: 'truncated' })
    expect(outcome.kind === 'response' && outcome.body.byteLength).toBe(65_536)
    await isClosed
  })

  test('exactly at the limit is complete', async () => {
    const url = await http((_request, response) => response.end(Buffer.alloc(100)))
    const { outcome } = await transportOf({ maxResponseBytes: 100 }).send(post(url))
    expect(outcome).toMatchObject({ completeness: 'complete' })
  })
})

describe('budgets', () => {
  test('a body that drips ends with the total timeout; its status counts', async () => {
    const url = await tcp((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n')
      const drip = setInterval(() => socket.write('x'), 10)
      socket.on('close', () => clearInterval(drip))
    })
    const report = await transportOf({ totalTimeoutMs: 150 }).send(post(url))
    expect(report).toMatchObject({
      phase: 'body',
      sent: 'yes',
      outcome: { kind: 'response', status: 200, completeness: 'broken' },
    })
    expect(report.timings.total).toBeLessThan(2000)
  })

  test('requests that began together end together, not one late, and the timer goes with the last', async () => {
    const clock = manualClock()
    let sockets = 0
    const url = await tcp((socket) => {
      sockets++
      socket.on('data', (bytes) => {
        if (bytes.includes('quick')) socket.write('HTTP/1.1 204 No Content\r\n\r\n')
      })
    })
    const transport = transportOf({ clock, totalTimeoutMs: 15_000 })
    const ended: string[] = []
    const send = (name: string): Promise<unknown> =>
      transport.send(post(url, name)).then(({ outcome }) => ended.push(`${name}: ${outcome.kind}`))
    const first = send('first')
    await clock.advance(9)
    const second = send('second')
    await clock.advance(1)
    const third = send('third')
    // Whatever the clock says meanwhile.
    clock.jump(-3_600_000)
    const quick = send('quick')
    await quick
    while (sockets < 4) await nextTurn()
    await clock.advance(14_989)
    await nextTurn()
    expect(ended).toEqual(['quick: response'])
    await clock.advance(1)
    await Promise.all([first, second])
    expect(ended).toEqual(['quick: response', 'first: failed', 'second: failed'])
    await clock.advance(10)
    await third
    expect(ended).toHaveLength(4)
    expect(clock.pending).toBe(0)
  })

  test('a header section that drips ends with the total timeout', async () => {
    const url = await tcp((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      const drip = setInterval(() => socket.write('a: b\r\n'), 10)
      socket.on('close', () => clearInterval(drip))
    })
    const report = await transportOf({ totalTimeoutMs: 150 }).send(post(url))
    expect(report).toMatchObject({ phase: 'response', sent: 'yes', outcome: { kind: 'failed', cause: 'timeout' } })
  })

  test('a header section over the limit fails', async () => {
    const url = await tcp((socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`))
    expect((await transportOf().send(post(url))).outcome).toMatchObject({ kind: 'failed', cause: 'oversized' })
  })

  test('a name that is not resolved in time', async () => {
    const resolver: Resolver = () => new Promise(() => {})
    const report = await transportOf({ resolver, dnsTimeoutMs: 20 }).send(post('http://hooks.example.com/'))
    expect(report).toMatchObject({ phase: 'dns', sent: 'no', outcome: { kind: 'failed', cause: 'timeout' } })
  })

  test('a request that waits for a connection is not sent after it has timed out', async () => {
    let requests = 0
    const answers: (() => void)[] = []
    const url = await http((_request, response) => {
      requests++
      answers.push(() => response.end())
      if (requests === 1) firstArrived()
    })
    let firstArrived: () => void = () => {}
    const arrived = new Promise<void>((resolve) => {
      firstArrived = resolve
    })
    const transport = transportOf({ connectionsPerOrigin: 1 })
    const first = transport.send(post(url))
    await arrived
    const controller = new AbortController()
    const second = transport.send(post(url), { signal: controller.signal })
    controller.abort()
    expect(await second).toMatchObject({ sent: 'no', outcome: { kind: 'failed', cause: 'aborted' } })
    answers[0]?.()
    await first
    expect((await transport.send(post('http://127.0.0.1:1/'))).sent).toBe('no')
    expect(requests).toBe(1)
  })

  test.each([
    ['a body over the limit', { ...post('http://hooks.example.com/'), body: new Uint8Array(262_145) }],
    ['a header section over the limit', { ...post('http://hooks.example.com/'), headers: { x: 'a'.repeat(16_384) } }],
    ['a field of the transport', { ...post('http://hooks.example.com/'), headers: { 'Content-Length': '5' } }],
    ['another host', { ...post('http://hooks.example.com/'), headers: { host: 'internal' } }],
    ['a line break in a value', { ...post('http://hooks.example.com/'), headers: { a: 'x\r\nhost: internal' } }],
    ['a bad name', { ...post('http://hooks.example.com/'), headers: { 'a b': 'x' } }],
    ['a bad method', { ...post('http://hooks.example.com/'), method: 'GET / HTTP/1.1\r\n' }],
    ['CONNECT', { ...post('http://hooks.example.com/'), method: 'CONNECT' }],
  ])('%s cannot be built', async (_name, request) => {
    expect(await transportOf().send(request)).toMatchObject({ sent: 'no', outcome: { kind: 'unbuildable' } })
  })
})

describe('trouble', () => {
  test('nobody listens', async () => {
    const server = createTcpServer()
    const url = await listening(server)
    await new Promise((resolve) => server.close(resolve))
    const report = await transportOf().send(post(url))
    expect(report).toMatchObject({
      phase: 'connect',
      sent: 'no',
      outcome: { kind: 'failed', cause: 'connect', code: 'ECONNREFUSED' },
    })
  })

  test('the connection ends before an answer', async () => {
    const url = await tcp((socket) => socket.once('data', () => socket.destroy()))
    expect(await transportOf().send(post(url))).toMatchObject({ phase: 'request', sent: 'maybe', outcome: { cause: 'reset' } })
  })

  test('the connection ends inside the content', async () => {
    const url = await tcp((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\nhalf')),
    )
    const { outcome } = await transportOf().send(post(url))
    expect(outcome).toMatchObject({ kind: 'response', status: 500, completeness: 'broken' })
  })

  test('what answers is not HTTP', async () => {
    const url = await tcp((socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.6\r\n')))
    expect((await transportOf().send(post(url))).outcome).toMatchObject({ kind: 'failed', cause: 'protocol' })
  })

  test('the peer switches protocols', async () => {
    const url = await tcp((socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n')),
    )
    expect((await transportOf().send(post(url))).outcome).toMatchObject({ kind: 'failed' })
  })

  test('the peer does not speak TLS', async () => {
    const url = await tcp((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))
    const report = await transportOf().send(post(url.replace('http:', 'https:')))
    expect(report).toMatchObject({ phase: 'tls', sent: 'no', outcome: { kind: 'failed', cause: 'tls' } })
  })

  test('the resolver fails', async () => {
    const resolver: Resolver = () => Promise.reject(Object.assign(new Error('no'), { code: 'EAI_AGAIN' }))
    const report = await transportOf({ resolver }).send(post('http://hooks.example.com/'))
    expect(report).toMatchObject({ phase: 'dns', sent: 'no', outcome: { kind: 'failed', cause: 'dns', code: 'EAI_AGAIN' } })
  })

  test('an idle connection was closed by the peer', async () => {
    const sockets: Socket[] = []
    const url = await tcp((socket) => {
      sockets.push(socket)
      socket.once('data', () => {
        socket.write('HTTP/1.1 204 No Content\r\n\r\n')
        socket.once('data', () => socket.destroy())
      })
    })
    const transport = transportOf()
    await transport.send(post(url))
    await nextTurn()
    expect(await transport.send(post(url))).toMatchObject({ reusedConnection: true, sent: 'maybe', outcome: { cause: 'reset' } })
    expect(sockets).toHaveLength(1)
  })

  test('the transport is closed', async () => {
    const transport = transportOf()
    await transport.close()
    expect(await transport.send(post('http://hooks.example.com/'))).toMatchObject({ sent: 'no', outcome: { cause: 'aborted' } })
  })

  test('it is aborted on its way', async () => {
    const controller = new AbortController()
    const url = await http(() => controller.abort())
    const report = await transportOf().send(post(url), { signal: controller.signal })
    expect(report).toMatchObject({ sent: 'maybe', outcome: { kind: 'failed', cause: 'aborted' } })
    const again = await transportOf().send(post(url), { signal: controller.signal })
    expect(again).toMatchObject({ sent: 'no', outcome: { cause: 'aborted' } })
  })
})

describe('TLS', () => {
  const pem = (name: string): string => readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url), 'utf8')
  const ca = pem('certificate')
  const resolver: Resolver = async () => ['127.0.0.1']

  async function https(): Promise<string> {
    const server = createHttpsServer({ cert: ca, key: pem('key') }, (request, response) => {
      response.writeHead(200).end(`${(request.socket as TLSSocket).servername} ${request.headers.host}`)
    })
    cleanUp.push(() => server.closeAllConnections())
    return new URL(await listening(server)).port
  }

  test('a name, a name with the dot of the root, and an address', async () => {
    const port = await https()
    const transport = transportOf({ resolver, tls: { ca } })
    const bodyOf = async (url: string): Promise<string> => {
      const { outcome } = await transport.send(post(url))
      return outcome.kind === 'response' ? Buffer.from(outcome.body).toString() : JSON.stringify(outcome)
    }
    expect(await bodyOf(`https://hooks.example.com:${port}/`)).toBe(`hooks.example.com hooks.example.com:${port}`)
    expect(await bodyOf(`https://hooks.example.com.:${port}/`)).toBe(`hooks.example.com hooks.example.com:${port}`)
    expect(await bodyOf(`https://127.0.0.1:${port}/`)).toBe(`false 127.0.0.1:${port}`)
    const { timings } = await transport.send(post(`https://127.0.0.1:${await https()}/`))
    expect(Object.keys(timings).sort()).toEqual(['connect', 'dns', 'firstByte', 'tls', 'total'])
  })

  test.each([
    ['of another name', 'https://other.example.com', { ca }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['of nobody we know', 'https://hooks.example.com', {}, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ])('a certificate %s: nothing is sent', async (_name, origin, tls, code) => {
    const report = await transportOf({ resolver, tls }).send(post(`${origin}:${await https()}/`))
    expect(report).toMatchObject({ phase: 'tls', sent: 'no', outcome: { kind: 'failed', cause: 'tls', code } })
  })
})

describe('the guard', () => {
  test('refuses the address of the connected socket, whatever the dialler did', async () => {
    let bytes = 0
    const url = await tcp((socket) =>
      socket.on('data', (chunk) => {
        bytes += chunk.byteLength
      }),
    )
    const port = Number(new URL(url).port)
    const { connect } = await import('node:net')
    const transport = transportOf({
      policy: publicInternet(),
      resolver: async () => ['93.184.215.14'],
      // A name server, a NAT or a bug has led elsewhere.
      dialler: () => (_target, callback) => {
        const socket = connect(port, '127.0.0.1', () => callback(null, socket))
      },
    })
    const report = await transport.send(post('http://hooks.example.com/'))
    expect(report).toMatchObject({ phase: 'policy', sent: 'no', outcome: { kind: 'refused', refusal: { rule: 'special-v4' } } })
    expect(bytes).toBe(0)
  })

  test('judges the answer of the resolver for every connection anew', async () => {
    let answer = ['127.0.0.1']
    const url = await http((_request, response) => response.writeHead(204, { connection: 'close' }).end())
    const port = new URL(url).port
    const transport = transportOf({ resolver: async () => answer })
    expect((await transport.send(post(`http://hooks.example.com:${port}/`))).outcome).toMatchObject({ status: 204 })
    answer = ['127.0.0.1', '10.0.0.1']
    expect((await transport.send(post(`http://hooks.example.com:${port}/`))).outcome).toMatchObject({ kind: 'refused' })
  })

  test('no proxy of the environment is used', async () => {
    const proxied: string[] = []
    const proxy = await http((request, response) => {
      proxied.push(request.url ?? '')
      response.end()
    })
    const url = await http((_request, response) => response.writeHead(204).end())
    const names = ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy']
    const before = names.map((name) => [name, process.env[name]] as const)
    for (const name of names) process.env[name] = proxy
    try {
      expect((await transportOf().send(post(url))).outcome).toMatchObject({ status: 204 })
      expect(proxied).toEqual([])
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name]
        else process.env[name] = value
      }
    }
  })
})

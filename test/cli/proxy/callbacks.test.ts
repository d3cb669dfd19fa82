import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { gzipSync } from 'node:zlib'
import { sqliteStore } from 'ringback/dispatcher'
import { createReceiver, type Receiver } from 'ringback/receiver'
import { afterEach, expect, test } from 'vitest'
import { document, file, proxy, startProxy } from './run-proxy.ts'
import { serveAt } from './upstream-server.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const upstream = (listener: RequestListener = made): Promise<string> => serveAt(listener)

/** Answers without looking at the request's content. */
const made: RequestListener = (request, response) => {
  request.resume()
  response.writeHead(201, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' })
  response.end(gzipSync('{"id":"o7"}'))
}

async function receiver(): Promise<Receiver> {
  const made = createReceiver({ baseUrl: 'http://127.0.0.1:0', allowInsecureBaseUrl: true })
  await made.listen()
  closing.push(() => made[Symbol.asyncDispose]())
  return made
}

function order(port: number, callbackUrl: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}/v1/orders`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ callbackUrl }),
  })
}

const handlers = file(
  'handlers.mjs',
  `export default {
    createOrder: {
      onDone: ({ exchange }) => ({ body: { id: exchange.response.body.id, status: 'from the handler' } }),
    },
  }`,
)

test('--example sends the example, --store keeps the delivery', async () => {
  const endpoint = await (await receiver()).create()
  const path = file('store.sqlite')
  const front = await startProxy(document, '-u', await upstream(), '--example', '--dev-loopback', '--store', `sqlite:${path}`)
  const response = await order(front.port, endpoint.url)
  expect([response.status, await response.json()]).toEqual([201, { id: 'o7' }])
  expect((await endpoint.next()).body).toEqual({ id: 'o1', status: 'made' })
  const told = await front.line(/^delivered /)
  expect(told).toContain('delivered 200 onDone of createOrder POST http://127.0.0.1:')
  expect(front.out.stdout).not.toContain(new URL(endpoint.url).pathname.split('/').at(-1))
  expect(await front.stop()).toBe(0)
  const store = sqliteStore({ path })
  closing.push(() => store.close())
  expect((await store.list({ limit: 9 })).map(({ state }) => state)).toEqual(['delivered'])
})

test('--handlers has the same handlers as the middleware, and sees both bodies', async () => {
  const endpoint = await (await receiver()).create()
  const front = await startProxy(document, '-u', await upstream(), '--handlers', handlers, '--dev-loopback', '--json')
  await order(front.port, endpoint.url)
  expect((await endpoint.next()).body).toEqual({ id: 'o7', status: 'from the handler' })
  const delivered = JSON.parse(await front.line(/"delivered"/))
  expect(delivered).toMatchObject({ operation: 'createOrder', callback: 'onDone', method: 'POST', attempt: 1, outcome: 200 })
  const [listening, started] = front.out.stdout.split('\n').map((line) => (line === '' ? undefined : JSON.parse(line)))
  expect(listening).toMatchObject({ type: 'listening', url: `http://127.0.0.1:${front.port}` })
  expect(started).toMatchObject({ type: 'started', operations: 1, callbacks: 1, handlers: 1, problems: [] })
})

test('what a killed proxy has accepted, the next one delivers', async () => {
  const path = file('killed.sqlite')
  const target = await receiver()
  const endpoint = await target.create()
  // Nobody may be called: the delivery stays where it is.
  const before = ['-u', await upstream(), '--example', '--store', `sqlite:${path}`]
  const first = await startProxy(document, ...before, '--allow', 'hooks.example.test')
  await order(first.port, endpoint.url)
  await first.line(/^enqueued /)
  await first.line(/^dead /)
  await first.stop()
  const store = sqliteStore({ path })
  const [delivery] = await store.list({ limit: 1 })
  await store.change([delivery?.id ?? ''], 'requeue', Date.now())
  await store.close()
  await startProxy(document, ...before, '--dev-loopback')
  expect((await endpoint.next()).body).toEqual({ id: 'o1', status: 'made' })
})

test('SIGTERM while a handler takes its time costs no answer', async () => {
  const endpoint = await (await receiver()).create()
  const slow = file(
    'slow.mjs',
    `export default { createOrder: { onDone: async () => {
      process.emit('ringback-test:handler')
      await new Promise((resolve) => process.once('ringback-test:go', resolve))
      return { body: { id: 'o1' } }
    } } }`,
  )
  const begun = once(process, 'ringback-test:handler')
  const args = ['--handlers', slow, '--dev-loopback', '--store', `sqlite:${file('held.sqlite')}`]
  const front = await startProxy(document, '-u', await upstream(), ...args)
  const response = order(front.port, endpoint.url)
  await begun
  const stopped = front.stop()
  process.emit('ringback-test:go' as never)
  expect((await response).status).toBe(201)
  expect(await stopped).toBe(0)
})

test('--dry-run only tells', async () => {
  const front = await startProxy(document, '-u', await upstream(), '--example', '--dry-run')
  await order(front.port, 'https://hooks.example.com/secret-path?token=abc')
  const line = await front.line(/^dry run /)
  expect(line).toContain('onDone of createOrder POST https://hooks.example.com/')
  expect(line).not.toContain('abc')
})

test('callbacks to this machine are refused unless that is allowed, and the client sees nothing of it', async () => {
  const front = await startProxy(document, '-u', await upstream(), '--example')
  const response = await order(front.port, 'http://127.0.0.1:1/x')
  expect(response.status).toBe(201)
  expect(await front.line(/^dead /)).toContain('dead')
})

test.each([
  ['neither handlers nor examples', [document, '-u', 'http://127.0.0.1:1'], 64, /--handlers <file> or --example/],
  ['both', [document, '-u', 'http://127.0.0.1:1', '--example', '--handlers', handlers], 64, /cannot be used with/],
  ['an upstream that is no URL', [document, '-u', '127.0.0.1:1', '--example'], 64, /such as http:/],
  ['a time without its unit', [document, '-u', 'http://127.0.0.1:1', '--example', '--hold', '5'], 64, /such as 500ms/],
  ['no document', [file('missing.yaml'), '-u', 'http://127.0.0.1:1', '--example'], 2, /missing\.yaml/],
  ['no handlers file', [document, '-u', 'http://127.0.0.1:1', '--handlers', file('none.mjs')], 64, /cannot be loaded/],
  [
    'a module without handlers',
    [document, '-u', 'http://127.0.0.1:1', '--handlers', file('no.mjs', 'export const a = 1')],
    64,
    /no such export/,
  ],
  [
    'handlers for an operation that there is not',
    [
      document,
      '-u',
      'http://127.0.0.1:1',
      '--handlers',
      file('other.mjs', 'export default { createOrdr: { onDone: { body: "example" } } }'),
    ],
    64,
    /createOrder/,
  ],
  [
    'a store that is none',
    [document, '-u', 'http://127.0.0.1:1', '--example', '--store', `sqlite:${file('none.sqlite', 'not a database at all')}`],
    2,
    /none\.sqlite/,
  ],
  [
    'a document with errors and --strict',
    [
      file(
        'broken.yaml',
        "openapi: 3.1.0\ninfo: {title: a, version: '1'}\npaths:\n  /a:\n    post:\n      responses: {'200': {description: ok}}\n      callbacks: {c: {'{$request.bdy#/u}': {post: {responses: {'200': {description: ok}}}}}}\n",
      ),
      ...['-u', 'http://127.0.0.1:1', '--example', '--strict'],
    ],
    1,
    /1 operation, 1 callback, 1 problem\n.*broken\.yaml:7:/s,
  ],
] as const)('refuses %s', async (_, args, code, message) => {
  expect(await proxy(...args)).toEqual({ code, stderr: expect.stringMatching(message) })
})

test('a port that is taken is an error that says so', async () => {
  const [, port] = /:(\d+)$/.exec(await upstream()) ?? []
  expect(await proxy(document, '-u', 'http://127.0.0.1:1', '--example', '-p', String(port))).toEqual({
    code: 1,
    stderr: expect.stringContaining(`Cannot listen on 127.0.0.1:${port}`),
  })
})

const mixed = file(
  'mixed.yaml',
  `
openapi: 3.1.0
info: { title: Orders, version: '1' }
paths:
  /orders/{id}: { post: { operationId: one, responses: { '201': {} } } }
  /Orders/Export:
    post:
      operationId: export
      responses: { '201': {} }
      callbacks: { onDone: { '{$request.body#/callbackUrl}': { post: { requestBody: { content: { application/json: { example: {} } } } } } } }
  /only/Here:
    post:
      operationId: here
      responses: { '201': {} }
      callbacks: { onDone: { '{$request.body#/callbackUrl}': { post: { requestBody: { content: { application/json: { example: {} } } } } } } }
`,
)
const PATHS: [path: string, operation: string | undefined][] = [
  ['/Orders/Export', 'export'],
  ['/orders/Export', undefined],
  ['/ORDERS/export', 'export'],
  ['/only/Here', 'here'],
  ['/Only/here?x=1', 'here'],
]
test('whether case matters is for the server to say: a path that fits as it is written comes first', async () => {
  const front = await startProxy(mixed, '-u', await upstream(), '--example', '--dry-run')
  for (const [path] of PATHS) {
    const body = JSON.stringify({ callbackUrl: `https://client.example${path}` })
    const headers = { 'Content-Type': 'application/json' }
    expect((await fetch(`http://127.0.0.1:${front.port}${path}`, { method: 'POST', headers, body })).status).toBe(201)
  }
  await front.line(/Only\/here/)
  expect(await front.stop()).toBe(0)
  for (const [path, operation] of PATHS) {
    const told = front.out.stdout.split('\n').filter((line) => line.includes(`https://client.example${path.replace(/\?.*/, '')}`))
    expect(told.map((line) => / of (\w+)/.exec(line)?.[1])).toEqual(operation === undefined ? [] : [operation])
  }
})

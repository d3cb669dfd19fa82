import { createServer, request as httpRequest, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { createReceiver, fastifyReceiver, type Receiver, type ReceiverOptions } from 'ringback/receiver'
import { afterEach, expect, test } from 'vitest'
import { manualClock } from '../support/manual-clock.ts'
import { json } from './support.ts'

const cleanUp: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const clean of cleanUp.splice(0).reverse()) await clean()
})

interface Mounted {
  readonly receiver: Receiver
  readonly port: number
}

type Mount = (options: Partial<ReceiverOptions>) => Promise<Mounted>

function receiverWith(options: Partial<ReceiverOptions>): Receiver {
  const receiver = createReceiver({ baseUrl: 'http://127.0.0.1', ...options })
  cleanUp.push(() => receiver[Symbol.asyncDispose]())
  return receiver
}

async function serving(receiver: Receiver, server: Server): Promise<Mounted> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUp.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  )
  return { receiver, port: (server.address() as AddressInfo).port }
}

const expressWith =
  (mount: (app: express.Express, receiver: Receiver) => void): Mount =>
  (options) => {
    const receiver = receiverWith(options)
    const app = express()
    app.disable('x-powered-by')
    mount(app, receiver)
    return serving(receiver, createServer(app))
  }

const MOUNTS: Readonly<Record<string, Mount>> = {
  'node:http': (options) => {
    const receiver = receiverWith(options)
    return serving(receiver, createServer(receiver.node()))
  },
  'stand-alone': async (options) => {
    const receiver = receiverWith({ ...options, baseUrl: 'http://127.0.0.1:0' })
    return { receiver, port: Number(new URL((await receiver.listen()).url).port) }
  },
  Express: expressWith((app, receiver) => app.use(receiver.node(), express.json())),
  'Express below a path': expressWith((app, receiver) => app.use('/callbacks', receiver.node())),
  async Fastify(options) {
    const receiver = receiverWith(options)
    const fastify = Fastify()
    await fastify.register(fastifyReceiver, { receiver })
    await fastify.ready()
    return serving(receiver, fastify.server)
  },
  Hono: (options) => {
    const receiver = receiverWith(options)
    const app = new Hono().all('/callbacks/*', (context) => receiver.handle(context.req.raw))
    return serving(receiver, createAdaptorServer({ fetch: app.fetch }) as Server)
  },
}

interface Sent {
  readonly tail?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Of this endpoint; default `checked`. */
  readonly to?: 'checked' | 'open' | 'get'
}

interface Heard {
  readonly status: number | undefined
  readonly headers: readonly string[]
  readonly body: string
}

const ofConnection = ['date', 'connection', 'keep-alive', 'content-length', 'transfer-encoding']

function send(port: number, path: string, { method = 'POST', headers = {}, body }: Sent): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const fields = Object.entries(response.headers).filter(([name]) => !ofConnection.includes(name))
        const told = fields.map(([name, value]) => `${name}: ${value}`).sort()
        resolve({ status: response.statusCode, headers: told, body: Buffer.concat(chunks).toString() })
      })
    })
    request.on('error', reject)
    if (body !== undefined && !('transfer-encoding' in headers)) request.setHeader('content-length', Buffer.byteLength(body))
    request.end(body)
  })
}

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const signed = { ...json, 'x-signature': 'a' }
const multipart = { 'content-type': 'multipart/form-data; boundary=x' }

const REQUESTS: Sent[] = [
  { body: '{"success":true}', headers: json },
  { body: '{ "success" : true, "n": 1.0 }\n', headers: json },
  { body: '{"success":true}', headers: { ...json, 'webhook-id': 'a' } },
  { body: '{"success":true}', headers: { ...json, 'webhook-id': 'a' } },
  { body: '{"success":false}', headers: { ...json, 'webhook-id': 'a' } },
  { body: '{"success":1}', headers: json },
  { body: '{bad', headers: json },
  { body: '', headers: json },
  { headers: json },
  { body: '<a/>', headers: { 'content-type': 'text/xml' } },
  { body: 'x' },
  { body: 'x', headers: { 'content-type': '' } },
  { body: 'x', headers: { 'content-type': 'nonsense' } },
  { body: '{"success":true}', headers: { 'content-type': 'application/json; charset=utf-8' } },
  { body: '{"success":true}', headers: { 'content-type': 'application/vnd.a+json' } },
  { body: '{}', headers: { ...json, 'content-encoding': 'br' } },
  { body: JSON.stringify({ success: true, fill: 'x'.repeat(3000) }), headers: json },
  { body: '{"success":true,"__proto__":{"a":1}}', headers: json },
  { method: 'GET' },
  { method: 'HEAD' },
  { method: 'OPTIONS' },
  { method: 'PUT', body: '{"success":true}', headers: json },
  { method: 'PATCH', body: '{"success":true}', headers: json },
  { method: 'DELETE' },
  { method: 'DELETE', body: 'x' },
  { tail: '/data', body: '{}', headers: json },
  { tail: '?a=b&c=%20&a=', body: '{"success":true}', headers: json },
  { tail: 'x', body: '{}', headers: json },
  { to: 'open', body: new Uint8Array([0, 255, 13, 10, 128]), headers: { 'content-type': 'application/octet-stream' } },
  { to: 'open', body: new Uint8Array([0, 1, 2]) },
  { to: 'open', body: '<a/>', headers: { 'content-type': 'text/xml' } },
  { to: 'open', body: 'a=1&b=%20&a=2', headers: form },
  { to: 'open', body: '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n', headers: multipart },
  { to: 'open', body: '{"n":1.0}\r\n', headers: signed },
  { to: 'open', body: '{"n":2.0}', headers: { ...json, 'transfer-encoding': 'chunked' } },
  { to: 'open', tail: '/a/b%20c/?x=1', body: 'é', headers: { 'content-type': 'text/plain; charset=utf-8' } },
  { to: 'open' },
  { to: 'get', method: 'GET', tail: '?id=7' },
  { to: 'get', method: 'HEAD' },
  { to: 'get', method: 'POST', body: '{}', headers: json },
  { to: 'get', method: 'OPTIONS' },
]

test('O-64 every mount answers the same, and keeps the same bytes', async () => {
  const schema = { type: 'object', properties: { success: { type: 'boolean' } } }
  const results = new Map<string, unknown>()
  for (const [name, mount] of Object.entries(MOUNTS)) {
    const { receiver, port } = await mount({ clock: manualClock(), limits: { maxBodyBytes: 2048 } })
    const endpoints = {
      checked: await receiver.create({ schema }),
      open: await receiver.create({ subPaths: true }),
      get: await receiver.create({ method: 'GET' }),
    }
    const heard: Heard[] = []
    for (const sent of REQUESTS) {
      const { id, url } = endpoints[sent.to ?? 'checked']
      const found = await send(port, new URL(url).pathname + (sent.tail ?? ''), sent)
      heard.push({ ...found, body: found.body.replaceAll(id, 'ID') })
    }
    const calls = (await Promise.all(Object.values(endpoints).map((cb) => cb.calls()))).flat()
    const rejections = (await Promise.all(Object.values(endpoints).map((cb) => cb.rejections()))).flat()
    results.set(name, {
      heard,
      rejections: rejections.map(({ code, detail, contentType }) => [code, detail, contentType]),
      calls: calls.map((call) => ({
        method: call.method,
        subPath: call.subPath,
        query: String(call.query),
        bytes: Buffer.from(call.rawBody).toString('base64'),
        headers: [...call.headers].filter(([field]) => field !== 'host' && !ofConnection.includes(field)),
      })),
    })
  }
  const first = results.get('node:http') as { readonly heard: readonly Heard[] }
  expect(first.heard.map(({ status }) => status)).toEqual([
    200, 200, 200, 200, 422, 422, 400, 422, 422, 415, 415, 415, 415, 200, 200, 415, 413, 400, 405, 405, 204, 405, 405, 405, 405,
    404, 200, 404, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 405, 204,
  ])
  expect(REQUESTS.length).toBeGreaterThanOrEqual(40)
  for (const [name, result] of results) expect({ name, result }).toEqual({ name, result: first })
})

test('O-65 Express after express.json(): an error that names the fix, and no call', async () => {
  const { receiver, port } = await expressWith((app, receiver) => app.use(express.json(), receiver.node()))({})
  const cb = await receiver.create()
  const { pathname } = new URL(cb.url)
  const heard = await send(port, pathname, { body: '{"n":1.0}', headers: json })
  expect([heard.status, JSON.parse(heard.body)]).toMatchObject([
    500,
    { detail: expect.stringContaining('before express.json()') },
  ])
  expect((await cb.status()).accepted).toBe(0)
  // What express.json() leaves alone is whole.
  expect((await send(port, pathname, { body: 'n=1', headers: form })).status).toBe(200)
})

test('O-66 the Fastify plug-in keeps to itself, and its URLs out of the log', async () => {
  const lines: string[] = []
  const stream = { write: (line: string) => void lines.push(line) }
  const receiver = receiverWith({ limits: { maxBodyBytes: 4096 } })
  const fastify = Fastify({ logger: { stream }, bodyLimit: 1024 })
  await fastify.register(fastifyReceiver, { receiver })
  fastify.post('/other', async (request) => ({ body: request.body }))
  await fastify.ready()
  const { port } = await serving(receiver, fastify.server)
  const cb = await receiver.create()
  const { pathname } = new URL(cb.url)
  const secret = pathname.slice(pathname.indexOf('.') + 1)

  // Its own limit, not that of the server; and the parsers of other routes are as they were.
  expect((await send(port, pathname, { body: 'x'.repeat(4000) })).status).toBe(200)
  expect((await send(port, pathname, { body: 'x'.repeat(5000) })).status).toBe(413)
  expect((await send(port, `${pathname}/nothing`, { body: 'x' })).status).toBe(404)
  expect((await send(port, '/other', { body: '{"a":1}', headers: json })).body).toBe('{"body":{"a":1}}')
  expect((await send(port, '/other', { body: '<a/>', headers: { 'content-type': 'text/xml' } })).status).toBe(415)
  expect((await send(port, '/other', { body: JSON.stringify('x'.repeat(2000)), headers: json })).status).toBe(413)
  expect(lines.join('')).toContain('/other')
  expect(lines.join('')).not.toContain(secret)

  // What Fastify's router would refuse by itself, and what was meant for the prefix.
  expect((await send(port, pathname, { method: 'PROPFIND' })).status).toBe(405)
  expect((await send(port, `${pathname}/%ZZ`, { body: 'x' })).status).toBe(404)
  const mistyped = [`/${pathname}`, pathname.replace('/callbacks', '/CALLBACKS'), pathname.replace('.', '%2E')]
  for (const path of mistyped) expect((await send(port, path, { body: 'x' })).status).toBe(404)
  expect((await fastify.inject({ method: 'POST', url: pathname })).statusCode).toBe(200)
  expect(lines.join('')).not.toContain(secret)
  // Another method of another route is Fastify's own affair.
  expect((await send(port, '/other', { method: 'PROPFIND' })).body).toContain('Route PROPFIND:/other not found')

  // Without it, the whole URL is logged.
  fastify.log.info('from here on')
  const plain = Fastify({ logger: { stream } })
  plain.all('/callbacks/*', async (_request, reply) => reply.hijack().raw.end())
  await plain.ready()
  const other = await serving(receiver, plain.server)
  await send(other.port, pathname, {})
  expect(lines.join('')).toContain(secret)
})

test('a receiver behind a path of its own is found with and without it', async () => {
  const receiver = receiverWith({ baseUrl: 'https://hooks.example.org/in', pathPrefix: 'hooks' })
  expect(receiver.prefixes).toEqual(['/in/hooks', '/hooks'])
  const fastify = Fastify()
  await fastify.register(fastifyReceiver, { receiver })
  await fastify.ready()
  const { port } = await serving(receiver, fastify.server)
  const { pathname } = new URL((await receiver.create()).url)
  const statuses = [pathname, pathname.slice(3), `/out${pathname}`].map(async (path) => (await send(port, path, {})).status)
  expect(await Promise.all(statuses)).toEqual([200, 200, 404])
})

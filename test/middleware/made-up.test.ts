import { IncomingMessage, ServerResponse } from 'node:http'
import { type Duplex, PassThrough } from 'node:stream'
import fastify from 'fastify'
import Koa from 'koa'
import { createDispatcher } from 'ringback/dispatcher'
import { fastifyCallbacks } from 'ringback/fastify'
import { koaCallbacks } from 'ringback/koa'
import { type CallbackOptions, type CallbackProblem, nodeCallbacks } from 'ringback/node'
import { expect, test } from 'vitest'
import { echo, hook, order } from './bench.ts'
import { document } from './document.ts'
import { gatedStore } from './gated-store.ts'

const headers = { 'content-type': 'application/json' }
const made = '{"id":"o1"}'

interface Answer {
  readonly status: number
  readonly body: string
}
type Handle = (request: IncomingMessage, response: ServerResponse) => unknown

/** As adapters for serverless platforms make them: `finish` is the sign that the answer may be given to the platform. */
function serverless(handle: Handle): Promise<Answer> {
  const body = Buffer.from(JSON.stringify(order))
  const request = new IncomingMessage(new PassThrough() as never)
  const fields = { ...headers, 'content-length': String(body.length) }
  Object.assign(request, { complete: true, httpVersion: '1.1', httpVersionMajor: '1', httpVersionMinor: '1' })
  Object.assign(request, { method: 'POST', url: '/v1/orders', headers: fields, body })
  request._read = () => {
    request.push(body)
    request.push(null)
  }
  const response = new ServerResponse({ method: 'POST' } as IncomingMessage)
  const written: Buffer[] = []
  const write = (data: string | Uint8Array, encoding: unknown, done?: () => void): boolean => {
    written.push(Buffer.from(data as string))
    if (typeof encoding === 'function') encoding()
    done?.()
    return true
  }
  const idle = (): void => {}
  const socket = {
    _writableState: {},
    writable: true,
    on: idle,
    removeListener: idle,
    destroy: idle,
    cork: idle,
    uncork: idle,
    write,
  }
  response.assignSocket(socket as never)
  const answered = new Promise<Answer>((resolve) => {
    response.once('finish', () => resolve({ status: response.statusCode, body: String(Buffer.concat(written)) }))
  })
  handle(request, response)
  return answered
}

/** As the mocks of unit tests: of no class, and without a socket. */
function mocked(handle: Handle): Promise<Answer> {
  const request = new IncomingMessage(new PassThrough() as Duplex as never)
  Object.assign(request, {
    method: 'POST',
    url: '/v1/orders',
    headers: { ...headers, 'content-length': '2' },
    httpVersionMajor: 1,
  })
  Object.assign(request, { body: order })
  return new Promise((resolve) => {
    const events = new PassThrough()
    const response = {
      statusCode: 200,
      on: events.on.bind(events),
      once: events.once.bind(events),
      getHeader: () => undefined,
      getHeaders: () => ({}),
      writeHead(status: number) {
        response.statusCode = status
        return response
      },
      write: () => true,
      end(body: string) {
        resolve({ status: response.statusCode, body })
        events.emit('finish')
        return response
      },
    }
    handle(request, response as unknown as ServerResponse)
  })
}

const MADE_UP: [name: string, ask: (options: CallbackOptions) => Promise<Answer>][] = [
  [
    'Fastify, inject',
    async (options) => {
      const app = fastify()
      await app.register(fastifyCallbacks(options))
      app.post('/v1/orders', (_request, reply) => reply.code(201).type('application/json').send(made))
      const { statusCode: status, body } = await app.inject({ method: 'POST', url: '/v1/orders', payload: order })
      return { status, body }
    },
  ],
  [
    'Koa that does not read the body, serverless',
    (options) => {
      const app = new Koa()
      app.use(koaCallbacks(options))
      app.use((context) => {
        context.status = 201
        context.body = made
      })
      return serverless(app.callback())
    },
  ],
  [
    'node:http that reads, serverless',
    (options) =>
      serverless(
        nodeCallbacks((request, response) => void request.resume().once('end', () => response.writeHead(201).end(made)), options),
      ),
  ],
  ['node:http, a mock', (options) => mocked(nodeCallbacks((_request, response) => response.writeHead(201).end(made), options))],
  [
    'node:http that ends twice, a mock',
    (options) =>
      mocked(
        nodeCallbacks((_request, response) => {
          response.writeHead(201).end(made)
          expect([response.headersSent, response.writableEnded]).toEqual([true, true])
          response.end('more')
        }, options),
      ),
  ],
]
test.each(MADE_UP)('a response that nothing can be held of is ended when its callbacks are stored: %s', async (_name, ask) => {
  const { store, asked, open } = gatedStore()
  const dispatcher = createDispatcher({ store })
  const problems: CallbackProblem[] = []
  let isAnswered = false
  const answer = ask({
    description: document,
    dispatcher,
    handlers: { createOrder: { orderAccepted: echo } },
    onStart() {},
    onError: (problem) => problems.push(problem),
  }).finally(() => {
    isAnswered = true
  })
  await asked
  await new Promise((resolve) => setImmediate(resolve))
  expect(isAnswered).toBe(false)
  open()
  expect(await answer).toMatchObject({ status: 201, body: expect.stringContaining(made) })
  const stored = await dispatcher.list()
  expect(stored.map(({ request }) => request.url)).toEqual([hook])
  expect(JSON.parse(String(Buffer.from(stored[0]?.request.body ?? [])))).toMatchObject({ asked: order, status: 201 })
  expect(problems).toEqual([])
})

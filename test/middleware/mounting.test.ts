import { createAdaptorServer } from '@hono/node-server'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type FastifyServerOptions } from 'fastify'
import { type Context, Hono } from 'hono'
import { type FastifyCallbacks, fastifyCallbacks } from 'ringback/fastify'
import { type HonoCallbacks, honoCallbacks } from 'ringback/hono'
import type { CallbackOptions, RequestCallbacks } from 'ringback/node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { scratch } from '../support/scratch.ts'
import type { Running } from './app.ts'
import { hook, order } from './bench.ts'
import { document } from './document.ts'
import { jsonPost, rawRequest, talk } from './raw-client.ts'
import { running } from './servers.ts'
import { Sink } from './sink.ts'

/** What is asked, and the operation that the route finds its request to be for. */
type Asked = readonly [request: Buffer, operation: string | undefined | typeof nothing]
const nothing = 'not even an object to ask'

const post = jsonPost('/v1/orders', order)
const plain = rawRequest('POST', '/v1/plain')
const head = rawRequest('HEAD', `/v1/orders?callback=${hook}`)

const file = scratch().file('openapi.json', JSON.stringify(document))

let sink: Sink
let server: Running | undefined
let found: (string | undefined)[]
beforeEach(() => {
  sink = new Sink()
  found = []
})
afterEach(async () => {
  await server?.stop()
  server = undefined
})

function options(more: Partial<CallbackOptions> = {}): CallbackOptions {
  const handlers = { createOrder: { orderAccepted: () => ({ body: {} }) } }
  return { description: document, fire: sink.fire, onError: sink.onError, onStart() {}, handlers, ...more }
}

function note(callbacks: RequestCallbacks | null | undefined): void {
  found.push(callbacks ? callbacks.operation : nothing)
}

/** Each request in its turn, and a callback for each that is for the operation with a handler. */
async function expectFound(asked: readonly Asked[]): Promise<void> {
  for (const [request] of asked) await talk(server?.port ?? 0, request)
  expect(found).toEqual(asked.map(([, operation]) => operation))
  const followed = found.filter((operation) => operation === 'createOrder')
  await sink.reaches(followed.length)
  expect(sink.urls()).toEqual(followed.map(() => hook))
  expect(sink.problems).toEqual([])
}

describe('Fastify: which requests are seen, with a route', () => {
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<object> => {
    note(request.callbacks)
    reply.code(201)
    return { id: 'o1' }
  }
  const BUILT: [
    where: string,
    build: (app: FastifyInstance, callbacks: FastifyCallbacks) => unknown,
    asked: readonly Asked[],
    server?: FastifyServerOptions,
  ][] = [
    [
      'after the plugin',
      async (app, callbacks) => {
        await app.register(callbacks)
        app.post('/v1/orders', answer).post('/v1/plain', answer)
      },
      [
        [post, 'createOrder'],
        [plain, undefined],
      ],
    ],
    [
      'after a plugin that nobody waits for',
      (app, callbacks) => app.register(callbacks).post('/v1/orders', answer),
      [[post, 'createOrder']],
    ],
    [
      'before the plugin, on the same instance',
      (app, callbacks) => app.post('/v1/orders', answer).register(callbacks),
      [[post, 'createOrder']],
    ],
    [
      'before the plugin, on an instance of its own',
      (app, callbacks) => app.register(async (inner) => inner.post('/v1/orders', answer)).register(callbacks),
      [[post, 'createOrder']],
    ],
    [
      'below a prefix',
      (app, callbacks) => app.register(callbacks).register(async (inner) => inner.post('/orders', answer), { prefix: '/v1' }),
      [[post, 'createOrder']],
    ],
    [
      'that takes anything',
      (app, callbacks) => app.register(callbacks).all('/*', answer),
      [
        [post, 'createOrder'],
        [plain, undefined],
        [post, 'createOrder'],
      ],
    ],
    [
      'with a parameter for what are literals in the document',
      (app, callbacks) => app.register(callbacks).post('/v1/:what', answer),
      [
        [plain, undefined],
        [post, 'createOrder'],
      ],
    ],
    [
      'that is none: the handler for what is not found',
      (app, callbacks) => app.register(callbacks).after(() => app.setNotFoundHandler(answer)),
      [
        [post, 'createOrder'],
        [plain, undefined],
      ],
    ],
    [
      'for GET, which Fastify has answer HEAD as well',
      (app, callbacks) => app.register(callbacks).get('/v1/orders', answer),
      [[head, undefined]],
    ],
    [
      'inside of the instance that the plugin is for, and outside',
      (app, callbacks) =>
        app
          .register(async (inner) => inner.register(callbacks).post('/v1/orders', answer))
          .register(async (inner) => inner.post('/v1/plain', answer)),
      [
        [post, 'createOrder'],
        [plain, nothing],
      ],
    ],
    [
      'of another URL, to which the request was rewritten',
      (app, callbacks) => app.register(callbacks).post('/elsewhere', answer),
      [[post, 'createOrder']],
      { rewriteUrl: () => '/elsewhere' },
    ],
  ]
  test.each(BUILT)('%s', async (_where, build, asked, serverOptions = {}) => {
    const app = fastify(serverOptions)
    await build(app, fastifyCallbacks(options()))
    await app.listen({ port: 0, host: '127.0.0.1' })
    server = await running(app.server, () => app.close())
    await expectFound(asked)
  })

  test('whose description is read from a file: the server waits for it, and for what the linter says', async () => {
    const texts: string[] = []
    const app = fastify().post('/v1/orders', answer)
    app.register(fastifyCallbacks(options({ description: file, onStart: (summary) => void texts.push(summary.text) })))
    await app.listen({ port: 0, host: '127.0.0.1' })
    server = await running(app.server, () => app.close())
    expect(texts).toEqual([expect.stringMatching(/openapi\.json: \d+ operations, \d+ callbacks/)])
    await expectFound([[post, 'createOrder']])
  })

  test('whose description cannot be read: the server is one without callbacks', async () => {
    const app = fastify().post('/v1/orders', answer)
    app.register(fastifyCallbacks(options({ description: '/nowhere/openapi.json' })))
    await app.listen({ port: 0, host: '127.0.0.1' })
    server = await running(app.server, () => app.close())
    expect(await talk(server.port, post)).toMatch(/^HTTP\/1.1 201 /)
    expect(found).toEqual([undefined])
    expect(sink.kinds()).toEqual(['description'])
  })
})

describe.each(['on Node', 'elsewhere'])('Hono %s: which requests are seen, with the middleware', (where) => {
  const answer = (context: Context): Response => {
    note(context.var.callbacks)
    return context.json({ id: 'o1' }, 201)
  }
  const BUILT: [how: string, build: (app: Hono, callbacks: HonoCallbacks) => unknown, asked: readonly Asked[]][] = [
    [
      'for everything',
      (app, callbacks) => app.use(callbacks).post('/v1/orders', answer).post('/v1/plain', answer),
      [
        [post, 'createOrder'],
        [plain, undefined],
      ],
    ],
    [
      'for the paths that have callbacks',
      (app, callbacks) => app.use('/v1/orders', callbacks).post('/v1/orders', answer).post('/v1/plain', answer),
      [
        [post, 'createOrder'],
        [plain, nothing],
      ],
    ],
    [
      'in front of another application',
      (app, callbacks) => app.use(callbacks).route('/v1', new Hono().post('/orders', answer)),
      [[post, 'createOrder']],
    ],
    [
      'of another application',
      (app, callbacks) => app.route('/v1', new Hono().use(callbacks).post('/orders', answer)),
      [[post, 'createOrder']],
    ],
    ['after the route', (app, callbacks) => app.post('/v1/orders', answer).use(callbacks), [[post, nothing]]],
    [
      'and no route: the handler for what is not found',
      (app, callbacks) => app.use(callbacks).notFound(answer),
      [
        [post, 'createOrder'],
        [plain, undefined],
      ],
    ],
    [
      'and a route for GET, which Hono has answer HEAD as well',
      (app, callbacks) => app.use(callbacks).get('/v1/orders', answer),
      [[head, undefined]],
    ],
  ]
  const serve = async (app: Hono): Promise<void> => {
    const fetch = where === 'on Node' ? app.fetch : (request: Request) => app.fetch(request)
    server = await running(createAdaptorServer({ fetch }) as Running['server'])
  }
  test.each(BUILT)('%s', async (_how, build, asked) => {
    const app = new Hono()
    build(app, honoCallbacks(options()))
    await serve(app)
    await expectFound(asked)
  })

  test('and a description that is still being read: the request waits', async () => {
    await serve(new Hono().use(honoCallbacks(options({ description: file }))).post('/v1/orders', answer) as unknown as Hono)
    await expectFound([[post, 'createOrder']])
  })
})

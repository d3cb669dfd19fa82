import { once } from 'node:events'
import type { RequestListener, Server } from 'node:http'
import { createServer } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { createDispatcher, type Dispatcher, memoryStore } from 'ringback/dispatcher'
import { expressCallbacks } from 'ringback/express'
import { fastifyCallbacks } from 'ringback/fastify'
import { withCallbacks } from 'ringback/fetch'
import { honoCallbacks } from 'ringback/hono'
import { koaCallbacks } from 'ringback/koa'
import { type CallbackOptions, type Callbacks, type CallbackTarget, nodeCallbacks } from 'ringback/node'
import { expect, test } from 'vitest'
import { manualClock } from '../support/manual-clock.ts'
import { document } from './document.ts'
import { gatedStore } from './gated-store.ts'
import { jsonPost, talk } from './raw-client.ts'
import { running } from './servers.ts'
import { deferred } from './wait.ts'
import { durable } from './wire-contract.ts'

interface Served {
  readonly server: Server
  readonly callbacks: Callbacks
}

const path = '/v1/orders'
const order = { callbackUrl: 'https://client.example/cb' }

const adapters: Readonly<Record<string, (options: CallbackOptions) => Served | Promise<Served>>> = {
  'node:http': (options) => {
    const callbacks = nodeCallbacks((request, response) => {
      request.resume()
      request.on('end', () => response.writeHead(201).end('{}'))
    }, options)
    return { callbacks, server: createServer(callbacks) }
  },
  Express: (options) => {
    const callbacks = expressCallbacks(options)
    const app = express()
      .use(callbacks, express.json())
      .post(path, (_request, response) => void response.status(201).json({}))
    return { callbacks, server: createServer(app as RequestListener) }
  },
  Fastify: async (options) => {
    const callbacks = fastifyCallbacks(options)
    const app = fastify()
    await app.register(callbacks)
    app.post(path, async (_request, reply) => reply.code(201).send({}))
    await app.ready()
    return { callbacks, server: app.server }
  },
  Koa: (options) => {
    const callbacks = koaCallbacks(options)
    const app = new Koa().use(callbacks).use(async (context) => {
      for await (const _ of context.req);
      context.status = 201
      context.body = '{}'
    })
    return { callbacks, server: createServer(app.callback()) }
  },
  Hono: (options) => {
    const callbacks = honoCallbacks(options)
    const app = new Hono().use(callbacks).post(path, async (context) => context.json(await context.req.json(), 201))
    return { callbacks, server: createAdaptorServer(app) as Server }
  },
  fetch: (options) => {
    const callbacks = withCallbacks(async (request) => Response.json(await request.json(), { status: 201 }), options)
    return { callbacks, server: createAdaptorServer({ fetch: (request) => callbacks(request) }) as Server }
  },
}

/** The server has answered, and is closed. */
async function closedAfterAnswer({ server, callbacks }: Served): Promise<void> {
  await callbacks.ready
  const { port } = await running(server)
  expect(await talk(port, jsonPost(path, order, { Connection: 'close' }))).toMatch(/^HTTP\/1.1 201 /)
  const closed = once(server, 'close')
  server.close()
  await closed
}

for (const [name, serve] of Object.entries(adapters)) {
  for (const kind of ['memory', 'durable'] as const) {
    test(`${name}, ${kind}: drain() waits for a handler that answers after the server has closed`, async () => {
      const gate = deferred<{ body: unknown }>()
      const clock = manualClock()
      const store = kind === 'durable' ? durable(memoryStore()) : memoryStore()
      const dispatcher = createDispatcher({ store, clock })
      const served = await serve({
        description: document,
        dispatcher,
        // The response does not wait for the handler.
        commitTimeoutMs: 0,
        handlers: { createOrder: { orderAccepted: () => gate.promise } },
        onStart() {},
        onError() {},
      })
      await closedAfterAnswer(served)
      expect(await served.callbacks.drain({ drainMs: 0 })).toBe(false)
      const drained = served.callbacks.drain()
      gate.resolve({ body: { id: 'o1' } })
      expect(await drained).toBe(true)
      expect(await urls(dispatcher)).toEqual([order.callbackUrl])
      expect(await served.callbacks.drain({ drainMs: 0 })).toBe(true)
    })
  }
}

async function urls(dispatcher: Dispatcher): Promise<string[]> {
  return (await dispatcher.list()).map(({ request }) => request.url)
}

test('drain() waits until what is held back is released, and for what is sent late', async () => {
  const { store, asked, open } = gatedStore()
  const dispatcher = createDispatcher({ store, clock: manualClock() })
  let late = (): void => {}
  const callbacks = nodeCallbacks(
    (request, response, asked) => {
      request.resume()
      late = () => asked.send('orderAccepted', { body: {} })
      response.writeHead(201).end('{}')
    },
    { description: document, dispatcher, handlers: {}, onStart() {} },
  )
  await closedAfterAnswer({ server: createServer(callbacks), callbacks })
  expect(await callbacks.drain()).toBe(true)
  late()
  await asked
  expect(await callbacks.drain({ drainMs: 0 })).toBe(false)
  open()
  expect(await callbacks.drain()).toBe(true)
  expect(await urls(dispatcher)).toEqual([order.callbackUrl])
})

test('drain() waits for what a response that has ended is held for, and for what is fired', async () => {
  const { store, asked, open } = gatedStore()
  const dispatcher = createDispatcher({ store, clock: manualClock() })
  let target: CallbackTarget | undefined
  const callbacks = nodeCallbacks(
    async (_request, response, own) => {
      target = await own.target('orderAccepted')
      response.writeHead(201).end('{}')
    },
    {
      description: document,
      dispatcher,
      clock: manualClock(),
      handlers: { createOrder: { orderAccepted: () => ({ body: {} }) } },
      onStart() {},
    },
  )
  const { port, stop } = await running(createServer(callbacks))
  const answer = talk(port, jsonPost(path, order, { Connection: 'close' }))
  await asked
  expect(await callbacks.drain({ drainMs: 0 })).toBe(false)
  open()
  expect(await answer).toMatch(/^HTTP\/1.1 201 /)
  expect(await callbacks.drain()).toBe(true)
  const fired = callbacks.fire(target as CallbackTarget, { body: {} }, { id: 'later' })
  expect(await callbacks.drain({ drainMs: 0 })).toBe(false)
  expect(await callbacks.drain()).toBe(true)
  expect(await Promise.race([fired, 'under way'])).toEqual({ id: 'later', isNew: true })
  await expect(callbacks.fire(target as CallbackTarget, { body: 1 } as never)).rejects.toThrow()
  expect(await callbacks.drain({ drainMs: 0 })).toBe(true)
  await stop()
})

test('drain() answers when its time is up, in whatever direction the clock has jumped', async () => {
  const timers: (() => void)[] = []
  let now = 0
  const clock: NonNullable<CallbackOptions['clock']> = {
    now: () => {
      now -= 3_600_000
      return now
    },
    setTimeout(callback) {
      timers.push(callback)
      return { cancel() {} }
    },
  }
  const gate = deferred<void>()
  const callbacks = nodeCallbacks((_request, response) => response.writeHead(201).end('{}'), {
    description: document,
    fire: () => gate.promise,
    handlers: { createOrder: { orderAccepted: () => ({ body: {} }) } },
    clock,
    onStart() {},
  })
  await closedAfterAnswer({ server: createServer(callbacks), callbacks })
  const two = [callbacks.drain({ drainMs: 300 }), callbacks.drain({ drainMs: 500 })]
  timers[0]?.()
  expect(await two[0]).toBe(false)
  gate.resolve()
  expect(await two[1]).toBe(true)
})

test('a limit that is none is refused', async () => {
  const callbacks = nodeCallbacks(() => {}, { description: document, fire: () => {}, onStart() {} })
  for (const wrong of [{ drainMs: -1 }, { drainMs: '5s' }, { drainMS: 1 }]) {
    await expect(callbacks.drain(wrong as object)).rejects.toThrow(TypeError)
  }
  expect(await callbacks.drain({ drainMs: 0 })).toBe(true)
})

import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { createDispatcher, type Dispatcher, memoryStore } from 'ringback/dispatcher'
import { expressCallbacks } from 'ringback/express'
import { fastifyCallbacks } from 'ringback/fastify'
import { honoCallbacks } from 'ringback/hono'
import type { CallbackDispatcher, CallbackOptions, RequestCallbacks } from 'ringback/node'
import { Pool } from 'undici'
import { body, byUrl, document, handlers } from './document.ts'

type Start = (options: CallbackOptions | undefined) => Promise<Server>

const posts = ['/plain', '/url', '/request', '/response']

const frameworks: Readonly<Record<string, Start>> = {
  async express(options) {
    const app = express()
    if (options !== undefined) {
      const callbacks = expressCallbacks(options)
      await callbacks.ready
      app.use(callbacks)
    }
    app.use(express.json())
    app.get('/orders/:id', (_request, response) => void response.json(body))
    for (const path of posts) {
      app.post(path, (request, response) => {
        if (options !== undefined && path === '/url') request.callbacks.send('made', byUrl)
        response.status(201).json(body)
      })
    }
    return createServer(app as RequestListener)
  },
  async fastify(options) {
    const app = fastify()
    if (options !== undefined) await app.register(fastifyCallbacks(options))
    app.get('/orders/:id', async () => body)
    for (const path of posts) {
      app.post(path, async (request, reply) => {
        if (options !== undefined && path === '/url') request.callbacks.send('made', byUrl)
        reply.code(201)
        return body
      })
    }
    await app.ready()
    return app.server
  },
  async hono(options) {
    const app = new Hono<{ Variables: { callbacks: RequestCallbacks } }>()
    if (options !== undefined) {
      const callbacks = honoCallbacks(options)
      await callbacks.ready
      app.use(callbacks)
    }
    app.get('/orders/:id', (context) => context.json(body))
    for (const path of posts) {
      app.post(path, async (context) => {
        await context.req.json()
        if (options !== undefined && path === '/url') context.var.callbacks.send('made', byUrl)
        return context.json(body, 201)
      })
    }
    return createAdaptorServer(app) as Server
  },
}

/** A server in this process: `bare`, or with the middleware. Its port goes to the parent, who may ask for an empty store. */
export async function serve(framework: string, isBare: boolean): Promise<void> {
  let dispatcher: Dispatcher = createDispatcher({ store: memoryStore() })
  // Never started: what is measured is the way into the store.
  const changing: CallbackDispatcher = {
    enqueue: (request, more) => dispatcher.enqueue(request, more),
    reschedule: (ids, delayMs) => dispatcher.reschedule(ids, delayMs),
    cancel: (...ids) => dispatcher.cancel(...ids),
    durable: false,
  }
  const onError: CallbackOptions['onError'] = (problem) => {
    throw new Error(problem.message)
  }
  const options = { description: document, dispatcher: changing, handlers, onError, onStart() {} }
  const server = await (frameworks[framework] as Start)(isBare ? undefined : options)
  process.on('message', async () => {
    const { counts } = await dispatcher.stats()
    dispatcher = createDispatcher({ store: memoryStore() })
    process.send?.({ stored: counts.pending })
  })
  await listen(server)
}

/** A proxy that does nothing but pass on, over undici as ours does. */
export async function serveProxy(upstream: string): Promise<void> {
  const pool = new Pool(upstream, { connections: 64 })
  process.on('message', () => process.send?.({}))
  await listen(
    createServer(async (request, response) => {
      const { method = 'GET', url: path = '/', headers } = request
      const { connection: _, 'transfer-encoding': __, ...passed } = headers
      await pool.stream(
        { method: method as 'GET', path, headers: passed, body: method === 'GET' ? null : request },
        ({ statusCode, headers: { connection: ___, ...fields } }) => response.writeHead(statusCode, fields),
      )
    }),
  )
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      process.send?.({ port: (server.address() as AddressInfo).port })
      resolve()
    }),
  )
}

import { createHash } from 'node:crypto'
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
import { body, byUrl, document, handlers, urlQuery } from './document.ts'

/**
 * Without the middleware; with one in its place that does nothing, as cheaply as the framework lets one; without, but with the least that a
 * callback can cost, done by hand; with ours.
 */
export type Kind = 'bare' | 'empty' | 'least' | 'ringback'

interface Setup {
  readonly options: CallbackOptions | undefined
  readonly extra: ((path: string) => void) | undefined
  readonly isEmpty: boolean
}

type Start = (setup: Setup) => Promise<Server>

const posts = ['/plain', '/url', '/request', '/response']

const frameworks: Readonly<Record<string, Start>> = {
  async express({ options, extra, isEmpty }) {
    const app = express()
    if (isEmpty) app.use((_request, _response, next) => next())
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
        extra?.(path)
        response.status(201).json(body)
      })
    }
    return createServer(app as RequestListener)
  },
  async fastify({ options, extra, isEmpty }) {
    const app = fastify()
    if (isEmpty) app.addHook('onRequest', (_request, _reply, done) => done())
    if (options !== undefined) await app.register(fastifyCallbacks(options))
    app.get('/orders/:id', async () => body)
    for (const path of posts) {
      app.post(path, async (request, reply) => {
        if (options !== undefined && path === '/url') request.callbacks.send('made', byUrl)
        extra?.(path)
        reply.code(201)
        return body
      })
    }
    await app.ready()
    return app.server
  },
  async hono({ options, extra, isEmpty }) {
    const app = new Hono<{ Variables: { callbacks: RequestCallbacks } }>()
    if (isEmpty) app.use((_context, next) => next())
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
        extra?.(path)
        return context.json(body, 201)
      })
    }
    return createAdaptorServer(app) as Server
  },
}

// Nothing is delivered, so that nothing is let go of either. The garbage of a pile that no server has is not what is to be measured: after so
// many deliveries the store is another one.
const mostWaiting = 1000

/** A server in this process. Its port goes to the parent, who may ask for an empty store. */
export async function serve(framework: string, kind: Kind): Promise<void> {
  let dispatcher: Dispatcher = createDispatcher({ store: memoryStore() })
  let waiting = 0
  // Never started: what is measured is the way into the store.
  const changing: CallbackDispatcher = {
    enqueue(request, more) {
      if (waiting++ === mostWaiting) empty()
      return dispatcher.enqueue(request, more)
    },
    reschedule: (ids, delayMs) => dispatcher.reschedule(ids, delayMs),
    cancel: (...ids) => dispatcher.cancel(...ids),
    durable: false,
  }
  const empty = (): void => {
    waiting = 0
    // It warns of what waits in it otherwise.
    void dispatcher.stop({ drainMs: 0 })
    dispatcher = createDispatcher({ store: memoryStore() })
  }
  const onError: CallbackOptions['onError'] = (problem) => {
    throw new Error(problem.message)
  }
  const options = { description: document, dispatcher: changing, handlers, onError, onStart() {} }
  const server = await (frameworks[framework] as Start)({
    options: kind === 'ringback' ? options : undefined,
    extra: kind === 'least' ? leastWork() : undefined,
    isEmpty: kind === 'empty',
  })
  process.on('message', () => {
    empty()
    process.send?.({})
  })
  await listen(server)
}

/** Reads the URL out of a body, or the query, looks whether it is one, makes an id that is the same again, and keeps the request under it. */
function leastWork(): (path: string) => void {
  const text = Buffer.from(JSON.stringify(body))
  const sent = JSON.stringify(byUrl.body)
  const kept = new Map<string, object>()
  let count = 0
  return (path) => {
    if (path === '/plain') return
    const value = path === '/url' ? new URLSearchParams(urlQuery).get('callbackUrl') : JSON.parse(text.toString()).callbackUrl
    const { href: url } = new URL(String(value))
    const id = createHash('sha256').update(`${url} ${count++}`).digest('base64url')
    if (kept.size === mostWaiting) kept.clear()
    kept.set(id, { id, method: 'POST', url, headers: { 'content-type': 'application/json' }, body: Buffer.from(sent) })
  }
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

import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { compress } from 'hono/compress'
import { callbacksOf, withCallbacks } from 'ringback/fetch'
import { honoCallbacks } from 'ringback/hono'
import type { RequestCallbacks } from 'ringback/node'
import { type Behaviour, colonPath, type Harness, watchEnd } from './app.ts'
import { running, serverOf } from './servers.ts'

type Vars = { Variables: { callbacks: RequestCallbacks }; Bindings: { incoming?: IncomingMessage; outgoing?: ServerResponse } }

export const honoHarness: Harness = honoOn('Hono on Node', true)
export const honoFetchHarness: Harness = honoOn('Hono elsewhere', false)

function honoOn(name: string, isNode: boolean): Harness {
  return {
    name,
    lacks: ['hijack', 'parser-before', ...(isNode ? [] : (['stream-end', 'framing', 'before', 'raw', 'http2'] as const))],
    async start({ behaviours, callbacks, second, compression: place, before, mount = '', http2 }) {
      const app = new Hono<Vars>()
      if (before !== undefined) app.use(({ env }, next) => before(env.incoming as IncomingMessage).then(next))
      if (place === 'before') app.use(compress({ threshold: 0 }))
      if (callbacks !== undefined) app.use(honoCallbacks(callbacks))
      if (second !== undefined) app.use(honoCallbacks(second))
      if (place === 'after') app.use(compress({ threshold: 0 }))
      app.onError((error, context) => context.text(error.message, 500))
      for (const [method, path, behaviour] of behaviours) {
        app.on(method, mount + colonPath(path), (context: Context<Vars>) => {
          const { incoming, outgoing } = context.env ?? {}
          if (incoming !== undefined && outgoing !== undefined) watchEnd(behaviour, incoming, outgoing)
          return act(behaviour, context.req.raw, context.var.callbacks)
        })
      }
      const listener = getRequestListener((request, env) => app.fetch(request, isNode ? (env as Vars['Bindings']) : undefined))
      return running(serverOf(listener, http2))
    },
  }
}

export const fetchHarness: Harness = {
  name: 'a fetch handler',
  lacks: [
    'hijack',
    'parser-before',
    'before',
    'compression-before',
    'compression-after',
    'stream-end',
    'framing',
    'raw',
    'http2',
  ],
  async start({ behaviours, callbacks, second, mount = '' }) {
    const routes = behaviours.map(([method, path, behaviour]) => ({
      method,
      pattern: new RegExp(`^${mount}${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
      behaviour,
    }))
    const handler = async (request: Request): Promise<Response> => {
      const { pathname } = new URL(request.url)
      const method = request.method === 'HEAD' ? 'GET' : request.method
      const found = routes.find((route) => route.method === method && route.pattern.test(pathname))
      if (found === undefined) return new Response('not found', { status: 404 })
      return act(found.behaviour, request, callbacksOf(request))
    }
    const inner = second === undefined ? handler : withCallbacks(handler, second)
    const wrapped = callbacks === undefined ? inner : withCallbacks(inner, callbacks)
    const listener = getRequestListener((request) => wrapped(request), {
      errorHandler: (error) => new Response(error instanceof Error ? error.message : '', { status: 500 }),
    })
    return running(serverOf(listener))
  },
}

async function act({ reads, use, answer }: Behaviour, request: Request, callbacks: RequestCallbacks): Promise<Response> {
  const isJson = request.headers.get('content-type') === 'application/json'
  const body = reads === 'nothing' ? undefined : reads !== 'raw' && isJson ? await request.json() : await request.arrayBuffer()
  await use?.(callbacks, body)
  if (answer.kind === 'throw') throw new Error(answer.message)
  if (answer.kind === 'hijack') return new Response('', { status: 500 })
  const { status, headers } = answer
  switch (answer.kind) {
    case 'json':
      return Response.json(answer.body, { status, ...(headers === undefined ? {} : { headers }) })
    case 'text':
      return new Response(answer.body, { status, headers: { 'content-type': 'text/plain', ...headers } })
    case 'bytes':
      return new Response(Buffer.from(answer.body), {
        status,
        headers: { 'content-type': 'application/octet-stream', ...headers },
      })
    case 'empty':
      return new Response(null, { status, headers: { ...headers } })
    case 'stream':
      return new Response(streamOf(answer.chunks()), { status, headers: { ...headers } })
  }
}

function streamOf(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next()
      if (done === true) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      await iterator.return?.()
    },
  })
}

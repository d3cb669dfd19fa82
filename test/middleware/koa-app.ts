import { Readable } from 'node:stream'
import { bodyParser } from '@koa/bodyparser'
import Koa, { type Context, type Middleware } from 'koa'
import compress from 'koa-compress'
import { koaCallbacks } from 'ringback/koa'
import { answerPast, type Behaviour, type Harness, watchEnd } from './app.ts'
import { everything, running, serverOf } from './servers.ts'

export const koaHarness: Harness = {
  name: 'Koa 3',
  // As @koa/router does.
  routing: 'case-insensitive',
  async start({ behaviours, callbacks, second, routing, compression: place, parser = 'after', before, mount = '', http2 }) {
    const app = new Koa()
    // It logs what it answers 500 for.
    app.silent = true
    const parse = bodyParser({ enableTypes: ['json', 'form', 'text'] }) as Middleware
    const compressing = compress({ threshold: 0 }) as unknown as Middleware
    if (parser === 'before') app.use(parse)
    if (before !== undefined) app.use((context, next) => before(context.req).then(next))
    if (place === 'before') app.use(compressing)
    if (callbacks !== undefined) app.use(koaCallbacks(callbacks))
    if (second !== undefined) app.use(koaCallbacks(second))
    if (place === 'after') app.use(compressing)
    const routes = behaviours.map(([method, path, behaviour]) => ({
      method,
      pattern: new RegExp(`^${mount}${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`, routing === 'case-sensitive' ? '' : 'i'),
      behaviour,
    }))
    app.use(async (context, next) => {
      const method = context.method === 'HEAD' ? 'GET' : context.method
      const found = routes.find((route) => route.method === method && route.pattern.test(context.path))
      if (found === undefined) return next()
      const { behaviour } = found
      const parses = parser === 'after' && behaviour.reads !== 'raw' && behaviour.reads !== 'nothing'
      if (parses) await parse(context, async () => act(behaviour, context))
      else await act(behaviour, context)
    })
    return running(serverOf(app.callback(), http2))
  },
}

async function act(behaviour: Behaviour, context: Context): Promise<void> {
  const { reads, use, answer } = behaviour
  watchEnd(behaviour, context.req, context.res)
  const isBinary = context.request.is('application/octet-stream') !== false
  const body: unknown =
    reads === 'raw' || (reads !== 'nothing' && isBinary)
      ? await everything(context.req)
      : (context.request as { readonly body?: unknown }).body
  await use?.(context.callbacks, body)
  if (answer.kind === 'throw') throw new Error(answer.message)
  if (answer.kind === 'hijack') {
    context.respond = false
    answerPast(answer, context.res)
    return
  }
  context.status = answer.status
  context.set({ ...answer.headers })
  if (answer.kind === 'json') context.body = answer.body
  else if (answer.kind === 'text') context.body = answer.body
  else if (answer.kind === 'bytes') context.body = Buffer.from(answer.body)
  else if (answer.kind === 'empty') context.res.statusCode = answer.status
  else context.body = Readable.from(answer.chunks(), { objectMode: false })
  if (answer.kind === 'empty' && answer.status !== 204) context.body = ''
}

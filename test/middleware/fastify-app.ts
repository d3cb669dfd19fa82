import { Readable } from 'node:stream'
import compress from '@fastify/compress'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { fastifyCallbacks } from 'ringback/fastify'
import { answerPast, type Behaviour, colonPath, type Harness, watchEnd } from './app.ts'
import { everything, running } from './servers.ts'

export const fastifyHarness: Harness = {
  name: 'Fastify 5',
  async start({ behaviours, callbacks, second, routing, compression: place, before, mount = '', http2 = false }) {
    const routerOptions = { caseSensitive: routing !== 'case-insensitive' }
    // The one type of an application is not that of the other.
    const app = fastify({
      exposeHeadRoutes: true,
      routerOptions,
      ...(http2 ? { http2: true as const } : {}),
    } as object) as FastifyInstance
    app.setErrorHandler((error: Error, _request, reply) => reply.code(500).type('text/plain').send(error.message))
    if (before !== undefined) app.addHook('onRequest', async ({ raw }) => void (await before(raw)))
    if (place === 'before') await app.register(compress, { threshold: 0 })
    if (callbacks !== undefined) await app.register(fastifyCallbacks(callbacks))
    if (second !== undefined) await app.register(fastifyCallbacks(second))
    if (place === 'after') await app.register(compress, { threshold: 0 })
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
      done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    )
    app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    const raw = async (instance: FastifyInstance): Promise<void> => {
      instance.removeAllContentTypeParsers()
      instance.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
      route(instance, 'raw')
    }
    const route = (instance: FastifyInstance, reads: 'parsed' | 'raw'): void => {
      for (const [method, path, behaviour] of behaviours) {
        const isRaw = behaviour.reads === 'raw' || behaviour.reads === 'nothing'
        if (isRaw !== (reads === 'raw')) continue
        instance.route({ method, url: colonPath(path), handler: (request, reply) => act(behaviour, request, reply) })
      }
    }
    await app.register(async (instance) => route(instance, 'parsed'), { prefix: mount })
    await app.register(raw, { prefix: mount })
    await app.listen({ port: 0, host: '127.0.0.1' })
    return running(app.server, () => app.close())
  },
}

async function act(behaviour: Behaviour, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { reads, use, answer } = behaviour
  watchEnd(behaviour, request.raw, reply.raw)
  const body: unknown = reads === 'raw' ? await everything(request.raw) : request.body
  await use?.(request.callbacks, body)
  if (answer.kind === 'throw') throw new Error(answer.message)
  if (answer.kind === 'hijack') {
    reply.hijack()
    answerPast(answer, reply.raw)
    return undefined
  }
  reply.code(answer.status).headers(answer.headers ?? {})
  if (answer.kind === 'json') return reply.send(answer.body)
  if (answer.kind === 'text') return reply.type('text/plain').send(answer.body)
  if (answer.kind === 'bytes') return reply.type('application/octet-stream').send(Buffer.from(answer.body))
  if (answer.kind === 'empty') return reply.send()
  return reply.send(Readable.from(answer.chunks(), { objectMode: false }))
}

import type { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Receiver } from './callback-receiver.ts'

/** The part of a Fastify instance that the plug-in needs, so that nobody who uses no Fastify needs its types. */
export interface FastifyScope {
  readonly supportedMethods: string[]
  readonly server: EventEmitter
  addHook(
    name: 'onRequest',
    hook: (
      request: { readonly raw: IncomingMessage },
      reply: { readonly raw: ServerResponse; hijack(): unknown },
      done: () => void,
    ) => void,
  ): unknown
  route(options: {
    readonly method: string[]
    readonly url: string
    readonly logLevel: 'silent'
    readonly handler: () => Promise<void>
  }): unknown
}

/**
 * A plug-in for Fastify: `await fastify.register(fastifyReceiver, { receiver })`. It takes the requests below the receiver's prefix before
 * any content type parser sees them, so that bytes, limits and answers are the receiver's own; other routes keep theirs. Nothing of them is
 * logged, since Fastify logs whole URLs, and these hold secrets: use the receiver's `onEvent`.
 */
export async function fastifyReceiver(scope: FastifyScope, { receiver }: { readonly receiver: Receiver }): Promise<void> {
  const handle = receiver.node()
  // Before the router: it refuses, and logs, methods that Fastify does not know and paths that do not decode.
  const others = scope.server.listeners('request')
  scope.server.removeAllListeners('request')
  scope.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response, (error) => {
      if (error !== undefined) response.destroy()
      else for (const other of others) other.call(scope.server, request, response)
    })
  })
  // For `inject()`, and for the second address of `listen({ host: 'localhost' })`, which do not go past that.
  scope.addHook('onRequest', (request, reply) => {
    reply.hijack()
    handle(request.raw, reply.raw, () => reply.raw.writeHead(404).end())
  })
  for (const prefix of receiver.prefixes) {
    // The hook has answered by then.
    scope.route({ method: scope.supportedMethods, url: `${prefix}/*`, logLevel: 'silent', handler: async () => {} })
  }
}

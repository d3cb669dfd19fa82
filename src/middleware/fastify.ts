import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { follow } from './follow.ts'
import type { CallbackOptions } from './options.ts'
import type { RequestCallbacks } from './request-callbacks.ts'
import { type Callbacks, createScope } from './scope.ts'

export type * from './public-types.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The callbacks of this request. */
    callbacks: RequestCallbacks
  }
}

/** For `app.register`. The server is ready when the description has been read and checked and, with `strict`, was found to be sound. */
export interface FastifyCallbacks extends Callbacks {
  (instance: FastifyInstance): Promise<void>
}

/** By us: whoever else has that name for something of his own is told by Fastify. */
const decorated = new WeakSet<object>()

/** Register it before the routes. It holds for the instance that it is registered on, and everything below. */
export function fastifyCallbacks<const Described = unknown>(options: CallbackOptions<Described>): FastifyCallbacks {
  const router = { caseSensitive: true }
  const scope = createScope(options, undefined, router)
  const register = async (instance: FastifyInstance): Promise<void> => {
    // With what the linter says: if it goes on while the server begins, what it leaves behind makes `process.nextTick` slower for good.
    await (options.strict === true ? scope.callbacks.ready : scope.callbacks.ready.catch(noop))
    router.caseSensitive = isCaseSensitive(instance)
    // A request gets its value before anything can read it.
    if (!(decorated.has(instance.server) && instance.hasRequestDecorator('callbacks'))) {
      instance.decorateRequest('callbacks', null as unknown as RequestCallbacks)
      decorated.add(instance.server)
    }
    instance.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
      request.callbacks = follow(scope, request.raw, reply.raw, request.originalUrl, request, request.callbacks)
      done()
    })
  }
  // What fastify-plugin does: the hook is for the instance itself, not for a child of it.
  const marks = { [Symbol.for('skip-override')]: true, [Symbol.for('fastify.display-name')]: 'ringback' }
  return Object.assign(register, marks, scope.callbacks)
}

function isCaseSensitive({ initialConfig }: FastifyInstance): boolean {
  // It is among the options of the router, and was among those of Fastify.
  const config = initialConfig as RouterConfig & { readonly routerOptions?: RouterConfig }
  return config.routerOptions?.caseSensitive ?? config.caseSensitive ?? true
}

interface RouterConfig {
  readonly caseSensitive?: boolean
}

function noop(): void {}

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context, HonoRequest, MiddlewareHandler, Next } from 'hono'
import { follow } from './follow.ts'
import { type FollowedFetch, followFetch, notFollowed } from './follow-fetch.ts'
import type { CallbackOptions } from './options.ts'
import type { BodyHolder } from './parsed-body.ts'
import type { RequestCallbacks } from './request-callbacks.ts'
import { type Callbacks, createScope } from './scope.ts'

export type * from './public-types.ts'

/** For `app.use`. The callbacks of a request are `c.var.callbacks`. */
export type HonoCallbacks = Callbacks & MiddlewareHandler<{ Variables: { callbacks: RequestCallbacks } }>

type Handle = (context: Context, next: Next) => Promise<void>

/** Use it before the routes. On Node it follows the response until it has gone out; elsewhere until its content is complete. */
export function honoCallbacks<const Described = unknown>(options: CallbackOptions<Described>): HonoCallbacks {
  const scope = createScope(options)
  const begin: Handle = (context, next) => {
    const { incoming, outgoing } = (context.env ?? {}) as { incoming?: IncomingMessage; outgoing?: ServerResponse }
    if (incoming === undefined || outgoing === undefined) return beginFetch(context, next)
    const before = context.get('callbacks')
    context.set('callbacks', follow(scope, incoming, outgoing, undefined, new HonoBody(context.req), before))
    return next()
  }
  const beginFetch: Handle = (context, next) => {
    const { raw } = context.req
    const before = context.get('callbacks')
    const after = (promise: Promise<unknown>): void => waitUntil(context, promise)
    const followed = followFetch(scope, raw, after, before, new HonoBody(context.req))
    context.set('callbacks', followed?.callbacks ?? notFollowed(scope, before))
    return followed === undefined ? next() : toEnd(followed, context, next)
  }
  const toEnd = async (followed: FollowedFetch, context: Context, next: Next): Promise<void> => {
    try {
      await next()
    } catch (error) {
      followed.failed()
      throw error
    }
    if (context.error !== undefined) followed.failed()
    // Hono has a response for whoever asks, also where no handler has given one.
    else await followed.answered(context.finalized ? context.res : undefined)
  }
  const handle = (context: Context, next: Next): Promise<void> =>
    scope.opening === undefined ? begin(context, next) : scope.opening.then(() => begin(context, next))
  return Object.assign(handle, scope.callbacks)
}

/** What a middleware before ours has read with the methods of `c.req`: Hono keeps it for the next one. */
class HonoBody implements BodyHolder {
  readonly #request: HonoRequest

  constructor(request: HonoRequest) {
    this.#request = request
  }

  get body(): Promise<ArrayBuffer | FormData> | undefined {
    const request = this.#request
    // Where something was read before, both give that in another form, and read nothing.
    const [first] = Object.keys(request.bodyCache)
    if (first === undefined) return undefined
    return first === 'formData' ? request.formData() : request.arrayBuffer()
  }
}

function waitUntil(context: Context, promise: Promise<unknown>): void {
  try {
    context.executionCtx.waitUntil(promise)
  } catch {
    // There is none outside of workers, and to ask for it throws.
  }
}

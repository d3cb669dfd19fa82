import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context, MiddlewareHandler } from 'hono'
import { follow } from './follow.ts'
import { followFetch, type WaitUntil } from './follow-fetch.ts'
import type { CallbackOptions } from './options.ts'
import type { RequestCallbacks } from './request-callbacks.ts'
import { type Callbacks, createScope } from './scope.ts'

export type * from './public-types.ts'

/** For `app.use`. The callbacks of a request are `c.var.callbacks`. */
export type HonoCallbacks = Callbacks & MiddlewareHandler<{ Variables: { callbacks: RequestCallbacks } }>

/** Use it before the routes. On Node it follows the response until it has gone out; elsewhere until its content is complete. */
export function honoCallbacks<const Described = unknown>(options: CallbackOptions<Described>): HonoCallbacks {
  const scope = createScope(options)
  const handle: MiddlewareHandler<{ Variables: { callbacks: RequestCallbacks } }> = async (context, next) => {
    if (scope.opening !== undefined) await scope.opening
    const { incoming, outgoing } = (context.env ?? {}) as { incoming?: IncomingMessage; outgoing?: ServerResponse }
    if (incoming !== undefined && outgoing !== undefined) {
      context.set('callbacks', follow(scope, { request: incoming, response: outgoing }))
      await next()
      return
    }
    const followed = followFetch(scope, context.req.raw, waitUntilOf(context))
    context.set('callbacks', followed.callbacks)
    await next()
    if (context.error !== undefined) followed.failed()
    else await followed.answered(context.res)
  }
  return Object.assign(handle, { ready: scope.ready, fire: scope.fire })
}

function waitUntilOf(context: Context): WaitUntil | undefined {
  try {
    const { executionCtx } = context
    return (promise) => executionCtx.waitUntil(promise)
  } catch {
    // There is none outside of workers, and to ask for it throws.
    return undefined
  }
}

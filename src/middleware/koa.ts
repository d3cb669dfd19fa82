import type { Context, Next } from 'koa'
import { follow } from './follow.ts'
import type { CallbackOptions } from './options.ts'
import type { RequestCallbacks } from './request-callbacks.ts'
import { type Callbacks, createScope } from './scope.ts'

export type * from './public-types.ts'

declare module 'koa' {
  interface ExtendableContext {
    /** The callbacks of this request. */
    callbacks: RequestCallbacks
  }
}

/** For `app.use`. */
export interface KoaCallbacks extends Callbacks {
  (context: Context, next: Next): Promise<void>
}

/** Use it before the routes. Parsers and compression may come before or after it. */
export function koaCallbacks<const Described = unknown>(options: CallbackOptions<Described>): KoaCallbacks {
  const scope = createScope(options, undefined, { caseSensitive: false })
  const handle = async (context: Context, next: Next): Promise<void> => {
    if (scope.opening !== undefined) await scope.opening
    const { req: request, res: response, originalUrl: target } = context
    const holder = context.request as { readonly body?: unknown }
    context.callbacks = follow(scope, request, response, target, holder, context.callbacks)
    await next()
  }
  return Object.assign(handle, scope.callbacks)
}

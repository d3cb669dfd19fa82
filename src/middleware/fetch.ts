import { followFetch, notFollowed, type WaitUntil } from './follow-fetch.ts'
import type { CallbackOptions } from './options.ts'
import { noCallbacks, type RequestCallbacks } from './request-callbacks.ts'
import { type Callbacks, createScope } from './scope.ts'

export type { WaitUntil } from './follow-fetch.ts'
export type * from './public-types.ts'

/** `Asked`: the runtime's own kind of `Request`, such as the `NextRequest` of Next.js. */
export type FetchHandler<Rest extends readonly unknown[], Asked extends Request = Request> = (
  request: Asked,
  ...rest: Rest
) => Response | Promise<Response>

export interface FetchOptions<Described = unknown> extends CallbackOptions<Described> {
  /**
   * Keeps the runtime awake until a promise is settled: `after` of Next.js. Default: `waitUntil` of an argument that has one, as workers are
   * given.
   */
  readonly waitUntil?: WaitUntil
}

export interface FetchCallbacks<Rest extends readonly unknown[], Asked extends Request = Request> extends Callbacks {
  (request: Asked, ...rest: Rest): Promise<Response>
}

const running = new WeakMap<Request, RequestCallbacks>()
const outside = noCallbacks(({ message }) => {
  process.emitWarning(message, { type: 'RingbackWarning', code: 'no-such-callback' })
})

/** Wraps a handler of Next.js, Bun, Deno or a worker: from a `Request`, and whatever the runtime adds, to a `Response`. */
export function withCallbacks<Rest extends readonly unknown[], const Described = unknown, Asked extends Request = Request>(
  handler: FetchHandler<Rest, Asked>,
  options: FetchOptions<Described>,
): FetchCallbacks<Rest, Asked> {
  const scope = createScope(options, { waitUntil: 'function' })
  const handle = async (request: Asked, ...rest: Rest): Promise<Response> => {
    if (scope.opening !== undefined) await scope.opening
    const before = running.get(request)
    const followed = followFetch(scope, request, options.waitUntil ?? waitUntilAmong(rest), before)
    running.set(request, followed?.callbacks ?? notFollowed(scope, before))
    if (followed === undefined) return handler(request, ...rest)
    let response: Response
    try {
      response = await handler(request, ...rest)
    } catch (error) {
      followed.failed()
      throw error
    }
    await followed.answered(response)
    return response
  }
  return Object.assign(handle, scope.callbacks)
}

/** The callbacks of a request that a wrapped handler was given. */
export function callbacksOf(request: Request): RequestCallbacks {
  return running.get(request) ?? outside
}

function waitUntilAmong(rest: readonly unknown[]): WaitUntil | undefined {
  const context = rest.find((one) => typeof (one as { waitUntil?: unknown } | undefined | null)?.waitUntil === 'function')
  return context === undefined ? undefined : (promise) => (context as { waitUntil: WaitUntil }).waitUntil(promise)
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import { follow } from './follow.ts'
import type { CallbackOptions } from './options.ts'
import type { RequestCallbacks } from './request-callbacks.ts'
import { type Callbacks, createScope } from './scope.ts'

export type * from './public-types.ts'

/** A request listener that knows the callbacks of its request. */
export type CallbackListener = (request: IncomingMessage, response: ServerResponse, callbacks: RequestCallbacks) => void

export interface NodeCallbacks extends Callbacks {
  /** The listener for `createServer`. `before`: callbacks from another one that stands around it, which gives it its third argument. */
  (request: IncomingMessage, response: ServerResponse, before?: RequestCallbacks): void
}

/** Wraps a request listener of `node:http`, `node:https` or the compatible half of `node:http2`. */
export function nodeCallbacks<const Described = unknown>(
  listener: CallbackListener,
  options: CallbackOptions<Described>,
): NodeCallbacks {
  const scope = createScope(options)
  const handle = (request: IncomingMessage, response: ServerResponse, before?: RequestCallbacks): void => {
    const begin = (): void => listener(request, response, follow(scope, request, response, undefined, undefined, before))
    if (scope.opening === undefined) begin()
    else void scope.opening.then(begin)
  }
  return Object.assign(handle, { ready: scope.ready, fire: scope.fire })
}

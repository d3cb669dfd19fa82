import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { follow } from './follow.ts'
import type { CallbackOptions } from './options.ts'
import type { RequestCallbacks } from './request-callbacks.ts'
import { type Callbacks, createScope } from './scope.ts'

export type * from './public-types.ts'

type NodeRequest = IncomingMessage | Http2ServerRequest
type NodeResponse = ServerResponse | Http2ServerResponse

/** A request listener that knows the callbacks of its request. */
export type CallbackListener<Request extends NodeRequest = IncomingMessage, Response extends NodeResponse = ServerResponse> = (
  request: Request,
  response: Response,
  callbacks: RequestCallbacks,
) => void

export interface NodeCallbacks<Request extends NodeRequest = IncomingMessage, Response extends NodeResponse = ServerResponse>
  extends Callbacks {
  /** The listener for `createServer`. `before`: callbacks from another one that stands around it, which gives it its third argument. */
  (request: Request, response: Response, before?: RequestCallbacks): void
}

/** Wraps a request listener of `node:http`, `node:https` or the compatible half of `node:http2`. */
export function nodeCallbacks<
  const Described = unknown,
  Request extends NodeRequest = IncomingMessage,
  Response extends NodeResponse = ServerResponse,
>(listener: CallbackListener<Request, Response>, options: CallbackOptions<Described>): NodeCallbacks<Request, Response> {
  const scope = createScope(options)
  const handle = (request: Request, response: Response, before?: RequestCallbacks): void => {
    // The methods that are used are those of both.
    const asked = request as IncomingMessage
    const answer = response as ServerResponse
    const begin = (): void => listener(request, response, follow(scope, asked, answer, undefined, undefined, before))
    if (scope.opening === undefined) begin()
    else void scope.opening.then(begin)
  }
  return Object.assign(handle, scope.callbacks)
}

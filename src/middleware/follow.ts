import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HeaderFields } from '../http/index.ts'
import { type Body, noBody } from './body.ts'
import { captureRequest, type RequestCapture } from './capture-request.ts'
import type { BodyHolder } from './parsed-body.ts'
import type { RequestCallbacks } from './request-callbacks.ts'
import { RunningCallbacks, runningBefore } from './request-callbacks.ts'
import type { Scope } from './scope.ts'
import type { RequestSide } from './sides.ts'
import { watchResponse } from './watch-response.ts'

const nothing: BodyHolder = {}

/**
 * Begins to follow a request of Node whose response has not begun. Every server framework on Node comes down to this. `target`: as received.
 * `holder`: what has, or will have, the body as the framework reads it. `before`: what the request has from a middleware that stands before.
 */
export function follow(
  scope: Scope,
  request: IncomingMessage,
  response: ServerResponse,
  target: string = request.url ?? '/',
  holder: BodyHolder = nothing,
  before?: RequestCallbacks | null,
): RequestCallbacks {
  const { method = 'GET' } = request
  const matched = scope.match(method, target)
  if (matched === undefined) return runningBefore(before) ?? scope.none
  const capture = matched.plan.needs.requestBody ? captureRequest(request, response, scope.maxBodyBytes, holder) : undefined
  const run = scope.begin(matched, new NodeRequest(request, method, target, scope.origin, capture))
  watchResponse(run, response, request.httpVersionMajor >= 2, scope.maxBodyBytes)
  return new RunningCallbacks(run, before)
}

class NodeRequest implements RequestSide {
  readonly method: string
  readonly target: string
  readonly headers: HeaderFields
  readonly #request: IncomingMessage
  readonly #origin: string | undefined
  readonly #scheme: 'http' | 'https'
  readonly #capture: RequestCapture | undefined

  constructor(
    request: IncomingMessage,
    method: string,
    target: string,
    origin: string | undefined,
    capture: RequestCapture | undefined,
  ) {
    this.method = method
    this.target = target
    this.headers = request.headers as HeaderFields
    this.#request = request
    this.#origin = origin
    // Now: what destroys the stream of a request, as `for await` does that is left early, takes the socket from it.
    this.#scheme = (request.socket as { readonly encrypted?: boolean } | undefined)?.encrypted === true ? 'https' : 'http'
    this.#capture = capture
  }

  origin(): string {
    return this.#origin ?? originOf(this.#scheme, this.#request.headers)
  }

  body(): Body {
    return this.#capture?.body() ?? noBody
  }

  bodyEnd(isAnswered: boolean): Promise<void> | undefined {
    return this.#capture?.end(isAnswered)
  }
}

function originOf(scheme: string, headers: IncomingMessage['headers']): string {
  const authority = headers.host ?? headers[':authority']
  return `${scheme}://${typeof authority === 'string' ? authority : 'localhost'}`
}

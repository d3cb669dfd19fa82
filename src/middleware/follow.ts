import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HeaderFields } from '../http/index.ts'
import { captureRequest } from './capture-request.ts'
import type { RequestCallbacks } from './request-callbacks.ts'
import { RunningCallbacks } from './request-callbacks.ts'
import type { Scope } from './scope.ts'
import { watchResponse } from './watch-response.ts'

export interface NodeExchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** As received. Default: the URL of the request. */
  readonly target?: string
  /** What the framework has made of the body, where it was read before us. */
  readonly parsed?: () => unknown
}

/** Begins to follow a request of Node whose response has not begun. Every server framework on Node comes down to this. */
export function follow(
  scope: Scope,
  { request, response, target = request.url ?? '/', parsed = nothing }: NodeExchange,
): RequestCallbacks {
  const { method = 'GET' } = request
  const matched = scope.match(method, target)
  if (matched === undefined) return scope.none
  const capture = matched.plan.needs.requestBody ? captureRequest(request, scope.maxBodyBytes, parsed) : undefined
  const run = scope.begin(matched, {
    method,
    target,
    headers: request.headers as HeaderFields,
    origin: () => scope.origin ?? originOf(request),
    body: () => capture?.body() ?? { kind: 'none' },
    bodyEnd: () => capture?.end() ?? Promise.resolve(),
  })
  watchResponse(run, response, request.httpVersionMajor >= 2, scope.maxBodyBytes)
  return new RunningCallbacks(run)
}

function originOf({ headers, socket }: IncomingMessage): string {
  const scheme = (socket as { readonly encrypted?: boolean }).encrypted === true ? 'https' : 'http'
  const authority = headers.host ?? headers[':authority']
  return `${scheme}://${typeof authority === 'string' ? authority : 'localhost'}`
}

function nothing(): undefined {
  return undefined
}

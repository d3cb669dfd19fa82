import type { IncomingMessage, ServerResponse } from 'node:http'
import { prepareServer } from './express-server.ts'
import { follow } from './follow.ts'
import type { CallbackOptions } from './options.ts'
import { setCallbacks } from './replace-method.ts'
import type { RequestCallbacks } from './request-callbacks.ts'
import { type Callbacks, createScope } from './scope.ts'

export type * from './public-types.ts'

declare global {
  namespace Express {
    interface Request {
      /** The callbacks of this request. */
      callbacks: RequestCallbacks
    }
  }
}

type ConnectRequest = IncomingMessage & {
  readonly originalUrl?: string
  readonly body?: unknown
  callbacks?: RequestCallbacks
}

/** For `app.use`, in Express 4 and 5, Connect, and NestJS on Express. */
export interface ExpressCallbacks extends Callbacks {
  (request: ConnectRequest, response: ServerResponse, next: (error?: unknown) => void): void
}

/** Use it before the routes. Parsers and compression may come before or after it. */
export function expressCallbacks<const Described = unknown>(options: CallbackOptions<Described>): ExpressCallbacks {
  const scope = createScope(options, undefined, { caseSensitive: false })
  const handle = (request: ConnectRequest, response: ServerResponse, next: (error?: unknown) => void): void => {
    prepareServer(request, response)
    const begin = (): void => {
      const target = request.originalUrl ?? request.url ?? '/'
      setCallbacks(request, follow(scope, request, response, target, request, request.callbacks))
      next()
    }
    if (scope.opening === undefined) begin()
    else void scope.opening.then(begin)
  }
  return Object.assign(handle, scope.callbacks)
}

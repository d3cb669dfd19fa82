import { channel } from 'node:diagnostics_channel'
import { type IncomingMessage, type Server, ServerResponse } from 'node:http'
import { isSharedMethod } from './replace-method.ts'

// They are given responses before Express.
const early = [channel('http.server.request.start'), channel('http.server.response.created')]

type Construct = (this: ServerResponse, request: IncomingMessage, options: unknown) => void
type ResponseClass = new (request: IncomingMessage, options: unknown) => ServerResponse

/**
 * From the next response on, a server makes them with the prototype that Express gives them anyway: then it changes nothing, and V8 takes them
 * all for alike, whatever is added to them.
 *
 * `seen`: one that has been with Express. `prototype`: of the responses of the application. `prepare` is called with the request, and answers
 * whether nobody can tell.
 */
export function bearResponses(
  server: Server,
  seen: ServerResponse,
  prototype: object,
  prepare: (request: IncomingMessage) => boolean,
): void {
  const classes = server as unknown as Record<symbol, unknown>
  const place = Object.getOwnPropertySymbols(server).find(({ description }) => description === 'ServerResponse')
  // Another one may be a class, which cannot be called, or make what it likes.
  if (place === undefined || classes[place] !== ServerResponse || !isUsual(seen, prototype)) return
  // The name is in stack traces, where this must be as if Node's own had been called.
  const { ServerResponse: Born } = {
    ServerResponse: function (this: ServerResponse, request: IncomingMessage, options: unknown): ServerResponse | undefined {
      if (early.some(({ hasSubscribers }) => hasSubscribers) || !prepare(request))
        return new (ServerResponse as ResponseClass)(request, options)
      ;(ServerResponse as unknown as Construct).call(this, request, options)
      return undefined
    },
  }
  Born.prototype = prototype
  classes[place] = Born
}

/** Whether no name that Node itself uses means anything else to the prototype: it uses them before Express would have given it that. */
function isUsual(seen: ServerResponse, prototype: object): boolean {
  const isOfNode = (name: PropertyKey): boolean => name in ServerResponse.prototype || Object.hasOwn(seen, name)
  let layer: object | null = prototype
  while (layer !== null && layer !== ServerResponse.prototype) {
    const here = layer
    if (Reflect.ownKeys(here).some((name) => isOfNode(name) && !isSharedMethod(here, name))) return false
    layer = Object.getPrototypeOf(layer) as object | null
  }
  return layer !== null
}

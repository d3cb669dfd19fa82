import type { IncomingMessage, Server, ServerResponse } from 'node:http'

type Members = Record<PropertyKey, unknown>

const served = new WeakSet<Server>()

// Later ones share classes there too. 12 is that of Node 22, 13 that of Node 24.
const isNeeded = Number.parseInt(process.versions.v8 ?? '', 10) < 13

/**
 * Makes V8 take the requests of an Express server for alike, and its responses: from the second on, whatever reads them, in Express and here, is
 * several times faster.
 *
 * Express changes the prototype of each, and then adds members. An object that is added to after that gets a hidden class that no other has. So
 * the server gives them those members before Express sees them: those that Express and Node themselves set before they call anybody, with the
 * value that they are read as without. `body` is none of them: some ask whether it is there.
 */
export function reserveMembers(request: IncomingMessage): void {
  if (!isNeeded) return
  const { server } = (request.socket ?? {}) as { readonly server?: Server }
  // What adapters for serverless platforms and mocks make up has none.
  if (typeof server?.prependListener !== 'function' || served.has(server)) return
  served.add(server)
  // Nobody else has what is the router's own.
  const symbols = Object.getOwnPropertySymbols(request).filter(({ description }) => description?.startsWith('router.'))
  const onRequest = (one: IncomingMessage, response: ServerResponse): void => {
    if (one.httpVersionMajor >= 2) return
    try {
      reserve(one as unknown as Members, response as unknown as Members, symbols)
    } catch {
      // Classes of the application's own, which do not have it.
      server.off('request', onRequest)
    }
  }
  server.prependListener('request', onRequest)
}

// One by one, since each of these lines is as fast as it can be, and a loop over names is not.
function reserve(request: Members, response: Members, symbols: readonly symbol[]): void {
  const { res, next, baseUrl, originalUrl, _parsedUrl, params, route, callbacks, _eventsCount } = request
  request.res = res
  request.next = next
  request.baseUrl = baseUrl
  request.originalUrl = originalUrl
  request._parsedUrl = _parsedUrl
  request.params = params
  request.route = route
  request.callbacks = callbacks
  // Node's own: added with a listener, and with the head.
  request._eventsCount = _eventsCount
  const { statusCode, statusMessage, locals } = response
  response.statusCode = statusCode
  response.statusMessage = statusMessage
  response.locals = locals
  for (const symbol of symbols) {
    const value = request[symbol]
    request[symbol] = value
  }
}

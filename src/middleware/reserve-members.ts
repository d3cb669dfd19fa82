import type { IncomingMessage, Server } from 'node:http'

type Members = Record<PropertyKey, unknown>

/**
 * From the next request on, a server gives each, before Express sees it, the members that Express itself sets before it calls anybody, as
 * `undefined`. `prototype`: what Express gives them. `isAlone`: whether the application is all that listens to the server.
 */
export function reserveMembers(server: Server, request: IncomingMessage, prototype: object, isAlone: () => boolean): void {
  // The router knows by it which route it has matched.
  const route = Object.getOwnPropertySymbols(request).find(({ description }) => description === 'router.tracing.matchedRoute')
  server.prependListener('request', (one) => {
    if (!isAlone() || !(one.httpVersionMajor < 2) || hasSome(one) || hasSome(prototype)) return
    // Mocks may be frozen: an error here would end the process.
    if (Object.isExtensible(one)) reserve(one as unknown as Members, route)
  })
}

/** Whether one of the names means something already. */
function hasSome(request: object): boolean {
  return (
    'res' in request ||
    'next' in request ||
    'baseUrl' in request ||
    'originalUrl' in request ||
    '_parsedUrl' in request ||
    'params' in request
  )
}

function reserve(request: Members, route: symbol | undefined): void {
  request.res = undefined
  request.next = undefined
  request.baseUrl = undefined
  request.originalUrl = undefined
  request._parsedUrl = undefined
  request.params = undefined
  if (route !== undefined) request[route] = undefined
  // Node's own, which it adds with a listener.
  const { _eventsCount } = request
  request._eventsCount = _eventsCount
}

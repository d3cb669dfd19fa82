import type { IncomingMessage } from 'node:http'

type Members = Record<PropertyKey, unknown>

/**
 * What gives a request, before Express sees it, the members that Express itself sets before it calls anybody, as `undefined`. It answers whether
 * that could be. `seen`: one that has been with Express. `prototype`: what Express gives them.
 */
export function reserveMembers(seen: IncomingMessage, prototype: object): (request: IncomingMessage) => boolean {
  // The router knows by it which route it has matched.
  const route = Object.getOwnPropertySymbols(seen).find(({ description }) => description === 'router.tracing.matchedRoute')
  return (request) => {
    // Mocks may be frozen: an error here would end the process.
    if (hasSome(request) || hasSome(prototype) || !Object.isExtensible(request)) return false
    reserve(request as unknown as Members, route)
    return true
  }
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

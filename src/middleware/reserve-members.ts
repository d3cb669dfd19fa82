import type { IncomingMessage, Server, ServerResponse } from 'node:http'

type Members = Record<PropertyKey, unknown>

interface Application {
  readonly request: object
  readonly response: object
  readonly handle: unknown
  readonly parent?: Application
}

// Of all copies of this package in the process.
const mark = Symbol.for('ringback.reserves-members')

// Later ones share classes there too. 12 is that of Node 22, 13 that of Node 24.
const isNeeded = Number.parseInt(process.versions.v8 ?? '', 10) < 13

/**
 * Makes V8 take the requests of an Express server for alike, and its responses: from the second on, whatever reads them, in Express and here, is
 * several times faster.
 *
 * Express changes the prototype of each, and then adds members. An object that is added to after that gets a hidden class that no other has. So
 * the server gives them those members before Express sees them, as `undefined`: those that Express itself sets before it calls anybody. Nobody
 * can tell, where nobody but Express sees them in between: where the application is all that listens, and none of those names means anything to
 * Node's prototypes or to those of the application.
 */
export function reserveMembers(request: IncomingMessage): void {
  if (!isNeeded) return
  const { server } = (request.socket ?? {}) as { readonly server?: Server & { [mark]?: boolean } }
  // What adapters for serverless platforms and mocks make up has none.
  if (typeof server?.prependListener !== 'function' || server[mark] === true) return
  server[mark] = true
  const application = applicationOf(request)
  if (application === undefined || server.listenerCount('request') !== 1 || !isLast(server, application)) return
  // The router knows by it which route it has matched.
  const route = Object.getOwnPropertySymbols(request).find(({ description }) => description === 'router.tracing.matchedRoute')
  server.prependListener('request', function onRequest(this: Server, one: IncomingMessage, response: ServerResponse) {
    if (this.listenerCount('request') !== 2 || !isLast(this, application) || !(one.httpVersionMajor < 2)) return
    const { request: all, response: allResponses } = application
    if (hasSome(one) || hasSome(all) || 'locals' in response || 'locals' in allResponses) return
    // Mocks may be frozen: an error here would end the process.
    if (Object.isExtensible(one) && Object.isExtensible(response)) {
      reserve(one as unknown as Members, response as unknown as Members, route)
    }
  })
}

function isLast(server: Server, application: unknown): boolean {
  return (server.rawListeners('request') as readonly unknown[]).at(-1) === application
}

/** The one that others are mounted in, as Express has made it. */
function applicationOf(request: IncomingMessage): Application | undefined {
  let { app } = request as { readonly app?: Application }
  // Two may be mounted in each other.
  for (let level = 0; app?.parent !== undefined && level < 100; level++) app = app.parent
  if (!app?.request || !app.response || app.parent !== undefined) return undefined
  // Somebody may stand in front of it.
  return String(app.handle).includes('finalhandler(') ? app : undefined
}

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

function reserve(request: Members, response: Members, route: symbol | undefined): void {
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
  response.locals = undefined
}

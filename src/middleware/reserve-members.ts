import type { IncomingMessage, Server, ServerResponse } from 'node:http'

type Members = Record<PropertyKey, unknown>

interface Application {
  readonly request: object
  readonly response: { readonly statusCode?: unknown; readonly statusMessage?: unknown }
  readonly parent?: Application
  readonly router?: Stacked
  /** Of Express 4, where to read `router` throws. */
  readonly _router?: Stacked
}

interface Stacked {
  readonly stack?: readonly { readonly handle?: Stacked & { readonly name?: string; readonly response?: unknown } }[]
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
  const application = applicationOf(request)
  // What adapters for serverless platforms and mocks make up has no server.
  if (application === undefined || typeof server?.prependListener !== 'function' || server[mark] === true) return
  server[mark] = true
  const isAlone = (listeners: readonly unknown[]): boolean => listeners.at(-1) === application
  if (server.listenerCount('request') > 1 || !isAlone(server.rawListeners('request'))) return
  // The router knows by it which route it has matched.
  const route = Object.getOwnPropertySymbols(request).find(({ description }) => description === 'router.tracing.matchedRoute')
  let hasPlainStatus: boolean | undefined
  const onRequest = (one: IncomingMessage, response: ServerResponse): void => {
    if (server.listenerCount('request') > 2 || !isAlone(server.rawListeners('request')) || one.httpVersionMajor >= 2) return
    const all = application.response
    if (hasSome(one) || hasSome(application.request) || 'locals' in response || 'locals' in all) return
    reserve(one as unknown as Members, response as unknown as Members, route)
    // What a mounted application has in their place, it has for all its responses.
    hasPlainStatus ??= isPlain(response) && !hasMounted(application._router ?? application.router)
    if (hasPlainStatus && all.statusCode === 200 && all.statusMessage === undefined) reserveStatus(response)
  }
  server.prependListener('request', onRequest)
}

/** The one that others are mounted in. */
function applicationOf(request: IncomingMessage): Application | undefined {
  let { app } = request as { readonly app?: Application }
  while (app?.parent !== undefined) app = app.parent
  return app?.request && app.response ? app : undefined
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

/** Whether both are what Node has in its prototype: a tracer may have put something in their place. */
function isPlain(response: ServerResponse): boolean {
  const { statusCode, statusMessage } = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(response)) as Record<
    'statusCode' | 'statusMessage',
    PropertyDescriptor | undefined
  >
  return statusCode?.value === 200 && statusMessage?.writable === true && statusMessage.value === undefined
}

function hasMounted({ stack = [] }: Stacked = {}): boolean {
  return stack.some(({ handle }) => handle?.name === 'mounted_app' || handle?.response !== undefined || hasMounted(handle))
}

function reserveStatus(response: ServerResponse): void {
  const one = response as { statusCode: number; statusMessage: string | undefined }
  one.statusCode = 200
  one.statusMessage = undefined
}

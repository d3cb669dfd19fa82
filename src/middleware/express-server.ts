import { EventEmitter } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { bearResponses } from './born-responses.ts'
import { reserveMembers } from './reserve-members.ts'

/** Of Express, as far as it is used here. */
interface Application {
  readonly request: object
  readonly response: object
  readonly handle: unknown
  readonly parent?: Application
  get(setting: string): unknown
  /** Of Express 4. */
  readonly _router?: { readonly stack?: readonly { readonly name?: string }[] }
}

// Of all copies of this package in the process.
const mark = Symbol.for('ringback.prepared')

// Before anybody replaces it for all emitters.
const { emit } = EventEmitter.prototype

// Later ones share classes there too. 12 is that of Node 22, 13 that of Node 24.
const isNeeded = Number.parseInt(process.versions.v8 ?? '', 10) < 13

/**
 * Makes V8 take the requests of an Express server for alike, and its responses: from the second on, whatever reads them, in Express and here, is
 * several times faster.
 *
 * Express changes the prototype of each, and then adds members. An object that is added to after that gets a hidden class that no other has. So
 * requests get those members, and responses that prototype, before Express sees them. Nobody can tell, where nobody but Express sees them in
 * between: where the application is the first that listens, and nobody stands in front of it.
 */
export function prepareServer(request: IncomingMessage, response: ServerResponse): void {
  if (!isNeeded) return
  const { server } = (request.socket ?? {}) as { readonly server?: Server & { [mark]?: boolean } }
  // What adapters for serverless platforms and mocks make up has none.
  if (typeof server?.rawListeners !== 'function' || server[mark] === true || !Object.isExtensible(server)) return
  Object.defineProperty(server, mark, { value: true })
  const application = applicationOf(request)
  if (application === undefined || !beginsWithExpress(application)) return
  const { handle } = application
  // What traces, or answers instead, may stand in the place of `emit`.
  const isFirst = (): boolean =>
    (server.rawListeners('request') as readonly unknown[])[0] === application &&
    application.handle === handle &&
    server.emit === emit
  // Others are answered by Node, or by who listens for them.
  const comesToExpress = ({ headers }: IncomingMessage): boolean =>
    headers.host !== undefined && headers.expect === undefined && !((server.maxRequestsPerSocket ?? 0) > 0)
  const reserve = reserveMembers(request, application.request)
  const prepare = (one: IncomingMessage): boolean => isFirst() && comesToExpress(one) && reserve(one)
  if (isFirst()) bearResponses(server, response, application.response, prepare)
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

/** Express 4 changes the prototypes in its second middleware; before, it asks for what parses the query. */
function beginsWithExpress(application: Application): boolean {
  const { stack } = application._router ?? {}
  if (stack === undefined) return true
  const [first, second] = stack
  return first?.name === 'query' && second?.name === 'expressInit' && typeof application.get('query parser') !== 'function'
}

import type { IncomingMessage, Server } from 'node:http'
import { bearResponses } from './born-responses.ts'
import { reserveMembers } from './reserve-members.ts'

/** Of Express, as far as it is used here. */
export interface Application {
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
 * requests get those members, and responses that prototype, before Express sees them. Nobody can tell, where nobody but Express sees them in
 * between: where the application is all that listens, and nobody stands in front of it.
 */
export function prepareServer(request: IncomingMessage): void {
  if (!isNeeded) return
  const { server } = (request.socket ?? {}) as { readonly server?: Server & { [mark]?: boolean } }
  // What adapters for serverless platforms and mocks make up has none.
  if (typeof server?.prependListener !== 'function' || server[mark] === true) return
  server[mark] = true
  const application = applicationOf(request)
  if (application === undefined || server.listenerCount('request') !== 1 || !isLast(server, application)) return
  // With the listener that reserves members.
  const isAlone = (): boolean => server.listenerCount('request') === 2 && isLast(server, application)
  reserveMembers(server, request, application.request, isAlone)
  bearResponses(server, application.response, isAlone)
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

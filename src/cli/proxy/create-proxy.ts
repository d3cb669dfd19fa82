import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { follow, type Scope } from '../../middleware/index.ts'
import { forwardRequest } from './forward-request.ts'
import { forwardUpgrade } from './forward-upgrade.ts'
import { createUpstream } from './upstream.ts'

/** A server that passes everything on to `upstream`, and has the callbacks of matched operations sent. `close` it to let go of both. */
export function createProxy(scope: Scope, upstreamUrl: URL, onFailure: (error: Error) => void): Server {
  const upstream = createUpstream(upstreamUrl)
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    follow(scope, request, response)
    forwardRequest(upstream, request, response, onFailure)
  }
  // How long something may take is for the server behind to say.
  const server = createServer({ requestTimeout: 0 }, handle)
  server.on('checkContinue', handle)
  server.on('upgrade', (request, client, head) => forwardUpgrade(upstream, request, client, head))
  server.on('close', () => upstream.close())
  return server
}

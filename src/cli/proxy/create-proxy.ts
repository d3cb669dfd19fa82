import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { follow, type Scope } from '../../middleware/index.ts'
import { forwardRequest, type Upgrade } from './forward-request.ts'
import { lastResponse, readAsOrdinary, upgradeTo, wantedProtocols } from './forward-upgrade.ts'
import { refusalOf, refuse, toOriginForm } from './refuse.ts'
import { createUpstream } from './upstream.ts'

/** A server that passes everything on to an upstream, and has the callbacks of matched operations sent. */
export interface Proxy {
  readonly server: Server
  /** Takes no more connections. Resolves when all that is under way is done, or has been ended after that time. */
  close(drainMs: number): Promise<void>
}

export function createProxy(scope: Scope, upstreamUrl: URL, onFailure: (error: Error) => void): Proxy {
  const upstream = createUpstream(upstreamUrl)
  const tunnels = new Set<Socket>()
  let isClosing = false

  const handle = (request: IncomingMessage, response: ServerResponse, upgrade?: Upgrade): void => {
    toOriginForm(request)
    response.once('close', () => {
      if (isClosing) server.closeIdleConnections()
    })
    const refusal = refusalOf(request)
    if (refusal !== undefined) {
      refuse(request, response, refusal)
      return
    }
    follow(scope, request, response)
    forwardRequest({ upstream, request, response, onFailure, ...(upgrade === undefined ? {} : { upgrade }) })
  }
  // How long something may take is for the server behind to say.
  const server = createServer({ requestTimeout: 0 }, (request, response) => handle(request, response))
  // Of a head whose last fields were left out, we would read another request than the client has sent. Its size is limited.
  server.maxHeadersCount = 0
  // A client that says that it sends nothing more may still wait for its answer. Node has it undocumented.
  Object.assign(server, { httpAllowHalfOpen: true })
  server.on('checkContinue', (request, response) => handle(request, response))
  server.on('upgrade', (request, stream, head) => {
    const client = stream as Socket
    const protocols = wantedProtocols(request)
    if (protocols === '') {
      readAsOrdinary(server, request, client, head)
      return
    }
    client.on('error', () => client.destroy())
    tunnels.add(client)
    client.on('close', () => tunnels.delete(client))
    const response = lastResponse(request, client)
    handle(request, response, upgradeTo(protocols, response, client, head))
  })
  return {
    server,
    async close(drainMs) {
      isClosing = true
      const closed = once(server, 'close')
      server.close()
      const endAll = (): void => {
        server.closeAllConnections()
        for (const client of tunnels) client.destroy()
      }
      const timer = setTimeout(endAll, drainMs)
      await closed
      clearTimeout(timer)
      upstream.close()
    },
  }
}

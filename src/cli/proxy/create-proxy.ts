import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
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
  /** The last answer under way on each connection that has one. */
  const busy = new Map<Socket, ServerResponse>()
  let isClosing = false

  // To Node a connection is idle, too, whose answer is held back until its callbacks are stored.
  const closeIdle = (): void => {
    if (busy.size === 0) server.close()
  }
  const release = (socket: Socket): void => {
    busy.delete(socket)
    socket.off('close', onClose)
    if (isClosing) closeIdle()
  }
  function onClose(this: Socket): void {
    release(this)
  }

  const handle = (request: IncomingMessage, response: ServerResponse, upgrade?: Upgrade): void => {
    toOriginForm(request)
    const { socket } = request
    // Answers that wait for their turn are not told of its end.
    if (!busy.has(socket)) socket.on('close', onClose)
    busy.set(socket, response)
    if (isClosing) response.shouldKeepAlive = false
    response.once('close', () => {
      if (busy.get(socket) === response) release(socket)
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
  // Longer than load balancers keep a connection: what is sent on one that we are about to end is reset.
  server.keepAliveTimeout = 65_000
  // Of a head whose last fields were left out, we would read another request than the client has sent. Its size is limited.
  server.maxHeadersCount = 0
  // A client that says that it sends nothing more may still wait for its answer. Node has it undocumented.
  Object.assign(server, { httpAllowHalfOpen: true })
  server.on('checkContinue', (request, response) => handle(request, response))
  server.on('upgrade', (request, stream, head) => {
    const client = stream as Socket
    client.on('error', destroySocket)
    const begin = (): void => {
      if (client.destroyed) return
      // That of a connection without a request.
      client.setTimeout(0)
      const protocols = wantedProtocols(request)
      if (protocols === '') {
        client.off('error', destroySocket)
        readAsOrdinary(server, request, client, head)
        return
      }
      tunnels.add(client)
      client.on('close', () => tunnels.delete(client))
      const response = lastResponse(request, client)
      handle(request, response, upgradeTo(protocols, response, client, head))
    }
    // Node no longer knows that an earlier answer comes first.
    const before = busy.get(client)
    if (before === undefined) begin()
    else before.once('close', begin)
  })
  return {
    server,
    async close(drainMs) {
      isClosing = true
      const closed = once(server, 'close')
      NetServer.prototype.close.call(server)
      closeIdle()
      const endAll = (): void => {
        server.close()
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

function destroySocket(this: Socket): void {
  this.destroy()
}

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface RunningServer {
  readonly port: number
  /** Requests on their way are answered first; connections that only stay open are not waited for. */
  close(): Promise<void>
}

/**
 * Node's five seconds end connections that senders and load balancers still count on, mostly for a minute: what is sent on one in that moment
 * is reset, and a POST is not sent again by itself.
 */
const keepAliveMs = 65_000

export async function startServer(
  listener: (request: IncomingMessage, response: ServerResponse) => void,
  port: number,
  host: string,
): Promise<RunningServer> {
  // Loaded when it is wanted: a receiver behind `handle()` may run where there is no node:http.
  const { createServer } = await import('node:http')
  let underway = 0
  let closing = false
  const server = createServer((request, response) => {
    underway++
    response.once('close', () => {
      underway--
      if (closing && underway === 0) server.closeAllConnections()
    })
    listener(request, response)
  })
  server.keepAliveTimeout = keepAliveMs
  await listening(server, port, host)
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        closing = true
        // The only error there is says that it was closed before.
        server.close(() => resolve())
        if (underway === 0) server.closeAllConnections()
      }),
  }
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

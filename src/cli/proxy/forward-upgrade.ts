import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { pairs } from './fields.ts'
import type { Upstream } from './upstream.ts'

/** Passes a request for another protocol on as it came, and then bytes both ways: WebSockets and the like. */
export function forwardUpgrade(upstream: Upstream, request: IncomingMessage, client: Duplex, head: Buffer): void {
  const server = upstream.connect()
  const fields = pairs(request.rawHeaders).map(([name, value]) => `${name}: ${value}\r\n`)
  // As latin1, byte for byte, as Node has read it.
  server.write(`${request.method} ${upstream.pathOf(request.url ?? '/')} HTTP/1.1\r\n${fields.join('')}\r\n`, 'latin1')
  server.write(head)
  server.pipe(client)
  client.pipe(server)
  for (const [one, other] of [
    [server, client],
    [client, server],
  ] as const) {
    one.on('error', () => other.destroy())
    one.on('close', () => other.destroy())
  }
}

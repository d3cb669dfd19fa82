import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createHttp2Server, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { Running } from './app.ts'

/** A server for a listener. With HTTP/2 it has what the tests use of the other. */
export function serverOf(listener: RequestListener, http2 = false): Server {
  return http2 ? (createHttp2Server(listener as never) as unknown as Server) : createServer(listener)
}

export async function running(server: Server, close: () => unknown = () => server.close()): Promise<Running> {
  if (!server.listening) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  }
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', (session: ServerHttp2Session) => sessions.add(session))
  return {
    port: (server.address() as AddressInfo).port,
    server,
    async stop() {
      server.closeAllConnections?.()
      for (const session of sessions) session.destroy()
      await close()
    },
  }
}

export async function everything(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Resolves when the content of a request waits in its stream, to be read. */
export async function arrived(request: IncomingMessage): Promise<void> {
  while (request.readableLength < Number(request.headers['content-length'])) await new Promise((resolve) => setImmediate(resolve))
}

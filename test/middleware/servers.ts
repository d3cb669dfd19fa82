import { once } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Running } from './app.ts'

export async function running(server: Server, close: () => unknown = () => server.close()): Promise<Running> {
  if (!server.listening) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  }
  return {
    port: (server.address() as AddressInfo).port,
    server,
    async stop() {
      server.closeAllConnections()
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

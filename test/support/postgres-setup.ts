import { once } from 'node:events'
import { createServer } from 'node:http'
import type { TestProject } from 'vitest/node'
import { type PostgresServer, startPostgres } from './postgres-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Answers with the URL of a running PostgreSQL server, and starts it on the first request. */
    readonly postgresDoor: string
  }
}

/**
 * One PostgreSQL server for the whole run, started when the first test asks for it. Tests run in other processes, so they ask over a
 * port of loopback; a run in which nobody asks pays for nothing but this listener.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let server: Promise<PostgresServer> | undefined
  const door = createServer((_request, response) => {
    server ??= startPostgres()
    server.then(
      ({ url }) => response.end(url),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    )
  }).listen(0, '127.0.0.1')
  await once(door, 'listening')
  const address = door.address()
  if (address === null || typeof address === 'string') throw new Error(`Expected a port, found ${address}`)
  project.provide('postgresDoor', `http://127.0.0.1:${address.port}/`)

  return async () => {
    door.close()
    door.closeAllConnections()
    await (await server?.catch(() => undefined))?.stop()
  }
}

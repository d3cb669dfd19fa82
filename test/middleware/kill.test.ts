import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDispatcher, publicInternet, sqliteStore } from 'ringback/dispatcher'
import { afterEach, expect, test } from 'vitest'
import { type Clock, systemClock } from '../../src/util/index.ts'
import { buildScript, killHard, sourceFile } from '../support/child.ts'
import { document } from './document.ts'
import { jsonPost, talk } from './raw-client.ts'
import { everything } from './servers.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringback-'))
afterEach(() => rmSync(folder, { recursive: true }))

/** A server that dies as soon as it is told that a response has gone out: before it could note that. */
const server = `
  import { createServer } from 'node:http'
  import { createDispatcher, sqliteStore } from ${sourceFile('dispatcher/index.ts')}
  import { nodeCallbacks } from ${sourceFile('middleware/node.ts')}
  const dispatcher = createDispatcher({ store: sqliteStore({ path: process.argv[2] }) })
  const dying = { ...dispatcher, reschedule: () => process.kill(process.pid, 'SIGKILL') }
  const listener = nodeCallbacks(
    (request, response) => response.writeHead(201, { 'content-type': 'application/json' }).end('{"id":"o1"}'),
    {
      description: ${JSON.stringify(document)},
      dispatcher: dying,
      handlers: { createOrder: { orderShipped: ({ exchange }) => ({ body: exchange.response.body }) } },
      onStart() {},
    },
  )
  const server = createServer(listener).listen(0, '127.0.0.1', () => process.send(server.address().port))
`

test('a server that is killed between the end of the response and the send: the callback is delivered after the restart', async () => {
  const path = join(folder, 'deliveries.sqlite')
  const script = await buildScript(server)
  const child = script.start(path)
  const [port] = (await once(child, 'message')) as [number]

  const seen: string[] = []
  const subscriber = createServer(async (request, response) => {
    seen.push(`${request.url} ${await everything(request)}`)
    response.end()
  }).listen(0, '127.0.0.1')
  await once(subscriber, 'listening')
  const { port: subscriberPort } = subscriber.address() as AddressInfo

  const exited = once(child, 'exit')
  const callbackUrl = `http://127.0.0.1:${subscriberPort}/hook`
  const answer = await talk(port, jsonPost('/v1/orders', { callbackUrl }))
  expect(answer).toContain('{"id":"o1"}')
  expect((await exited)[1]).toBe('SIGKILL')
  expect(seen).toEqual([])

  // A minute later.
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + 61_000 }
  const store = sqliteStore({ path })
  const again = createDispatcher({ store, clock, policy: publicInternet({ devLoopback: true }) })
  expect(await again.runDue()).toBe(1)
  expect(seen).toEqual(['/hook/shipped/o1 {"id":"o1"}'])
  expect((await again.stats()).counts).toMatchObject({ delivered: 1, pending: 0 })

  await again.stop()
  await store.close()
  subscriber.close()
  subscriber.closeAllConnections()
  await killHard(child)
  script.remove()
})

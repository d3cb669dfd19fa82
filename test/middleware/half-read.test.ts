import { createServer, type IncomingMessage } from 'node:http'
import { PassThrough, pipeline } from 'node:stream'
import { createDispatcher, memoryStore } from 'ringback/dispatcher'
import { nodeCallbacks } from 'ringback/node'
import { request as forward } from 'undici'
import { afterEach, expect, test } from 'vitest'
import type { Running } from './app.ts'
import { echo } from './bench.ts'
import { document } from './document.ts'
import { rawRequest, talk } from './raw-client.ts'
import { everything, running } from './servers.ts'
import { Sink } from './sink.ts'
import { durable } from './wire-contract.ts'

const servers: Running[] = []
afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())))

async function portOf(listener: Parameters<typeof createServer>[1]): Promise<number> {
  const server = await running(createServer(listener))
  servers.push(server)
  return server.port
}

/** Ways to read a request after which Node has taken its socket away. */
const READS: [name: string, read: (request: IncomingMessage) => Promise<unknown>][] = [
  [
    'it is left in the middle',
    async (request) => {
      for await (const _ of request) break
    },
  ],
  [
    'it is forwarded',
    async (request) => {
      const port = await portOf((asked, answer) => void everything(asked).then((bytes) => answer.end(bytes)))
      const answer = await forward(`http://127.0.0.1:${port}/`, { method: 'POST', body: request })
      return answer.body.text()
    },
  ],
  [
    'what reads it fails',
    (request) => {
      const target = new PassThrough()
      target.on('resume', () => target.destroy(new Error('full')))
      target.resume()
      return new Promise((resolve) => pipeline(request, target, resolve))
    },
  ],
]
test.each(READS.flatMap(([name, read]) => [true, false].map((isDurable) => [name, isDurable, read] as const)))(
  'a request that is not read to its end, or not here, has its callbacks: %s, durable %s',
  async (_name, isDurable, read) => {
    const sink = new Sink()
    const dispatcher = createDispatcher({ store: durable(memoryStore()) })
    const port = await portOf(
      nodeCallbacks((request, response) => void read(request).then(() => response.end('done')), {
        description: document,
        ...(isDurable ? { dispatcher } : { fire: sink.fire }),
        onStart() {},
        onError: sink.onError,
        handlers: { echo: { echoed: echo } },
      }),
    )
    const asked = rawRequest('POST', '/v1/echo', { headers: { 'Content-Type': 'text/plain' }, body: 'hello' })
    expect(await talk(port, asked)).toContain('done')
    if (isDurable)
      expect((await dispatcher.list()).map(({ request }) => request.url)).toEqual(['http://hooks.example.com/echoed'])
    else await sink.reaches(1)
    expect(sink.problems).toEqual([])
  },
)

import { once } from 'node:events'
import { createServer } from 'node:http'
import { createDispatcher, memoryStore } from 'ringback/dispatcher'
import { nodeCallbacks } from 'ringback/node'
import { afterEach, describe, expect, test } from 'vitest'
import { dial, rawRequest } from './raw-client.ts'
import { running } from './servers.ts'
import { Sink } from './sink.ts'
import { deferred } from './wait.ts'
import { durable } from './wire-contract.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

const description = {
  openapi: '3.1.0',
  info: { title: 'Uploads', version: '1' },
  paths: {
    '/uploads': {
      post: {
        operationId: 'upload',
        requestBody: { content: { 'application/json': {} } },
        responses: { 201: { description: 'Made' } },
        callbacks: { done: { 'https://hooks.example.com/done': { post: { responses: { 200: { description: 'Ok' } } } } } },
      },
    },
  },
}

/** The client says more than it sends, and leaves once it has its answer. */
const half = rawRequest('POST', '/uploads', {
  headers: { 'Content-Type': 'application/json', 'Content-Length': '100' },
  body: '{"a',
})
const LEAVES: [how: string, leave: (socket: Awaited<ReturnType<typeof dial>>) => unknown][] = [
  ['ends', (socket) => socket.end()],
  ['closes', (socket) => socket.destroy()],
  ['resets', (socket) => socket.resetAndDestroy()],
]

describe.each(LEAVES)('an upload that was answered, and whose client then %s', (_how, leave) => {
  async function upload(more: object): Promise<void> {
    const listener = nodeCallbacks((_request, response) => void response.writeHead(201).end('made'), {
      description,
      handlers: { upload: { done: () => ({}) } },
      onStart() {},
      ...more,
    })
    await listener.ready
    const server = await running(createServer(listener))
    stops.push(() => server.stop())
    const socket = await dial(server.port)
    socket.on('error', () => {})
    socket.write(half)
    await once(socket, 'data')
    leave(socket)
  }

  test('is followed by its callbacks', async () => {
    const sink = new Sink()
    await upload({ fire: sink.fire, onError() {} })
    await sink.reaches(1)
    expect(sink.urls()).toEqual(['https://hooks.example.com/done'])
  })

  test('is followed by those that are stored', async () => {
    const kept = deferred<void>()
    const dispatcher = createDispatcher({ store: durable(memoryStore()) })
    stops.push(() => dispatcher.stop())
    const enqueue: typeof dispatcher.enqueue = async (...args) => {
      const answer = await dispatcher.enqueue(...args)
      kept.resolve()
      return answer
    }
    await upload({ dispatcher: { ...dispatcher, enqueue }, commitTimeoutMs: 20, onError() {} })
    await kept.promise
    expect((await dispatcher.list()).map(({ request }) => request.url)).toEqual(['https://hooks.example.com/done'])
  })
})

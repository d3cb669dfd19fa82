import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { pipeline, Readable, Writable } from 'node:stream'
import { pipeline as pipelined } from 'node:stream/promises'
import { nodeCallbacks } from 'ringback/node'
import { request as send } from 'undici'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Running } from './app.ts'
import { document } from './document.ts'
import { jsonPost, talk } from './raw-client.ts'
import { everything, running } from './servers.ts'
import { Sink } from './sink.ts'

let upstream: Running
let server: Running | undefined
beforeEach(async () => {
  upstream = await running(createServer(async (request, response) => void response.end(await everything(request))))
})
afterEach(async () => {
  await server?.stop()
  await upstream.stop()
})

type Way = (request: IncomingMessage, response: ServerResponse) => Promise<unknown>
const made = '{"id":"o1"}'
const nowhere = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() })
const passOn = (body: IncomingMessage): ReturnType<typeof send> =>
  send(`http://127.0.0.1:${upstream.port}/`, { method: 'POST', body })

/** Some of them destroy the request when they have it, and Node then takes its socket from it. */
const WAYS: [name: string, way: Way][] = [
  ['not at all', async (_request, response) => response.end(made)],
  [
    'by a loop',
    async (request, response) => {
      for await (const _chunk of request);
      response.end(made)
    },
  ],
  [
    'by a loop that is left',
    async (request, response) => {
      for await (const _chunk of request) break
      response.end(made)
    },
  ],
  [
    'by a pipeline',
    async (request, response) => {
      await pipelined(request, nowhere())
      response.end(made)
    },
  ],
  ['by a pipeline to the response', (request, response) => pipelined(request, response)],
  [
    'by undici, as the body of another request',
    async (request, response) => {
      const { body } = await passOn(request)
      response.end(await body.text())
    },
  ],
  [
    'by undici, whose answer is passed on',
    async (request, response) => {
      const { body } = await passOn(request)
      pipeline(body, response, () => {})
    },
  ],
  [
    'by fetch, as the body of another request',
    async (request, response) => {
      const body = Readable.toWeb(request) as ReadableStream<Uint8Array>
      const answer = await fetch(`http://127.0.0.1:${upstream.port}/`, { method: 'POST', body, duplex: 'half' } as RequestInit)
      response.end(await answer.text())
    },
  ],
]

test.each(WAYS)('a request that is read %s fires its callback', async (_name, way) => {
  const sink = new Sink()
  const { fire, onError } = sink
  const listener: RequestListener = (request, response) => {
    response.writeHead(201, { 'Content-Type': 'application/json' })
    void way(request, response)
  }
  const handlers = { createOrder: { orderShipped: () => ({ body: { id: 'o1' } }) } }
  server = await running(
    createServer(nodeCallbacks(listener, { description: document, fire, onError, onStart() {}, handlers })) as Server,
  )
  await talk(server.port, jsonPost('/v1/orders', { id: 'o1', callbackUrl: 'http://hooks.example.com' }))
  await sink.reaches(1)
  expect(sink.problems.map(({ message }) => message)).toEqual([])
  expect(sink.urls()).toEqual(['http://hooks.example.com/shipped/o1'])
})

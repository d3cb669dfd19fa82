import { createServer, type ServerResponse } from 'node:http'
import { type HandlerContext, nodeCallbacks } from 'ringback/node'
import { afterEach, expect, test } from 'vitest'
import type { Running } from './app.ts'
import { document } from './document.ts'
import { rawRequest, talk } from './raw-client.ts'
import { running } from './servers.ts'
import { Sink } from './sink.ts'

let server: Running | undefined
afterEach(() => server?.stop())

const GIVEN: [name: string, give: (response: ServerResponse) => void][] = [
  ['setHeader with a list', (response) => response.setHeader('Location', ['/a', '/b']).writeHead(202)],
  ['appendHeader', (response) => response.appendHeader('Location', '/a').appendHeader('Location', '/b').writeHead(202)],
  ['names and values in turn', (response) => response.writeHead(202, ['Location', '/a', 'Location', '/b'])],
  ['pairs', (response) => response.writeHead(202, [['Location', '/a'] as never, ['location', '/b'] as never])],
  ['an object', (response) => response.writeHead(202, { Location: '/a', location: '/b' })],
  ['an object with a list', (response) => response.writeHead(202, 'Later', { Location: ['/a', '/b'] })],
  // Node lets the last one win here.
  ['after another field', (response) => response.setHeader('X', '1').writeHead(202, ['Location', '/a', 'Location', '/b'])],
  ['over an earlier value', (response) => response.setHeader('Location', '/a').writeHead(202, { location: '/b' })],
  ['once', (response) => response.writeHead(202, { Location: '/a' })],
  ['not at all', (response) => response.writeHead(202)],
]
test.each(GIVEN)('a field of the response is what went over the wire: %s', async (_name, give) => {
  const sink = new Sink()
  // Its key would have no value for two of them.
  const description = JSON.parse(JSON.stringify(document).replace('?at={$response.header.Location}&s={$statusCode}', ''))
  const done = ({ exchange }: HandlerContext): { body: object } => ({ body: exchange.response.headers })
  const { fire, onError } = sink
  const handle = nodeCallbacks(
    (_request, response) => {
      give(response)
      response.end()
    },
    { description, fire, onError, onStart() {}, handlers: { startJob: { done } } },
  )
  server = await running(createServer(handle))
  const answer = await talk(
    server.port,
    rawRequest('POST', '/v1/jobs', { headers: { 'X-Callback': 'http://hooks.example.com/' } }),
  )
  await sink.reaches(1)
  const lines = Array.from(answer.matchAll(/^location: (.*)\r$/gim), ([, value]) => value)
  const [{ location: told = [] }] = sink.bodies() as [{ location?: string | string[] }]
  expect([told].flat()).toEqual(lines)
})

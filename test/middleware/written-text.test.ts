import { createServer } from 'node:http'
import { nodeCallbacks } from 'ringback/node'
import { afterEach, expect, test } from 'vitest'
import type { Running } from './app.ts'
import { running } from './servers.ts'

let server: Running | undefined
afterEach(() => server?.stop())

const post = { post: { responses: { 204: { description: 'Taken.' } } } }
const description = {
  openapi: '3.1.0',
  info: { title: 'Orders', version: '1' },
  paths: {
    '/orders': {
      post: { responses: { 200: { description: 'Made.' } }, callbacks: { made: { 'http://hooks.example.com/': post } } },
    },
  },
}

const TEXTS: [name: string, text: string, type: string][] = [
  ['JSON', '{"url":"http://x/é"}', 'application/json'],
  ['JSON in the charset that is named', '{"url":"http://x/é"}', 'application/json; charset=utf8'],
  ['JSON in another charset than it is written in', '{"url":"http://x/é"}', 'application/json; charset=latin1'],
  ['JSON after a byte order mark', '\ufeff{"url":"http://x/"}', 'application/json'],
  ['JSON with half of a surrogate pair', '{"url":"http://x/\ud800"}', 'application/json'],
  ['JSON that does not parse', '{"url":', 'application/json'],
  ['nothing', '', 'application/json'],
  ['a form', 'url=http%3A%2F%2Fx', 'application/x-www-form-urlencoded'],
  ['text', '"größe"', 'text/plain'],
]

test.each(TEXTS)('a response is the same whether it is written as text or as bytes: %s', async (_name, text, type) => {
  const bodies: unknown[] = []
  const writes = [text, Buffer.from(text)]
  const callbacks = nodeCallbacks((_request, response) => void response.setHeader('content-type', type).end(writes.shift()), {
    description,
    handlers: { 'POST /orders': { made: ({ exchange }) => void bodies.push(exchange.response.body) } },
    fire() {},
    onStart() {},
  })
  server = await running(createServer(callbacks))
  for (const _write of [...writes]) await (await fetch(`http://127.0.0.1:${server.port}/orders`, { method: 'POST' })).text()
  await callbacks.drain()
  expect(bodies).toHaveLength(2)
  expect(bodies[0]).toEqual(bodies[1])
})

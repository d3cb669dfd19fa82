import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import { createDispatcher, memoryStore, sqliteStore } from 'ringback/dispatcher'
import { fastifyCallbacks } from 'ringback/fastify'
import { type CallbackOptions, nodeCallbacks } from 'ringback/node'
import { expect, test } from 'vitest'
import { fakeTransport } from '../dispatcher/support.ts'

const description: object = {
  openapi: '3.1.0',
  info: { title: 'A', version: '1' },
  paths: {
    '/orders': {
      post: {
        operationId: 'order',
        requestBody: { content: { 'application/json': {} } },
        responses: { 201: { description: 'Made.' } },
        callbacks: {
          made: {
            '{$request.body#/url}': {
              post: { requestBody: { content: { 'application/json': {} } }, responses: { 200: { description: 'Yes.' } } },
            },
          },
        },
      },
    },
  },
}
const stores = { memory: memoryStore, sqlite: () => sqliteStore({ path: ':memory:' }) }
const handlers = (made: () => unknown): NonNullable<CallbackOptions['handlers']> => ({ order: { made } }) as never
const ours = { onStart() {}, onError() {} }
const url = 'https://a.example/'

test.each<[what: string, store: keyof typeof stores, body: object, made: () => unknown]>([
  ['nothing is given', 'sqlite', { url }, () => undefined],
  [
    'the handler throws',
    'sqlite',
    { url },
    () => {
      throw new Error('no')
    },
  ],
  ['the client names no URL', 'sqlite', {}, () => ({ body: 1 })],
  ['the callback is stored', 'sqlite', { url }, () => ({ body: 1 })],
  ['the callback is stored', 'memory', { url }, () => ({ body: 1 })],
])('"finish" comes after the call of "end", as without us: %s (%s)', async (_what, store, body, made) => {
  const dispatcher = createDispatcher({ store: stores[store](), transport: fakeTransport() })
  const seen: string[] = []
  const handle = nodeCallbacks(
    async (request, response) => {
      for await (const _ of request);
      response.writeHead(201).end('{}', () => void seen.push('called'))
      seen.push('returned')
      await once(response, 'finish')
      seen.push('finish')
    },
    { description, dispatcher, handlers: handlers(made), ...ours },
  )
  await handle.ready
  const server = createServer(handle).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const headers = { 'content-type': 'application/json' }
  const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}/orders`
  const response = await fetch(target, { method: 'POST', headers, body: JSON.stringify(body) })
  expect(await response.text()).toBe('{}')
  await expect.poll(() => seen).toHaveLength(3)
  expect(seen).toEqual(['returned', 'called', 'finish'])
  await dispatcher.stop()
  server.closeAllConnections()
  server.close()
})

test('what a response has left is known when it has ended: a round after it, or a stop, finds the callback', async () => {
  for (const act of ['runDue', 'stop'] as const) {
    const transport = fakeTransport()
    const dispatcher = createDispatcher({ transport })
    if (act === 'stop') dispatcher.start()
    const app = fastify()
    await app.register(fastifyCallbacks({ description, dispatcher, handlers: handlers(() => ({ body: 1 })), ...ours }))
    app.post('/orders', (_request, reply) => reply.code(201).send({}))
    await app.inject({ method: 'POST', url: '/orders', payload: { url } })
    await dispatcher[act]()
    expect(transport.sent).toHaveLength(1)
    await app.close()
    await dispatcher.stop()
  }
})

test('a handler runs in the context of its own request', async () => {
  const context = new AsyncLocalStorage<string>()
  const seen: unknown[] = []
  const dispatcher = createDispatcher({ transport: fakeTransport() })
  const made = ({ exchange }: { readonly exchange: { readonly request: { readonly headers: object } } }): undefined => {
    seen.push([context.getStore(), (exchange.request.headers as { readonly 'x-name'?: string })['x-name']])
  }
  const handle = nodeCallbacks(
    async (request, response) => {
      for await (const _ of request);
      response.writeHead(201).end('{}')
    },
    { description, dispatcher, handlers: handlers(made as never), ...ours },
  )
  await handle.ready
  const server = createServer((request, response) => {
    context.run(String(request.headers['x-name']), () => handle(request, response))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}/orders`
  const names = Array.from({ length: 20 }, (_, i) => `n${i}`)
  const post = (name: string): Promise<Response> =>
    fetch(target, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-name': name },
      body: JSON.stringify({ url }),
    })
  await Promise.all(names.map(async (name) => (await post(name)).text()))
  await expect.poll(() => seen.length).toBe(names.length)
  expect(seen.toSorted()).toEqual(names.map((name) => [name, name]).toSorted())
  await dispatcher.stop({ drainMs: 0 })
  server.closeAllConnections()
  server.close()
})

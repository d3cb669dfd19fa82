import { once } from 'node:events'
import { connect, createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { createDispatcher, memoryStore } from 'ringback/dispatcher'
import { nodeCallbacks } from 'ringback/node'
import { expect, test } from 'vitest'
import { echo, hook, order } from './bench.ts'
import { document } from './document.ts'
import { everything, running, serverOf } from './servers.ts'
import { Sink } from './sink.ts'
import { durable } from './wire-contract.ts'

test('the compatible half of node:http2: streams that share a socket do not hold each other up', async () => {
  const dispatcher = createDispatcher({ store: durable(memoryStore()) })
  const handle = nodeCallbacks(
    (request, response) => {
      request.resume().once('end', () => response.writeHead(201, { 'content-type': 'application/json' }).end('{"id":"o1"}'))
    },
    { description: document, dispatcher, onStart() {}, handlers: { createOrder: { orderAccepted: echo } } },
  )
  const server = createServer(handle as never).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const ask = async (): Promise<string> => {
    const stream = client.request({ ':method': 'POST', ':path': '/v1/orders', 'content-type': 'application/json' })
    stream.end(JSON.stringify(order))
    return String(await everything(stream))
  }
  expect(await Promise.all([ask(), ask(), ask()])).toEqual(Array(3).fill('{"id":"o1"}'))
  const stored = await dispatcher.list()
  expect(stored.map(({ request }) => request.url)).toEqual([hook, hook, hook])
  expect(JSON.parse(Buffer.from(stored[0]?.request.body ?? []).toString())).toMatchObject({
    asked: order,
    answered: { id: 'o1' },
  })
  client.close()
  server.close()
  await once(server, 'close')
})

test.each([
  ['GET', '/v1/orders?callback=http://hooks.example.com/listed'],
  ['POST', '/v1/echo'],
])('a request that ends with its head has no content, and nothing is missed: %s', async (method, path) => {
  const sink = new Sink()
  const handle = nodeCallbacks((_request, response) => response.end('[]'), {
    description: document,
    fire: sink.fire,
    onError: sink.onError,
    onStart() {},
    handlers: { listOrders: { listed: echo }, echo: { echoed: echo } },
  })
  const server = await running(serverOf(handle, true))
  const client = connect(`http://127.0.0.1:${server.port}`)
  const stream = client.request({ ':method': method, ':path': path }, { endStream: true })
  expect(String(await everything(stream))).toBe('[]')
  await sink.reaches(1)
  expect(sink.problems).toEqual([])
  expect(sink.bodies()).toMatchObject([{ status: 200 }])
  client.close()
  await server.stop()
})

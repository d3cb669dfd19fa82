// A server of Bun or Deno whose callbacks are stored, sent to a server of its own kind, and refused where the policy says so. Prints what came
// of it: every runtime has to print the same.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createDispatcher, createTransport, type DeliveryStore, memoryStore, publicInternet } from 'ringback/dispatcher'
import { callbacksOf, withCallbacks } from 'ringback/fetch'
import { nodeCallbacks } from 'ringback/node'

type Handler = (request: Request) => Response | Promise<Response>
interface Served {
  readonly port: number
  stop(): unknown
}

declare const Bun: { serve(options: { port: number; hostname: string; fetch: Handler }): Served }
declare const Deno: {
  serve(options: object, handler: Handler): { readonly addr: { readonly port: number }; shutdown(): unknown }
}

const hostname = '127.0.0.1'

function serve(handler: Handler): Served {
  if (typeof Bun !== 'undefined') return Bun.serve({ port: 0, hostname, fetch: handler })
  const server = Deno.serve({ port: 0, hostname, onListen() {} }, handler)
  return { port: server.addr.port, stop: () => server.shutdown() }
}

const description = {
  openapi: '3.1.0',
  info: { title: 'Orders', version: '1' },
  paths: {
    '/orders': {
      post: {
        operationId: 'order',
        requestBody: { content: { 'application/json': {} } },
        responses: { 201: { description: 'Made' } },
        callbacks: {
          made: {
            '{$request.body#/url}': {
              post: { requestBody: { content: { 'application/json': {} } }, responses: { 200: { description: 'Ok' } } },
            },
          },
        },
      },
    },
  },
}

const got: string[] = []
const sink = serve(async (request) => {
  got.push(`${new URL(request.url).pathname} ${await request.text()}`)
  return new Response('ok')
})
// Names lead where it says, so that it is seen whether the runtime connects to what was judged.
const resolver = async (host: string): Promise<readonly string[]> => [host === 'inside.example' ? '10.0.0.1' : '127.0.0.1']
const policy = publicInternet({ allow: [`sink.example:${sink.port}`] })
const store: DeliveryStore = { ...memoryStore(), durable: true, leasesAtInsert: false }
const dispatcher = createDispatcher({ store, transport: createTransport({ policy, resolver }) })
dispatcher.start()

const handle = withCallbacks(
  async (request) => {
    const { id } = (await request.json()) as { readonly id: number }
    callbacksOf(request).send('made', { body: { id, sent: true } })
    return Response.json({ id }, { status: 201 })
  },
  {
    description,
    dispatcher,
    handlers: { order: { made: ({ exchange }) => ({ body: exchange.response.body }) } },
    onError: ({ message }) => console.log(message),
    onStart: ({ text }) => console.log(text),
  },
)
await handle.ready
const server = serve((request) => handle(request))

const headers = { 'content-type': 'application/json' }
const urls = [
  ...Array.from({ length: 20 }, (_, id) => `http://sink.example:${sink.port}/${id}`),
  `http://127.0.0.1:${sink.port}/literal`,
  `http://other.example:${sink.port}/loopback`,
  'http://inside.example/',
]
for (const [id, url] of urls.entries()) {
  const body = JSON.stringify({ id, url })
  const answer = await fetch(`http://${hostname}:${server.port}/orders`, { method: 'POST', headers, body })
  if (answer.status !== 201 || (await answer.text()) !== `{"id":${id}}`) console.log('another answer', answer.status)
}
// Two for each: what a handler gives, and what was sent in the route.
const isSettled = async (): Promise<boolean> => {
  const all = await dispatcher.list({ limit: 100 })
  return all.length === 2 * urls.length && all.every(({ state }) => state === 'delivered' || state === 'dead')
}
for (let i = 0; i < 300 && !(await isSettled()); i++) await new Promise((resolve) => setTimeout(resolve, 50))
for (const line of got.sort()) console.log(line)
for (const { id, state } of await dispatcher.list({ limit: 100 })) {
  const [attempt] = (await dispatcher.get(id))?.attempts ?? []
  if (state !== 'delivered') console.log(state, attempt?.outcome.kind)
}
await dispatcher.stop()

// A server of node:http, whose responses have to wait for a store that takes its time.
let stored = 0
const slow: DeliveryStore = {
  ...store,
  async insert(...args) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    stored++
    return store.insert(...args)
  },
}
const listener = nodeCallbacks(
  (request, response, callbacks) => {
    callbacks.send('made', { body: {} })
    request.resume().on('end', () => {
      response.writeHead(201, { 'content-type': 'application/json' }).end('{}')
      // As an error handler does when a route fails after it has answered.
      if (request.url === '/orders?fails') setImmediate(() => request.socket.destroy())
    })
  },
  { description, dispatcher: createDispatcher({ store: slow }), onStart() {}, onError: ({ message }) => console.log(message) },
)
const nodeServer = createServer(listener).listen(0, hostname)
await new Promise((resolve) => nodeServer.once('listening', resolve))
const { port } = nodeServer.address() as AddressInfo
for (const [i, query] of ['', '?fails'].entries()) {
  const body = JSON.stringify({ url: `http://sink.example/${i}` })
  const answer = await fetch(`http://${hostname}:${port}/orders${query}`, { method: 'POST', headers, body })
  console.log('node:http', answer.status, await answer.text(), stored)
}
nodeServer.closeAllConnections()
nodeServer.close()
await Promise.all([server.stop(), sink.stop()])

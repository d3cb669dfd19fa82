// node server.mjs PORT FOLDER: the shop on node:http, without a framework.
import { createServer } from 'node:http'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { nodeCallbacks } from 'ringback/node'
import { description, openShop } from '../shop/shop.mjs'

const shop = openShop(process.argv.slice(2))
const listener = nodeCallbacks(
  async (request, response, callbacks) => {
    try {
      const { status, body } = await answer(request, callbacks)
      response.writeHead(status, { 'content-type': 'application/json' }).end(body === undefined ? '' : JSON.stringify(body))
    } catch {
      response.writeHead(500).end()
    }
  },
  {
    description,
    dispatcher: shop.dispatcher,
    // Sent after each 201, by itself.
    handlers: { createOrder: { orderAccepted: ({ exchange }) => ({ body: exchange.response.body }) } },
  },
)

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('ringback/node').RequestCallbacks} callbacks
 * @returns {Promise<{ readonly status: number, readonly body?: unknown }>}
 */
async function answer(request, callbacks) {
  // It knows the operations that have callbacks.
  if (callbacks.operation === 'createOrder') {
    const { item } = JSON.parse((await text(request)) || '{}')
    if (!item) return { status: 400 }
    // Plain data, for days later.
    const target = await callbacks.target('orderShipped')
    const order = await shop.order(item, target)
    // Sent once the response has gone out, with what only this route knows.
    callbacks.send('orderInvoiced', { body: { order: order.id, invoice: `1 × ${item}` } })
    return { status: 201, body: order }
  }
  const [, id] = /^\/orders\/([^/]+)\/shipment$/.exec(request.url ?? '') ?? []
  const shipped = id === undefined ? undefined : await shop.ship(id)
  if (shipped === undefined) return { status: 404 }
  if (shipped.target !== undefined) await listener.fire(shipped.target, { body: shipped.order })
  return { status: 204 }
}

await listener.ready
shop.serve(createServer(listener), listener)

// node server.mjs PORT FOLDER: the shop as one function from Request to Response, here served by Node. The same function is what Bun.serve,
// Deno.serve and a route of Next.js take.
import process from 'node:process'
import { createAdaptorServer } from '@hono/node-server'
import { callbacksOf, withCallbacks } from 'ringback/fetch'
import { description, openShop } from '../shop/shop.mjs'

const shop = openShop(process.argv.slice(2))
const handle = withCallbacks(answer, {
  description,
  dispatcher: shop.dispatcher,
  // Sent after each 201, by itself.
  handlers: { createOrder: { orderAccepted: ({ exchange }) => ({ body: exchange.response.body }) } },
})

/** @param {Request} request */
async function answer(request) {
  const { pathname } = new URL(request.url)
  if (request.method !== 'POST') return new Response(null, { status: 404 })
  if (pathname === '/orders') {
    const callbacks = callbacksOf(request)
    const { item } = /** @type {{ item?: string }} */ (await request.json().catch(() => ({})))
    if (!item) return new Response(null, { status: 400 })
    // Plain data, for days later.
    const target = await callbacks.target('orderShipped')
    const order = await shop.order(item, target)
    // Sent once the response has gone out, with what only this route knows.
    callbacks.send('orderInvoiced', { body: { order: order.id, invoice: `1 × ${item}` } })
    return Response.json(order, { status: 201 })
  }
  const [, id] = /^\/orders\/([^/]+)\/shipment$/.exec(pathname) ?? []
  const shipped = id === undefined ? undefined : await shop.ship(id)
  if (shipped === undefined) return new Response(null, { status: 404 })
  if (shipped.target !== undefined) await handle.fire(shipped.target, { body: shipped.order })
  return new Response(null, { status: 204 })
}

await handle.ready
shop.serve(/** @type {import('node:http').Server} */ (createAdaptorServer({ fetch: (request) => handle(request) })), handle)

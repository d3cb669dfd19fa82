// node server.mjs PORT FOLDER: the shop on Hono 4, on Node.
import process from 'node:process'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { honoCallbacks } from 'ringback/hono'
import { description, openShop } from '../shop/shop.mjs'

const shop = openShop(process.argv.slice(2))
const callbacks = honoCallbacks({
  description,
  dispatcher: shop.dispatcher,
  // Sent after each 201, by itself.
  handlers: { createOrder: { orderAccepted: ({ exchange }) => ({ body: exchange.response.body }) } },
})

const app = new Hono().use(callbacks)

app.post('/orders', async (context) => {
  const { item } = await context.req.json().catch(() => ({}))
  if (!item) return context.body(null, 400)
  // Plain data, for days later.
  const target = await context.var.callbacks.target('orderShipped')
  const order = await shop.order(item, target)
  // Sent once the response has gone out, with what only this route knows.
  context.var.callbacks.send('orderInvoiced', { body: { order: order.id, invoice: `1 × ${item}` } })
  return context.json(order, 201)
})

app.post('/orders/:id/shipment', async (context) => {
  const shipped = await shop.ship(context.req.param('id'))
  if (shipped === undefined) return context.body(null, 404)
  if (shipped.target !== undefined) await callbacks.fire(shipped.target, { body: shipped.order })
  return context.body(null, 204)
})

await callbacks.ready
shop.serve(/** @type {import('node:http').Server} */ (createAdaptorServer(app)), callbacks)

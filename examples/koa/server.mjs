// node server.mjs PORT FOLDER: the shop on Koa 3.
import { createServer } from 'node:http'
import process from 'node:process'
import { bodyParser } from '@koa/bodyparser'
import Koa from 'koa'
import { koaCallbacks } from 'ringback/koa'
import { description, openShop } from '../shop/shop.mjs'

const shop = openShop(process.argv.slice(2))
const callbacks = koaCallbacks({
  description,
  dispatcher: shop.dispatcher,
  // Sent after each 201, by itself.
  handlers: { createOrder: { orderAccepted: ({ exchange }) => ({ body: exchange.response.body }) } },
})

const app = new Koa()
app.use(callbacks)
app.use(bodyParser())

app.use(async (context) => {
  if (context.method !== 'POST') return
  if (context.path === '/orders') return order(context)
  const [, id] = /^\/orders\/([^/]+)\/shipment$/.exec(context.path) ?? []
  if (id !== undefined) return ship(context, id)
})

/** @param {import('koa').Context} context */
async function order(context) {
  const { item } = /** @type {{ body?: { item?: string } }} */ (context.request).body ?? {}
  if (!item) return context.throw(400)
  // Plain data, for days later.
  const target = await context.callbacks.target('orderShipped')
  const order = await shop.order(item, target)
  // Sent once the response has gone out, with what only this route knows.
  context.callbacks.send('orderInvoiced', { body: { order: order.id, invoice: `1 × ${item}` } })
  context.status = 201
  context.body = order
}

/** @param {import('koa').Context} context @param {string} id */
async function ship(context, id) {
  const shipped = await shop.ship(id)
  if (shipped === undefined) return
  if (shipped.target !== undefined) await callbacks.fire(shipped.target, { body: shipped.order })
  context.status = 204
}

await callbacks.ready
shop.serve(createServer(app.callback()), callbacks)

// node server.mjs PORT FOLDER: the shop on Express 5.
import { createServer } from 'node:http'
import process from 'node:process'
import express from 'express'
import { expressCallbacks } from 'ringback/express'
import { description, openShop } from '../shop/shop.mjs'

const shop = openShop(process.argv.slice(2))
const callbacks = expressCallbacks({
  description,
  dispatcher: shop.dispatcher,
  // Sent after each 201, by itself.
  handlers: { createOrder: { orderAccepted: ({ exchange }) => ({ body: exchange.response.body }) } },
})

const app = express()
app.use(callbacks, express.json())

app.post('/orders', async (request, response) => {
  const { item } = request.body ?? {}
  if (!item) return response.sendStatus(400)
  // Plain data, for days later.
  const target = await request.callbacks.target('orderShipped')
  const order = await shop.order(item, target)
  // Sent once the response has gone out, with what only this route knows.
  request.callbacks.send('orderInvoiced', { body: { order: order.id, invoice: `1 × ${item}` } })
  return response.status(201).json(order)
})

app.post('/orders/:id/shipment', async (request, response) => {
  const shipped = await shop.ship(request.params.id)
  if (shipped === undefined) return response.sendStatus(404)
  if (shipped.target !== undefined) await callbacks.fire(shipped.target, { body: shipped.order })
  return response.sendStatus(204)
})

await callbacks.ready
shop.serve(createServer(app), callbacks)

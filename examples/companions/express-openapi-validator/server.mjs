// node server.mjs PORT FOLDER: the shop on Express 5, where express-openapi-validator holds requests and responses to the same document.
import { createServer } from 'node:http'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import express from 'express'
import { middleware as validator } from 'express-openapi-validator'
import { expressCallbacks } from 'ringback/express'
import { description, openShop } from '../../shop/shop.mjs'

const shop = openShop(process.argv.slice(2))
const callbacks = expressCallbacks({
  description,
  dispatcher: shop.dispatcher,
  handlers: { createOrder: { orderAccepted: ({ exchange }) => ({ body: exchange.response.body }) } },
})

const app = express()
// First, so that it sees what really goes out; what the validator turns away is no success, and nobody is called.
app.use(callbacks, express.json())
app.use(validator({ apiSpec: fileURLToPath(description), validateResponses: true }))

app.post('/orders', async (request, response) => {
  const { item } = request.body
  const order = await shop.order(item, await request.callbacks.target('orderShipped'))
  request.callbacks.send('orderInvoiced', { body: { order: order.id, invoice: `1 × ${item}` } })
  response.status(201).json(order)
})

app.post('/orders/:id/shipment', async (request, response) => {
  const shipped = await shop.ship(request.params.id)
  if (shipped === undefined) return response.sendStatus(404)
  if (shipped.target !== undefined) await callbacks.fire(shipped.target, { body: shipped.order })
  return response.sendStatus(204)
})

app.use((error, _request, response, _next) => {
  response.status(error.status ?? 500).json({ message: error.message, errors: error.errors })
})

await callbacks.ready
shop.serve(createServer(app), callbacks)

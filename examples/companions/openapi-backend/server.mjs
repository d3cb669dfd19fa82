// node server.mjs PORT FOLDER: the shop on Express 5, where openapi-backend routes and validates by the same document.
import { createServer } from 'node:http'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import express from 'express'
import { OpenAPIBackend } from 'openapi-backend'
import { expressCallbacks } from 'ringback/express'
import { description, openShop } from '../../shop/shop.mjs'

const shop = openShop(process.argv.slice(2))
const callbacks = expressCallbacks({
  description,
  dispatcher: shop.dispatcher,
  handlers: { createOrder: { orderAccepted: ({ exchange }) => ({ body: exchange.response.body }) } },
})

const api = new OpenAPIBackend({
  definition: fileURLToPath(description),
  // It warns of formats that it does not check.
  ajvOpts: { formats: { uri: true } },
  handlers: {
    async createOrder({ request: { requestBody } }, request, response) {
      const order = await shop.order(requestBody.item, await request.callbacks.target('orderShipped'))
      request.callbacks.send('orderInvoiced', { body: { order: order.id, invoice: `1 × ${requestBody.item}` } })
      return response.status(201).json(order)
    },
    async shipOrder({ request: { params } }, _request, response) {
      const shipped = await shop.ship(params.id)
      if (shipped === undefined) return response.sendStatus(404)
      if (shipped.target !== undefined) await callbacks.fire(shipped.target, { body: shipped.order })
      return response.sendStatus(204)
    },
    validationFail: ({ validation }, _request, response) => response.status(400).json({ errors: validation.errors }),
    notFound: (_context, _request, response) => response.sendStatus(404),
    methodNotAllowed: (_context, _request, response) => response.sendStatus(405),
  },
})
await api.init()

const app = express()
app.use(callbacks, express.json())
app.use((request, response) => api.handleRequest(request, request, response))

await callbacks.ready
shop.serve(createServer(app), callbacks)

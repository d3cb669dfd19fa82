// node server.mjs PORT FOLDER: the shop on Fastify 5, where fastify-openapi-glue makes routes and schemas of the same document.
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import fastify from 'fastify'
import openapiGlue from 'fastify-openapi-glue'
import { fastifyCallbacks } from 'ringback/fastify'
import { description, openShop } from '../../shop/shop.mjs'

const shop = openShop(process.argv.slice(2))
const callbacks = fastifyCallbacks({
  description,
  dispatcher: shop.dispatcher,
  handlers: { createOrder: { orderAccepted: ({ exchange }) => ({ body: exchange.response.body }) } },
})

const app = fastify()
// First: it holds for routes that come after it.
await app.register(callbacks)
await app.register(openapiGlue, {
  specification: fileURLToPath(description),
  serviceHandlers: {
    async createOrder(request, reply) {
      const { item } = request.body
      const order = await shop.order(item, await request.callbacks.target('orderShipped'))
      request.callbacks.send('orderInvoiced', { body: { order: order.id, invoice: `1 × ${item}` } })
      return reply.code(201).send(order)
    },
    async shipOrder(request, reply) {
      const shipped = await shop.ship(request.params.id)
      if (shipped === undefined) return reply.code(404).send()
      if (shipped.target !== undefined) await callbacks.fire(shipped.target, { body: shipped.order })
      return reply.code(204).send()
    },
  },
})

await app.listen({ port: shop.port, host: '127.0.0.1' })
shop.serve(app.server, callbacks)

// node server.mjs PORT FOLDER: the shop on Fastify 5.
import process from 'node:process'
import fastify from 'fastify'
import { fastifyCallbacks } from 'ringback/fastify'
import { description, openShop } from '../shop/shop.mjs'

const shop = openShop(process.argv.slice(2))
const callbacks = fastifyCallbacks({
  description,
  dispatcher: shop.dispatcher,
  // Sent after each 201, by itself.
  handlers: { createOrder: { orderAccepted: ({ exchange }) => ({ body: exchange.response.body }) } },
})

const app = fastify()
await app.register(callbacks)

app.post('/orders', async (request, reply) => {
  const { item } = /** @type {{ item?: string }} */ (request.body ?? {})
  if (!item) return reply.code(400).send()
  // Plain data, for days later.
  const target = await request.callbacks.target('orderShipped')
  const order = await shop.order(item, target)
  // Sent once the response has gone out, with what only this route knows.
  request.callbacks.send('orderInvoiced', { body: { order: order.id, invoice: `1 × ${item}` } })
  return reply.code(201).send(order)
})

app.post('/orders/:id/shipment', async (request, reply) => {
  const { id } = /** @type {{ id: string }} */ (request.params)
  const shipped = await shop.ship(id)
  if (shipped === undefined) return reply.code(404).send()
  if (shipped.target !== undefined) await callbacks.fire(shipped.target, { body: shipped.order })
  return reply.code(204).send()
})

await app.listen({ port: shop.port, host: '127.0.0.1' })
shop.serve(app.server, callbacks)

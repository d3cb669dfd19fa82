// node fastify.mjs PORT FOLDER: the shop on NestJS, on Fastify.
import process from 'node:process'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { fastifyCallbacks } from 'ringback/fastify'
import { description, openShop } from '../../shop/shop.mjs'
import { shopModule } from './app.mjs'

const shop = openShop(process.argv.slice(2))
const callbacks = fastifyCallbacks({
  description,
  dispatcher: shop.dispatcher,
  handlers: { createOrder: { orderAccepted: ({ exchange }) => ({ body: exchange.response.body }) } },
})

const app = await NestFactory.create(shopModule(shop, callbacks), new FastifyAdapter(), { logger: ['error'] })
// Before Nest makes its routes.
await app.register(callbacks)
await app.listen(shop.port, '127.0.0.1')
shop.serve(app.getHttpServer(), callbacks)

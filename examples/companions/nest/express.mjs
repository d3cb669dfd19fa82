// node express.mjs PORT FOLDER: the shop on NestJS, on Express.
import process from 'node:process'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { expressCallbacks } from 'ringback/express'
import { description, openShop } from '../../shop/shop.mjs'
import { shopModule } from './app.mjs'

const shop = openShop(process.argv.slice(2))
const callbacks = expressCallbacks({
  description,
  dispatcher: shop.dispatcher,
  handlers: { createOrder: { orderAccepted: ({ exchange }) => ({ body: exchange.response.body }) } },
})

const app = await NestFactory.create(shopModule(shop, callbacks), new ExpressAdapter(), { logger: ['error'] })
// Below Nest, not an interceptor: those never see what exception filters answer.
app.use(callbacks)
await callbacks.ready
await app.listen(shop.port, '127.0.0.1')
shop.serve(app.getHttpServer(), callbacks)

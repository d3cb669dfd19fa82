// A module of NestJS that is the shop, whatever the platform below it is. In TypeScript these are decorators; here they are called.
import 'reflect-metadata'
import {
  BadRequestException,
  Body,
  Controller,
  HttpCode,
  Inject,
  Module,
  NotFoundException,
  Param,
  Post,
  Req,
} from '@nestjs/common'

export class OrdersController {
  constructor(shop, callbacks) {
    this.shop = shop
    this.callbacks = callbacks
  }

  // @Post() create(@Req() request, @Body() body)
  async create(request, body) {
    if (!body?.item) throw new BadRequestException()
    const order = await this.shop.order(body.item, await request.callbacks.target('orderShipped'))
    request.callbacks.send('orderInvoiced', { body: { order: order.id, invoice: `1 × ${body.item}` } })
    return order
  }

  // @Post(':id/shipment') @HttpCode(204) ship(@Param('id') id)
  async ship(id) {
    const shipped = await this.shop.ship(id)
    if (shipped === undefined) throw new NotFoundException()
    if (shipped.target !== undefined) await this.callbacks.fire(shipped.target, { body: shipped.order })
  }
}

Controller('orders')(OrdersController)
Inject('shop')(OrdersController, undefined, 0)
Inject('callbacks')(OrdersController, undefined, 1)
decorate('create', [Post()], [Req(), Body()])
decorate('ship', [Post(':id/shipment'), HttpCode(204)], [Param('id')])

/** @param {string} method @param {MethodDecorator[]} decorators @param {ParameterDecorator[]} parameters */
function decorate(method, decorators, parameters) {
  const { prototype } = OrdersController
  parameters.forEach((parameter, index) => {
    parameter(prototype, method, index)
  })
  for (const decorator of decorators) decorator(prototype, method, Object.getOwnPropertyDescriptor(prototype, method))
}

/** What the controller is given: the shop, and the middleware, by which targets that were kept are called. */
export function shopModule(shop, callbacks) {
  class ShopModule {}
  Module({
    controllers: [OrdersController],
    providers: [
      { provide: 'shop', useValue: shop },
      { provide: 'callbacks', useValue: callbacks },
    ],
  })(ShopModule)
  return ShopModule
}

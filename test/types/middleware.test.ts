import { createServer, type IncomingMessage } from 'node:http'
import { createServer as createHttp2Server, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import { parseDescription } from 'ringback'
import type { CallbackOptions, HandledExchange } from 'ringback/express'
import { expressCallbacks } from 'ringback/express'
import { callbacksOf, withCallbacks } from 'ringback/fetch'
import { nodeCallbacks } from 'ringback/node'
import { expect, expectTypeOf, test } from 'vitest'
import type { operations } from './generated.ts'

const document = {
  openapi: '3.1.0',
  info: { title: 'Orders', version: '1' },
  paths: {
    '/orders': {
      post: {
        operationId: 'createOrder',
        requestBody: { $ref: '#/components/requestBodies/Order' },
        responses: {
          201: { description: 'Created.', content: { 'application/json': { schema: { $ref: '#/components/schemas/Created' } } } },
          400: { description: 'Wrong.', content: { 'application/json': { schema: { type: 'string' } } } },
        },
        callbacks: {
          orderAccepted: {
            '{$request.body#/callbackUrl}': {
              post: {
                requestBody: {
                  content: {
                    'application/json': {
                      schema: {
                        type: 'object',
                        required: ['state'],
                        properties: { state: { enum: ['accepted', 'refused'] }, reason: { type: ['string', 'null'] } },
                      },
                    },
                  },
                },
                responses: { 204: { description: 'Thanks.' } },
              },
            },
          },
        },
      },
    },
    '/plain': { get: { operationId: 'plain', responses: { 200: { description: 'Nothing to call back.' } } } },
  },
  components: {
    requestBodies: {
      Order: {
        content: {
          'application/json': {
            schema: {
              type: 'object',
              required: ['callbackUrl'],
              properties: { callbackUrl: { type: 'string' }, count: { type: 'integer' } },
            },
          },
        },
      },
    },
    schemas: {
      Created: {
        type: 'object',
        required: ['id'],
        properties: { id: { type: 'string' }, tags: { type: 'array', items: { type: 'string' } } },
      },
    },
  },
} as const

const quiet = { fire: () => {}, onStart: () => {} }

test('a document that is written as const checks names and types bodies', () => {
  expressCallbacks({
    description: document,
    ...quiet,
    handlers: {
      createOrder: {
        orderAccepted({ exchange }) {
          expectTypeOf(exchange.request.body?.callbackUrl).toEqualTypeOf<string | undefined>()
          expectTypeOf(exchange.request.body?.count).toEqualTypeOf<number | undefined>()
          expectTypeOf(exchange.response.body.id).toEqualTypeOf<string>()
          expectTypeOf(exchange.response.body.tags).toEqualTypeOf<readonly string[] | undefined>()
          return { body: { state: 'accepted', reason: null } }
        },
      },
    },
  })
  expressCallbacks({ description: document, ...quiet, handlers: { 'POST /orders': { orderAccepted: { body: 'example' } } } })
})

test('what the document does not have is an error of the compiler, and of the start', () => {
  const handler = (): undefined => undefined
  // @ts-expect-error: "createOrdr" is no operation.
  const wrong = () => expressCallbacks({ description: document, ...quiet, handlers: { createOrdr: { orderAccepted: handler } } })
  expect(wrong).toThrow('Did you mean')
  // @ts-expect-error: "orderAcepted" is no callback.
  const typo = () => expressCallbacks({ description: document, ...quiet, handlers: { createOrder: { orderAcepted: handler } } })
  expect(typo).toThrow('Did you mean')
  // @ts-expect-error: an operation without callbacks has no handlers.
  const plain = () => expressCallbacks({ description: document, ...quiet, handlers: { plain: { any: () => undefined } } })
  expect(plain).toThrow('it has none')
  expressCallbacks({
    description: document,
    ...quiet,
    // @ts-expect-error: "lost" is no state.
    handlers: { createOrder: { orderAccepted: () => ({ body: { state: 'lost' } }) } },
  })
})

test('types that openapi-typescript generates check operations and type requests and responses', () => {
  const description = parseDescription(JSON.stringify(document))
  expressCallbacks<operations>({
    description,
    ...quiet,
    handlers: {
      createOrder: {
        orderAccepted({ exchange }) {
          expectTypeOf(exchange.request.body?.callbackUrl).toEqualTypeOf<string | undefined>()
          expectTypeOf(exchange.response.body.id).toEqualTypeOf<string>()
          return { body: { state: 'accepted' } }
        },
      },
    },
  })
  // Operations without operationId are not among the types that are generated.
  expectTypeOf<'POST /orders'>().toExtend<keyof NonNullable<CallbackOptions<operations>['handlers']>>()
  const byPlace = { 'POST /orders': { orderAccepted: () => ({ body: { state: 'accepted' } }) } }
  expressCallbacks<operations>({ description, ...quiet, handlers: byPlace })
  expressCallbacks<operations>({ description, ...quiet, handlers: { 'POST /orders': { orderAccepted: { body: 'example' } } } })
  // @ts-expect-error: "POSTS" is no method.
  expect(() => expressCallbacks<operations>({ description, ...quiet, handlers: { 'POSTS /orders': {} } })).toThrow('Did you mean')
  // @ts-expect-error: a handler is a function or an example.
  const text = () => expressCallbacks<operations>({ description, ...quiet, handlers: { 'POST /orders': { orderAccepted: 'x' } } })
  expect(text).toThrow('to be a function')
  // @ts-expect-error: "createOrdr" is no operation.
  expect(() => expressCallbacks<operations>({ description, ...quiet, handlers: { createOrdr: {} } })).toThrow('Did you mean')
})

test('a description whose type tells nothing takes any names', () => {
  expectTypeOf<CallbackOptions['handlers']>().toExtend<object | undefined>()
  expressCallbacks({
    description: parseDescription(JSON.stringify(document)),
    ...quiet,
    handlers: {
      createOrder: {
        orderAccepted({ exchange }) {
          expectTypeOf(exchange).toEqualTypeOf<HandledExchange>()
          return { body: { state: 'accepted' } }
        },
      },
    },
  })
})

const byDocument = { description: parseDescription(JSON.stringify(document)), ...quiet }

test('nodeCallbacks gives the listener of any server of Node', () => {
  const listener = nodeCallbacks((request, response, callbacks) => {
    expectTypeOf(request).toEqualTypeOf<IncomingMessage>()
    callbacks.send('x', {})
    response.end()
  }, byDocument)
  const listener2 = nodeCallbacks((request: Http2ServerRequest, response: Http2ServerResponse, callbacks) => {
    callbacks.send('x', { body: request.authority })
    response.createPushResponse({}, () => {})
  }, byDocument)
  const both = nodeCallbacks(
    nodeCallbacks((_request, response) => void response.end(), byDocument),
    byDocument,
  )
  for (const one of [listener, both]) createServer(one)
  createHttp2Server({}, listener2)
  createHttp2Server(
    {},
    nodeCallbacks((_request: Http2ServerRequest, response: Http2ServerResponse) => void response.end(), byDocument),
  )
})

test('withCallbacks takes handlers of a kind of Request', async () => {
  class OwnRequest extends Request {
    readonly own = 1
  }
  const own = withCallbacks((request: OwnRequest, more: number) => {
    callbacksOf(request)
    return Response.json(request.own + more)
  }, byDocument)
  expectTypeOf(own).parameter(0).toEqualTypeOf<OwnRequest>()
  expectTypeOf(withCallbacks((request) => new Response(request.url), byDocument))
    .parameter(0)
    .toEqualTypeOf<Request>()
  expect(await (await own(new OwnRequest('http://localhost/'), 1)).json()).toBe(2)
})

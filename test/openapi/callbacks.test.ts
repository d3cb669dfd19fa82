import { fileURLToPath } from 'node:url'
import { readDescription } from 'ringback'
import {
  callbacksOf,
  everyOperation,
  findOperation,
  keyRangeOf,
  linksOf,
  lookUpContent,
  type OpenApiDescription,
  type Operation,
  operationAt,
  operationsOf,
  parametersOf,
  parseDescription,
  requestBodyOf,
  responseFor,
  responsesOf,
} from 'ringback/openapi'
import { beforeAll, expect, test } from 'vitest'

const folder = fileURLToPath(new URL('../fixtures/openapi/shop/', import.meta.url))
let shop: OpenApiDescription

beforeAll(async () => {
  shop = await readDescription(`${folder}openapi.yaml`)
})

function operation(description: OpenApiDescription, selector: string): Operation {
  const found = findOperation(description, selector)
  if (!found.ok) throw new Error(found.error.message)
  return found.value
}

test('operations of paths and webhooks, through path item references, in order', () => {
  expect(operationsOf(shop).map((one) => [one.kind, one.method, one.path, one.operationId])).toEqual([
    ['path', 'POST', '/orders', 'createOrder'],
    ['path', 'GET', '/orders/{id}', 'getOrder'],
    ['path', 'DELETE', '/orders/{id}', 'cancelOrder'],
    ['webhook', 'POST', 'stockChanged', 'stockChanged'],
  ])
})

const chainItems = `components:
  pathItems:
    X: { $ref: '#/components/pathItems/Y', put: { operationId: y-put-hidden }, get: { operationId: x-get } }
    Y: { get: { operationId: y-get-hidden }, delete: { operationId: y-delete } }
    Loop: { $ref: '#/components/pathItems/Pool', get: { operationId: loop-get } }
    Pool: { $ref: '#/components/pathItems/Loop', put: { operationId: pool-put } }
    Torn: { $ref: '#/gone', trace: { operationId: torn-trace } }
`
const CHAINS: [name: string, pathItem: string, operations: string[], parameters: string[], failure: string | undefined][] = [
  [
    'nearest first',
    `{ $ref: '#/components/pathItems/X', put: { operationId: put }, parameters: [{ name: Sig, in: header }] }`,
    ['PUT put', 'GET x-get', 'DELETE y-delete'],
    ['Sig'],
    undefined,
  ],
  [
    'what stands beside the second',
    `{ $ref: '#/paths/~1n' }`,
    ['POST notify', 'PUT y-put-hidden', 'GET x-get', 'DELETE y-delete'],
    ['Sig'],
    undefined,
  ],
  ['a circle', `{ $ref: '#/components/pathItems/Loop' }`, ['GET loop-get', 'PUT pool-put'], [], 'cyclic'],
  ['a chain that breaks', `{ $ref: '#/components/pathItems/Torn' }`, ['TRACE torn-trace'], [], 'not-found'],
  ['150 links', `{ $ref: '#/chain/0' }`, ['GET start', 'PUT end'], [], undefined],
]

test.each(CHAINS)('path items in a chain of references: %s', (_, pathItem, operations, parameters, failure) => {
  const links = Array.from({ length: 150 }, (_, i) =>
    i === 149 ? '{ put: { operationId: end } }' : `{ $ref: '#/chain/${i + 1}'${i === 0 ? ', get: { operationId: start }' : ''} }`,
  )
  const description = parseDescription(`openapi: 3.1.0
paths:
  /n: { $ref: '#/components/pathItems/X', post: { operationId: notify }, parameters: [{ name: Sig, in: header, required: true }] }
  /a: { post: { operationId: a, callbacks: { c: { '{$request.body#/u}': ${pathItem} } } } }
chain: [${links.join(', ')}]
${chainItems}`)
  const key = callbacksOf(operation(description, 'a'))[0]?.keys[0]
  expect(key?.operations.map((one) => `${one.method} ${one.operationId}`)).toEqual(operations)
  const [first] = key?.operations ?? []
  expect(first && parametersOf(first).parameters.map(({ name }) => name)).toEqual(parameters)
  expect(key?.pathItem.failure?.reason).toBe(failure)
})

test('callbacks: in place, through chains of references into other files, extensions left out', () => {
  const callbacks = callbacksOf(operation(shop, 'createOrder'))
  expect(
    callbacks.map(({ name, keys }) => [
      name,
      keys.map(({ key, operations }) => [key, operations.map((one) => `${one.method} ${one.operationId}`)]),
    ]),
  ).toEqual([
    ['accepted', [['{$request.body#/notify/url}', ['POST orderAccepted', 'GET undefined']]]],
    [
      'shipped',
      [
        ['{$request.body#/notify/url}/shipped', ['POST orderShipped', 'DELETE shipmentLost']],
        ['$request.body#/notify/other', []],
      ],
    ],
    ['empty', []],
  ])
  expect(callbacks.every((callback) => callback.operation.operationId === 'createOrder')).toBe(true)
  expect(callbacks[1]?.keys[1]?.pathItem.failure).toMatchObject({ reason: 'not-found', ref: '#/pathItems/nowhere' })
  const key = callbacks[0]?.keys[0]
  expect(key && keyRangeOf(key.at)).toMatchObject({ file: `${folder}paths.yaml`, start: { line: 22, column: 5 } })
})

test('callbacks of callbacks, however often they come back to themselves', () => {
  const accepted = operation(shop, 'orderAccepted')
  expect(accepted.kind).toBe('callback')
  expect(callbacksOf(accepted).map(({ name, keys }) => [name, keys[0]?.key])).toEqual([
    ['acknowledged', '{$request.body#/ackUrl}'],
    ['again', '{$request.body#/notify/url}'],
  ])
  const ids = everyOperation(shop).map(({ operationId }) => operationId)
  expect(ids).toEqual([
    'createOrder',
    'getOrder',
    'cancelOrder',
    'stockChanged',
    'orderAccepted',
    undefined,
    'orderShipped',
    'shipmentLost',
    'confirmed',
    'acknowledged',
  ])
})

test('callbacks of a webhook', () => {
  expect(callbacksOf(operation(shop, 'stockChanged'))[0]?.keys[0]?.operations[0]?.operationId).toBe('confirmed')
})

test('links: in place and through chains', () => {
  const response = responseFor(operation(shop, 'getOrder'), 200)
  const links = response === undefined ? [] : linksOf(response)
  expect(links.map(({ name, object }) => [name, object?.value.operationId ?? object?.value.operationRef])).toEqual([
    ['cancel', 'cancelOrder'],
    ['elsewhere', 'openapi.yaml#/paths/~1orders~1%7Bid%7D/get'],
  ])
  const elsewhere = links[1]?.object
  const target = elsewhere && shop.follow(elsewhere, String(elsewhere.value.operationRef))
  expect(target?.ok && operationAt(shop, target.value)).toBe(operation(shop, 'getOrder'))
})

test('the objects of an operation are the same each time, fit for a WeakMap', () => {
  expect(operationsOf(shop)[0]).toBe(operationsOf(shop)[0])
  expect(callbacksOf(operation(shop, 'createOrder'))).toBe(callbacksOf(operation(shop, 'createOrder')))
})

test('parameters: those of the path item, overridden by those of the operation', () => {
  const { parameters, failures } = parametersOf(operation(shop, 'getOrder'))
  expect(parameters.map((one) => [one.in, one.name, one.required])).toEqual([
    ['query', 'callbackUrl', true],
    ['path', 'id', true],
  ])
  expect(failures).toEqual([])
  expect(parametersOf(operation(shop, 'cancelOrder')).parameters.map(({ name, required }) => [name, required])).toEqual([
    ['id', true],
    ['callbackUrl', false],
  ])
})

test('request bodies and responses', () => {
  const body = requestBodyOf(operation(shop, 'createOrder'))
  expect(body).toMatchObject({ required: true, failure: undefined })
  expect(body && lookUpContent(shop, body.contents, ['notify', 'url'])).toMatchObject({
    mediaType: 'application/json',
    verdict: { kind: 'found', required: false, formats: ['uri'] },
  })
  expect(requestBodyOf(operation(shop, 'getOrder'))).toBeUndefined()
  const [response] = responsesOf(operation(shop, 'getOrder'))
  expect(response?.headers.map(({ name, schema }) => [name, schema?.value])).toEqual([
    ['Location', { type: 'string', format: 'uri-reference' }],
  ])
})

const STATUS: [status: number, found: string | undefined][] = [
  [200, '200'],
  [201, '2XX'],
  [404, '4xx'],
  [500, 'default'],
]

test.each(STATUS)('status %i has the response %s', (status, found) => {
  const description = parseDescription(
    "openapi: 3.1.0\npaths: { /a: { get: { responses: { '200': {}, 2XX: {}, '4xx': {}, default: {}, x-y: {} } } } }",
  )
  expect(responseFor(operation(description, 'GET /a'), status)?.status).toBe(found)
})

const SELECTORS: [selector: string, found: string | undefined][] = [
  ['createOrder', 'createOrder'],
  ['post /orders', 'createOrder'],
  ['GET  /orders/{orderId}', 'getOrder'],
  ['#/paths/~1orders~1{id}/get', 'getOrder'],
  ['#/paths/~1orders~1%7Bid%7D/get', 'getOrder'],
  ['/paths/~1orders~1{id}/get', 'getOrder'],
  ['#/webhooks/stockChanged/post', 'stockChanged'],
  ['paths.yaml#/callbacks/accepted/{$request.body%23~1notify~1url}/post', 'orderAccepted'],
  ['acknowledged', 'acknowledged'],
]

test.each(SELECTORS)('%s selects %s', (selector, found) => {
  expect(operation(shop, selector).operationId).toBe(found)
})

const UNKNOWN: [selector: string, didYouMean: string[]][] = [
  ['createorder', ['createOrder']],
  ['creatOrder', ['createOrder']],
  ['Order', ['createOrder', 'getOrder', 'cancelOrder']],
  ['POST /order', ['POST /orders']],
  ['PUT /orders/{id}', ['GET /orders/{id}', 'DELETE /orders/{id}']],
  ['/orders', ['POST /orders']],
  ['#/paths/nothing', []],
  ['', []],
  ['\u0000 \u0000', []],
]

test.each(UNKNOWN)('%j selects nothing, and perhaps %j was meant', (selector, didYouMean) => {
  const result = findOperation(shop, selector)
  expect(!result.ok && result.error.didYouMean).toEqual(didYouMean)
  expect(!result.ok && result.error.message).toContain('operationId')
})

test('OAS 3.2: query operations and additional operations', () => {
  const description = parseDescription(
    'openapi: 3.2.0\npaths: { /a: { query: { operationId: q }, additionalOperations: { COPY: { operationId: c }, x-Lock: {} } } }',
  )
  expect(operationsOf(description).map(({ method, operationId }) => [method, operationId])).toEqual([
    ['QUERY', 'q'],
    ['COPY', 'c'],
    ['x-Lock', undefined],
  ])
})

// A document may hold anything anywhere.
const STRANGE = [
  'null',
  '5',
  'text',
  '[]',
  '[null]',
  '{}',
  'true',
  '{ $ref: 5 }',
  '{ $ref: "#/x" }',
  '{ $ref: "" }',
  '{ $ref: "http://[" }',
  '{ a: null }',
  '{ a: { $ref: "#/paths" } }',
]
const HOLES: [name: string, template: string][] = [
  ['paths', 'paths: ?'],
  ['a path item', 'paths: { /a: ? }'],
  ['an operation', 'paths: { /a: { post: ? } }'],
  ['callbacks', 'paths: { /a: { post: { callbacks: ? } } }'],
  ['a callback', 'paths: { /a: { post: { callbacks: { c: ? } } } }'],
  ['a path item of a callback', 'paths: { /a: { post: { callbacks: { c: { "{$url}": ? } } } } }'],
  ['parameters', 'paths: { /a: { parameters: ?, post: { parameters: ? } } }'],
  ['a parameter', 'paths: { /a: { post: { parameters: [?] } } }'],
  ['a request body', 'paths: { /a: { post: { requestBody: ? } } }'],
  ['content', 'paths: { /a: { post: { requestBody: { content: ? } } } }'],
  ['a media type', 'paths: { /a: { post: { requestBody: { content: { application/json: ? } } } } }'],
  ['a schema', 'paths: { /a: { post: { requestBody: { content: { application/json: { schema: ? } } } } } }'],
  ['responses', 'paths: { /a: { post: { responses: ? } } }'],
  ['a response', 'paths: { /a: { post: { responses: { 200: ? } } } }'],
  ['links', 'paths: { /a: { post: { responses: { 200: { links: ? } } } } }'],
  ['a link', 'paths: { /a: { post: { responses: { 200: { links: { l: ? } } } } } }'],
  ['headers', 'paths: { /a: { post: { responses: { 200: { headers: ? } } } } }'],
  ['servers', 'servers: ?\npaths: { /a: { servers: [?], post: { servers: ? } } }'],
]

test.each(HOLES.flatMap(([name, template]) => STRANGE.map((value) => [name, value, template] as const)))(
  '%s may be %s',
  (_, value, template) => {
    for (const version of ['3.0.0', '3.1.0', '3.2.0']) {
      const description = parseDescription(`openapi: ${version}\n${template.replaceAll('?', value)}\n`)
      for (const one of everyOperation(description)) {
        expect(Array.isArray(callbacksOf(one))).toBe(true)
        expect(Array.isArray(parametersOf(one).parameters)).toBe(true)
        for (const response of responsesOf(one)) expect(Array.isArray(linksOf(response))).toBe(true)
        expect(['found', 'missing', 'cannot-tell', undefined]).toContain(
          lookUpContent(description, requestBodyOf(one)?.contents ?? [], ['a', '0'])?.verdict.kind,
        )
      }
      expect(findOperation(description, 'nothing').ok).toBe(false)
    }
  },
)

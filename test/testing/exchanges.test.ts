import { matchOperation, type OpenApiDescription, parseDescription, resolveCallbacks } from 'ringback'
import { exchangesOf } from 'ringback/fast-check'
import { callbackUrls } from 'ringback/testing'
import { expect, test } from 'vitest'
import { startCpuTime } from '../support/cpu-time.ts'
import fc from '../support/fast-check.ts'
import { exchange, streams } from './support.ts'

test('the URLs of the callbacks, by name', () => {
  expect(callbackUrls(streams, 'createStream', exchange)).toEqual({
    onData: ['https://client.example/cb/data'],
    onStatus: ['https://client.example/cb/status/17?token=a%26b'],
    onClosed: ['https://client.example/closed'],
  })
  expect(callbackUrls(streams, 'createStream', { request: { ...exchange.request, body: {} } })).toEqual({
    onData: [],
    onStatus: [],
    onClosed: [],
  })
})

test('a broken key is told, and not taken for no URL', () => {
  const broken = parseDescription(
    JSON.stringify({
      openapi: '3.1.0',
      info: { title: 't', version: '1' },
      paths: { '/a': { post: { operationId: 'a', callbacks: { c: { '{$request.bdy#/x}': { post: {} } } } } } },
    }),
  )
  expect(() => callbackUrls(broken, 'a', exchange)).toThrow(
    /Expected the callback key "{\$request\.bdy#\/x}" of c to lead to a URL/,
  )
})

test('every exchange is one that the description allows: it matches its operation, and its callbacks resolve', () => {
  fc.assert(
    fc.property(exchangesOf(fc, streams, 'createStream'), (one) => {
      const matched = matchOperation(streams, one.request.method, one.request.url)
      expect(matched?.operation.operationId).toBe('createStream')
      expect(typeof one.request.query.token).toBe('string')
      for (const { callback, target } of resolveCallbacks(streams, 'createStream', one)) {
        if (!target.ok)
          expect([callback, ['absent', 'dot-segment', 'tail-after-query', 'not-a-url'].includes(target.error.reason)]).toEqual([
            callback,
            true,
          ])
      }
    }),
    { numRuns: 200 },
  )
})

const schemas: [name: string, schema: object, fits: (value: unknown) => boolean][] = [
  ['an enum', { enum: ['a', 'b'] }, (value) => value === 'a' || value === 'b'],
  ['limits', { type: 'integer', minimum: 3, exclusiveMaximum: 5 }, (value) => value === 3 || value === 4],
  ['a pattern', { type: 'string', pattern: '^[a-c]{2}$' }, (value) => /^[a-c]{2}$/.test(String(value))],
  ['a format', { type: 'string', format: 'uuid' }, (value) => /^[0-9a-f-]{36}$/.test(String(value))],
  [
    'nullable, through a reference',
    { $ref: '#/components/schemas/Maybe' },
    (value) => value === null || typeof value === 'string',
  ],
  [
    'what refers to itself',
    { $ref: '#/components/schemas/Tree' },
    (value) => typeof value === 'object' && value !== null && 'name' in value,
  ],
  [
    'allOf',
    {
      allOf: [
        { required: ['a'], properties: { a: { type: 'string' } } },
        { required: ['b'], properties: { b: { type: 'boolean' } } },
      ],
    },
    (value) => typeof (value as { a: unknown }).a === 'string' && typeof (value as { b: unknown }).b === 'boolean',
  ],
  ['not', { type: 'string', maxLength: 1, not: { const: '' } }, (value) => typeof value === 'string' && value.length > 0],
  [
    'oneOf',
    { oneOf: [{ const: 1 }, { type: 'array', minItems: 1, items: { type: 'boolean' } }] },
    (value) => value === 1 || Array.isArray(value),
  ],
  [
    'readOnly is left out',
    { required: ['x'], properties: { x: { type: 'string' }, id: { type: 'string', readOnly: true } } },
    (value) => !('id' in (value as object)),
  ],
]

test.each(schemas)('bodies by their schemas: %s', (_name, schema, fits) => {
  const description = parseDescription(
    JSON.stringify({
      openapi: '3.1.0',
      info: { title: 't', version: '1' },
      servers: [{ url: 'https://orders.example/v1/' }],
      paths: {
        '/a/{id}': {
          post: {
            operationId: 'a',
            parameters: [
              { name: 'id', in: 'path', required: true, schema: { type: 'integer' } },
              { name: 'X-Trace', in: 'header', schema: { type: 'string' } },
            ],
            requestBody: { required: true, content: { 'application/json': { schema } } },
            responses: { 202: { description: 'ok', headers: { Location: { schema: { type: 'string', format: 'uri' } } } } },
          },
        },
      },
      components: {
        schemas: {
          Maybe: { type: ['string', 'null'] },
          Tree: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#/components/schemas/Tree' } } },
          },
        },
      },
    }),
  )
  fc.assert(
    fc.property(exchangesOf(fc, description, 'a'), ({ request, response }) => {
      expect(fits(request.body)).toBe(true)
      expect(request.url).toMatch(/^https:\/\/orders\.example\/v1\/a\/-?\d+$/)
      expect(matchOperation(description, 'POST', request.url)?.pathParameters).toEqual(request.path)
      expect(response?.status).toBe(202)
    }),
    { numRuns: 50 },
  )
})

/** A description of one operation `a`, whose body is of one of the schemas. */
function takes(name: string, schemas: object): OpenApiDescription {
  const content = { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } }
  const paths = { '/a': { post: { operationId: 'a', requestBody: { required: true, content } } } }
  return parseDescription(
    JSON.stringify({ openapi: '3.1.0', info: { title: 't', version: '1' }, paths, components: { schemas } }),
  )
}

test('what is inside of a body varies as its schema allows, also behind a reference', () => {
  const description = takes('Order', {
    Order: {
      type: 'object',
      required: ['amount', 'paid', 'size'],
      properties: {
        amount: { type: 'integer', minimum: 1, maximum: 1000 },
        paid: { type: 'boolean' },
        size: { $ref: '#/components/schemas/Size' },
      },
    },
    Size: { enum: ['S', 'M', 'L'] },
  })
  const bodies = fc.sample(exchangesOf(fc, description, 'a'), 100).map(({ request }) => request.body as Record<string, unknown>)
  const valuesOf = (name: string): Set<unknown> => new Set(bodies.map((body) => body[name]))
  expect(valuesOf('amount').size).toBeGreaterThan(20)
  expect(valuesOf('paid')).toEqual(new Set([true, false]))
  expect(valuesOf('size')).toEqual(new Set(['S', 'M', 'L']))
})

test('a wide schema that refers to itself everywhere is made in no time', () => {
  const names = Array.from({ length: 40 }, (_, i) => `p${i}`)
  const properties = Object.fromEntries(names.map((name) => [name, { $ref: '#/components/schemas/Wide' }]))
  const description = takes('Wide', { Wide: { type: 'object', properties } })
  const cpuTime = startCpuTime()
  const [one] = fc.sample(exchangesOf(fc, description, 'a'), 1)
  expect(cpuTime()).toBeLessThan(5000)
  expect(one?.request.body).toBeTypeOf('object')
})

test('something else than fast-check is a mistake', () => {
  expect(() => exchangesOf({ constant: () => 1 } as never, streams, 'createStream')).toThrow(/Expected fast-check/)
})

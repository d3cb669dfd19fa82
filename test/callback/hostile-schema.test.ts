import { readDescription, resolveCallbacks, safeBuildCallbackRequest } from 'ringback'
import { expect, test } from 'vitest'
import { startCpuTime } from '../support/cpu-time.ts'

const reference = (name: string): object => ({ $ref: `#/components/schemas/${name}` })
const named = (count: number, schemaAt: (i: number) => unknown): Record<string, unknown> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`S${i}`, schemaAt(i)]))

function nested(depth: number, wrap: (inner: unknown) => object): unknown {
  let schema: unknown = { type: 'string' }
  for (let i = 0; i < depth; i++) schema = wrap(schema)
  return schema
}

const cyclic: Record<string, unknown> = { type: 'object' }
cyclic.properties = { a: cyclic }

const SCHEMAS: [name: string, schemas: Record<string, unknown>, schema: unknown][] = [
  ['a chain of 20,000 references', named(20_000, (i) => (i === 19_999 ? {} : reference(`S${i + 1}`))), reference('S0')],
  ['5,000 levels', {}, nested(5_000, (inner) => ({ type: 'object', required: ['a'], properties: { a: inner } }))],
  ['2 to the power of 30 places of one object', {}, nested(30, (inner) => ({ properties: { a: inner, b: inner } }))],
  [
    '2 to the power of 24 values that are required',
    named(25, (i) =>
      i === 24
        ? {}
        : { type: 'object', required: ['a', 'b'], properties: { a: reference(`S${i + 1}`), b: reference(`S${i + 1}`) } },
    ),
    reference('S0'),
  ],
  ['an object inside itself', {}, cyclic],
  ['a reference to itself', { A: reference('A') }, reference('A')],
  ['two schemas that are each the other', { A: { allOf: [reference('B')] }, B: { allOf: [reference('A')] } }, reference('A')],
  ...['allOf', 'anyOf', 'oneOf'].map((keyword): (typeof SCHEMAS)[number] => [
    `2 to the power of 60 times the same schema, by ${keyword}`,
    named(60, (i) => (i === 59 ? { not: {} } : { [keyword]: [reference(`S${i + 1}`), reference(`S${i + 1}`)] })),
    reference('S0'),
  ]),
  [
    '2 to the power of 60 times the same schema that all fits',
    named(60, (i) => (i === 59 ? {} : { allOf: [reference(`S${i + 1}`), reference(`S${i + 1}`)] })),
    reference('S0'),
  ],
  [
    'the same many times over, by conditions',
    named(60, (i) => (i === 59 ? {} : { if: reference(`S${i + 1}`), then: reference(`S${i + 1}`), not: reference(`S${i + 1}`) })),
    reference('S0'),
  ],
  [
    'the same many times over, in a circle that nothing walks',
    named(60, (i) =>
      i === 59 ? { if: { not: {} }, then: reference('S0') } : { allOf: [reference(`S${i + 1}`), reference(`S${i + 1}`)] },
    ),
    reference('S0'),
  ],
  [
    'a tower of alternatives that nothing fits',
    named(12, (i) =>
      i === 11
        ? { not: {} }
        : { oneOf: [reference(`S${i + 1}`), { required: ['q'], properties: { q: reference(`S${i + 1}`) } }] },
    ),
    reference('S0'),
  ],
  ['a thousand million characters', {}, { type: 'string', minLength: 1e9 }],
  ['a thousand million characters of a pattern', {}, { type: 'string', pattern: '^(a+)+$', minLength: 1e9 }],
  ['a thousand million items', {}, { type: 'array', minItems: 1e9, items: {} }],
  ['a thousand million members', {}, { type: 'object', minProperties: 1e9 }],
  ['keywords that hold something else', {}, { type: [1, null], required: 'y', properties: 7, oneOf: {}, allOf: [3, null] }],
  ['null', {}, null],
]

test.each(SCHEMAS)('%s ends in a problem, and soon', async (_name, schemas, schema) => {
  const description = await readDescription({
    openapi: '3.1.0',
    info: { title: 'H', version: '1' },
    paths: {
      '/x': {
        post: {
          operationId: 'x',
          callbacks: { e: { 'https://a.example/': { post: { requestBody: { content: { 'application/json': { schema } } } } } } },
        },
      },
    },
    components: { schemas },
  })
  const [callback] = resolveCallbacks(description, 'x', { id: 'x' })
  if (!callback?.target.ok) throw new Error('no target')
  const cpuTime = startCpuTime()
  const example = safeBuildCallbackRequest(callback.target.value, { example: true })
  const given = safeBuildCallbackRequest(callback.target.value, { body: { a: { b: 1 } } })
  expect(example.ok ? example.value.body?.length : example.error.reason).toBe('no-example')
  expect(given.ok || given.error.reason).toMatch(/^(?:body-invalid|schema-unusable)$/)
  // Without bounds, most of these would not end in this century.
  expect(cpuTime()).toBeLessThan(10_000)
})

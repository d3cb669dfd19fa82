import { child, descend, type Located, type OpenApiDescription, parseDescription } from 'ringback/openapi'
import { expect, test } from 'vitest'

function at(description: OpenApiDescription, ...tokens: string[]): Located {
  const found = descend(description.root, tokens)
  if (found === undefined) throw new Error(`nothing at ${tokens.join('/')}`)
  return found
}

function resolved(text: string, version = '3.1.0'): unknown {
  const description = parseDescription(`openapi: ${version}\n${text}`)
  const result = description.resolve(at(description, 'start'))
  return result.ok ? result.value.value : result.error.reason
}

const FOLLOWED: [name: string, text: string, value: unknown][] = [
  ['a value that is no reference', 'start: { a: 1 }', { a: 1 }],
  ['a component', 'start: { $ref: "#/components/x" }\ncomponents: { x: 1 }', 1],
  ['a chain', 'start: { $ref: "#/a" }\na: { $ref: "#/b" }\nb: { $ref: "#/c" }\nc: end', 'end'],
  ['a pointer with escapes', 'start: { $ref: "#/paths/~1a~1{b}/x~0y" }\npaths: { "/a/{b}": { "x~y": 1 } }', 1],
  ['a percent-encoded pointer', 'start: { $ref: "#/a%20b/%7Bc%7D/%25" }\n"a b": { "{c}": { "%": 1 } }', 1],
  ['a bad percent escape, taken as it is', 'start: { $ref: "#/100%" }\n"100%": 1', 1],
  ['an item', 'start: { $ref: "#/list/1" }\nlist: [0, 1]', 1],
  ['an empty name', 'start: { $ref: "#/" }\n"": 1', 1],
  ['the document itself, by its URI', 'start: { $ref: "document#/a" }\na: 1', 1],
  [
    'a schema by its anchor',
    'start: { $ref: "#thing" }\ncomponents: { schemas: { T: { $anchor: thing, title: t } } }',
    { $anchor: 'thing', title: 't' },
  ],
  ['a value of null', 'start: { $ref: "#/a" }\na: null', null],
]

test.each(FOLLOWED)('%s', (_, text, value) => {
  expect(resolved(text)).toEqual(value)
})

const NOT_FOLLOWED: [name: string, text: string, reason: string][] = [
  ['nothing there', 'start: { $ref: "#/a" }', 'not-found'],
  ['below a scalar', 'start: { $ref: "#/a/b" }\na: 1', 'not-found'],
  ['an index too high', 'start: { $ref: "#/a/1" }\na: [1]', 'not-found'],
  ['an index with a leading zero', 'start: { $ref: "#/a/00" }\na: [1]', 'not-found'],
  ['the length of an array', 'start: { $ref: "#/a/length" }\na: [1]', 'not-found'],
  ['a prototype', 'start: { $ref: "#/a/__proto__" }\na: {}', 'not-found'],
  ['a constructor', 'start: { $ref: "#/constructor/name" }', 'not-found'],
  ['no pointer', 'start: { $ref: "#a/b" }\na: { b: 1 }', 'not-found'],
  ['a bad escape in a pointer', 'start: { $ref: "#/a~2" }\n"a~2": 1', 'not-found'],
  ['an anchor that is none', 'start: { $ref: "#nothing" }', 'not-found'],
  ['another file', 'start: { $ref: "other.yaml#/a" }', 'not-found'],
  ['no URI', 'start: { $ref: "http://[" }', 'not-found'],
  ['itself', 'start: { $ref: "#/start" }', 'cyclic'],
  ['a circle', 'start: { $ref: "#/a" }\na: { $ref: "#/b" }\nb: { $ref: "#/a" }', 'cyclic'],
]

test.each(NOT_FOLLOWED)('not followed: %s', (_, text, reason) => {
  expect(resolved(text)).toBe(reason)
})

test('a failure names the reference, its place and the reason', () => {
  const description = parseDescription('openapi: 3.1.0\nstart: { $ref: "#/a" }\na: { $ref: "#/gone" }')
  const result = description.resolve(at(description, 'start'))
  expect(result).toMatchObject({ ok: false, error: { reason: 'not-found', ref: '#/gone', at: { pointer: '/a' } } })
  expect(!result.ok && result.error.message).toBe(
    'The reference "#/gone" cannot be followed: there is nothing at "#/gone" in <text>.',
  )
})

test('a chain of ten thousand links ends', () => {
  const links = Array.from({ length: 10_000 }, (_, i) => `l${i}: { $ref: "#/l${i + 1}" }`).join('\n')
  const description = parseDescription(`openapi: 3.1.0\n${links}\n`)
  expect(description.resolve(at(description, 'l0'))).toMatchObject({ ok: false, error: { reason: 'cyclic' } })
  expect(description.resolve(at(description, 'l9999'))).toMatchObject({ ok: false, error: { reason: 'not-found' } })
})

test('what is inside a value is not followed', () => {
  const description = parseDescription('openapi: 3.1.0\nstart: { $ref: "#/a" }\na: { b: { $ref: "#/a" } }')
  const result = description.resolve(at(description, 'start'))
  expect(result.ok && child(result.value, 'b')?.value).toEqual({ $ref: '#/a' })
})

test('OAS 3.2: $self is the base of references, and the document is found under it', () => {
  const text = '$self: https://api.example/v1/openapi\nstart: { $ref: "openapi#/a" }\na: 1'
  expect(resolved(text, '3.2.0')).toBe(1)
  expect(resolved(text, '3.1.0')).toBe('not-found')
})

const IDENTIFIED = `
components:
  schemas:
    Outer:
      $id: https://schemas.example/outer
      $defs:
        inner: { title: inner, items: { $ref: '#/$defs/inner' } }
      properties:
        inside: { $ref: '#/$defs/inner' }
        outside: { $ref: '#/components/schemas/Plain' }
        sibling: { $ref: 'other' }
    Other: { $id: https://schemas.example/other, title: other }
    Plain: { title: plain }
    ById: { $ref: 'https://schemas.example/outer#/$defs/inner' }
`

const BY_ID: [tokens: string[], title: string][] = [
  [['Outer', 'properties', 'inside'], 'inner'],
  [['Outer', '$defs', 'inner', 'items'], 'inner'],
  [['Outer', 'properties', 'sibling'], 'other'],
  // Strictly there is no such place in the schema resource; every author means the document.
  [['Outer', 'properties', 'outside'], 'plain'],
  [['ById'], 'inner'],
]

test.each(BY_ID)('schemas with an $id: %j', (tokens, title) => {
  const description = parseDescription(`openapi: 3.1.0${IDENTIFIED}`)
  const result = description.resolve(at(description, 'components', 'schemas', ...tokens))
  expect(result.ok && result.value.value).toMatchObject({ title })
})

test('before OAS 3.1 an $id is only a name', () => {
  const description = parseDescription(`openapi: 3.0.3${IDENTIFIED}`)
  expect(description.resolve(at(description, 'components', 'schemas', 'ById')).ok).toBe(false)
})

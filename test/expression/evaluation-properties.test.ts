import { compile, evaluate, interpolate, type ParseOptions, parseExpression, parseTemplate, print } from 'ringback/expression'
import { describe, expect, test } from 'vitest'
import { derivationsOf } from '../support/derivation.ts'
import fc from '../support/fast-check.ts'
import { entries, oracleFor } from '../support/oracle.ts'

type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json }

const prototypeNames = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'length',
  'isPrototypeOf',
  'prototype',
]
const names = fc.oneof(
  fc.constantFrom(...prototypeNames, 'a', 'b', '', '0', '1', '01', '-', 'é', 'a/b', 'm~n', 'content-type'),
  fc.string({ maxLength: 4 }),
)

const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(fc.string({ maxLength: 5 }), fc.integer(), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 3 }),
    members(tie('value')),
  ),
})).value

/** Objects with and without prototype; `__proto__` is an own member, as `JSON.parse` makes it. */
function members<T>(value: fc.Arbitrary<T>): fc.Arbitrary<{ [member: string]: T }> {
  return fc.tuple(fc.array(fc.tuple(names, value), { maxLength: 4 }), fc.boolean()).map(([pairs, bare]) => {
    const object = Object.fromEntries(pairs) as { [member: string]: T }
    return bare ? Object.setPrototypeOf(object, null) : object
  })
}

const headers = members<Json>(fc.oneof(fc.string(), fc.array(fc.string(), { maxLength: 3 }), json))
const request = fc.record(
  { method: fc.oneof(fc.string(), json), url: fc.oneof(fc.webUrl(), json), headers, query: headers, path: headers, body: json },
  { requiredKeys: [], noNullPrototype: false },
)
const response = fc.record(
  { status: fc.oneof(fc.integer(), json), headers, body: json },
  { requiredKeys: [], noNullPrototype: false },
)
/** An exchange as a program may hand it over that checks nothing. */
const exchanges = fc
  .record(
    { request: fc.oneof(request, request, json), response: fc.oneof(response, json) },
    { requiredKeys: [], noNullPrototype: false },
  )
  .chain((exchange) => fc.boolean().map((freeze) => (freeze ? frozen(exchange) : exchange))) as fc.Arbitrary<object>

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const member of Object.values(value)) frozen(member)
  return Object.freeze(value)
}

const expressions = fc.constantFrom(...entries.filter(({ template }) => template === undefined)).chain(({ dialect }) => {
  const oracle = oracleFor({ dialect })
  return derivationsOf(oracle.grammar, 'expression').map((text) => parseExpression(text, { dialect } satisfies ParseOptions))
})

const pointers = fc.array(names, { maxLength: 4 })
const pointerText = (tokens: readonly string[]): string =>
  tokens.map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** RFC 6901, section 4, said once more and differently: a member is one of `Object.entries`, an item one of the array's. */
function valueAt(document: Json, tokens: readonly string[]): Json | undefined {
  let value: Json | undefined = document
  for (const token of tokens) {
    const steps: [string, Json][] =
      typeof value === 'object' && value !== null
        ? Array.isArray(value)
          ? [...value.keys()].map((index) => [String(index), (value as Json[])[index] as Json])
          : Object.entries(value as Record<string, Json>)
        : []
    value = steps.find(([name]) => name === token)?.[1]
  }
  return value
}

describe('evaluation', () => {
  test('never throws, whatever the exchange', () => {
    fc.assert(
      fc.property(expressions, exchanges, (expression, exchange) => {
        for (const options of [{}, { headerLines: 'all', repeatedParameters: 'last', multipartRoot: 'a' }] as const) {
          const result = compile(expression, options)(exchange)
          expect(typeof result.ok).toBe('boolean')
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('a pointer leads where RFC 6901 says', () => {
    fc.assert(
      fc.property(json, pointers, (body, tokens) => {
        fc.pre(typeof body !== 'string')
        const wanted = valueAt(body, tokens)
        const result = evaluate(`$request.body#${pointerText(tokens)}`, { request: { body } })
        if (wanted === undefined) expect(result.ok).toBe(false)
        else expect(result.ok && Object.is(result.value, wanted)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  test('nothing inherited is ever found', () => {
    const inherited: Record<string, unknown> = { marker: 'inherited' }
    const prototype = Object.prototype as unknown as Record<string, unknown>
    const sources = ['header.', 'query.', 'path.', 'body#/', 'body#/own/', 'body#/list/', 'body#/text/']
    const exchange = JSON.parse(
      `{ "request": { "headers": {}, "query": {}, "path": {}, "body": { "own": {}, "list": [1], "text": "abc" } } }`,
    ) as object
    prototype.marker = inherited.marker
    try {
      for (const source of sources)
        for (const name of ['marker', ...prototypeNames, '0abc']) {
          expect([source, name, evaluate(`$request.${source}${name}`, exchange).ok]).toEqual([source, name, false])
        }
      expect(interpolate('https://h/{marker}', {}, { params: {} }).ok).toBe(false)
    } finally {
      delete prototype.marker
    }
  })

  test('an own member with the name of a prototype is data', () => {
    for (const name of prototypeNames) {
      const body = JSON.parse(`{ ${JSON.stringify(name)}: "own" }`) as object
      const query = JSON.parse(`{ ${JSON.stringify(name)}: "own" }`) as Record<string, string>
      for (const expression of [`$request.body#/${name}`, `$request.query.${name}`, `$request.header.${name}`]) {
        expect(evaluate(expression, { request: { body, query, headers: query } })).toEqual({ ok: true, value: 'own' })
      }
    }
  })

  test('a compiled expression gives what evaluate gives, and changes nothing', () => {
    fc.assert(
      fc.property(expressions, exchanges, (expression, exchange) => {
        const before = JSON.stringify(exchange)
        const compiled = compile(expression)
        expect(compiled(exchange)).toEqual(evaluate(expression, exchange))
        expect(compiled(exchange)).toEqual(compiled(exchange))
        expect(JSON.stringify(exchange)).toBe(before)
      }),
      { numRuns: 500 },
    )
  })
})

describe("interpolate with encode: 'url'", () => {
  const attacks = [
    '',
    '.',
    '..',
    '%2e',
    '%2E%2e',
    '/',
    '\\',
    '//evil.example',
    '?',
    '#',
    '&',
    '=',
    '&a=b',
    '@',
    ':',
    ';',
    ' ',
    '\t\n\r',
    '\0',
  ]
  const scalars = fc.oneof(
    fc.constantFrom(...attacks, '{$url}', '$&', '$1', '%', '%zz', '+', '[', '\u202e', '\ud800', 'https://evil.example/?x#y'),
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.integer(),
    fc.double(),
    fc.boolean(),
  )
  // Literal text as authors write it; `hole` becomes an expression.
  const hole = '\0'
  const pieceOfSegment = fc.constantFrom(hole, 'a', '.', '-', hole)
  const segment = fc.array(pieceOfSegment, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(''))
  const shapes = fc.record({
    path: fc.array(segment, { maxLength: 4 }),
    query: fc.array(fc.tuple(fc.constantFrom('k', 'l', 'm'), fc.constantFrom(hole, `a${hole}`, `${hole}${hole}`)), {
      maxLength: 3,
    }),
    fragment: fc.option(fc.constantFrom(hole, `x${hole}`), { nil: undefined }),
  })

  interface Shape {
    readonly path: readonly string[]
    readonly query: readonly (readonly [string, string])[]
    readonly fragment: string | undefined
  }

  const textOf = ({ path, query, fragment }: Shape): string =>
    `${path.map((part) => `/${part}`).join('') || '/'}${query.length === 0 ? '' : `?${query.map((pair) => pair.join('=')).join('&')}`}${fragment === undefined ? '' : `#${fragment}`}`

  /** Each hole becomes an expression of its own; `fill` stands for its value. */
  function holesIn(text: string): { readonly template: string; readonly count: number } {
    let count = 0
    const template = text.replaceAll(hole, () => `{$request.body#/${count++}}`)
    return { template, count }
  }

  test('no value leaves its place: same origin, same segments, same query keys', () => {
    fc.assert(
      fc.property(shapes, fc.array(scalars, { minLength: 20, maxLength: 20 }), (shape, values) => {
        const text = `https://host.example:8443${textOf(shape)}`
        const { template } = holesIn(text)
        const result = interpolate(template, { request: { body: values } }, { encode: 'url' })
        if (!result.ok) {
          expect(['dot-segment', 'not-well-formed']).toContain(result.error.reason)
          return
        }
        const url = new URL(result.value)
        const wanted = new URL(text.replaceAll(hole, 'x'))
        expect(url.origin).toBe(wanted.origin)
        expect([url.username, url.password]).toEqual(['', ''])
        if (!shape.path.some((part) => /^\.{1,2}$/.test(part))) {
          expect(url.pathname.split('/').length).toBe(wanted.pathname.split('/').length)
        }
        expect([...url.searchParams.keys()]).toEqual([...wanted.searchParams.keys()])
        expect(result.value.includes('#')).toBe(shape.fragment !== undefined)
      }),
      { numRuns: 1500 },
    )
  })

  test('a value comes back from its place unchanged', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const exchange = { request: { body: [value] } }
        const result = interpolate('https://h/{$request.body#/0}?k={$request.body#/0}', exchange, { encode: 'url' })
        fc.pre(result.ok)
        const url = new URL(result.ok ? result.value : '')
        expect(decodeURIComponent(url.pathname.slice(1))).toBe(value)
        expect(url.searchParams.get('k')).toBe(value)
      }),
      { numRuns: 1000 },
    )
  })

  test('a value in the authority adds neither user information nor a path', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('https://{p}/x', 'https://api.{p}.example:8080/x?k', 'https://h:{p}/x', 'https://h{p}'),
        scalars,
        (template, p) => {
          const result = interpolate(template, {}, { encode: 'url', params: { p } })
          if (!result.ok) {
            expect(result.error.reason).toBe('not-a-host')
            return
          }
          if (!URL.canParse(result.value)) return
          const url = new URL(result.value)
          expect([url.username, url.password, url.pathname.split('/').length]).toEqual(['', '', 2])
        },
      ),
      { numRuns: 1000 },
    )
  })

  test('a relative URL keeps the origin of its base', () => {
    fc.assert(
      fc.property(shapes, fc.array(scalars, { minLength: 20, maxLength: 20 }), (shape, values) => {
        const text = textOf(shape)
        const { template } = holesIn(text)
        const result = interpolate(template, { request: { body: values } }, { encode: 'url', allowRelative: true })
        if (result.ok) expect(new URL(result.value, 'https://base.example').origin).toBe('https://base.example')
      }),
      { numRuns: 1000 },
    )
  })

  test('what a segment becomes decides, not the value alone', () => {
    const row = (template: string, ...values: string[]): string => {
      const result = interpolate(template, { request: { body: values } }, { encode: 'url' })
      return result.ok ? result.value : result.error.reason
    }
    expect(row('https://h/a.{$request.body#/0}/b', '.')).toBe('https://h/a../b')
    expect(row('https://h/{$request.body#/0}.{$request.body#/1}', '', '')).toBe('dot-segment')
    expect(row('https://h/a/{$request.body#/0}{$request.body#/1}', '.', '.')).toBe('dot-segment')
    expect(row('https://h/a/%2e{$request.body#/0}/b', '.')).toBe('dot-segment')
    expect(row('https://h/a?x=/{$request.body#/0}', '..')).toBe('https://h/a?x=/..')
    expect(row('https://h/../{$request.body#/0}', 'a')).toBe('https://h/../a')
  })
})

describe("interpolate with encode: 'none'", () => {
  test('puts the values in once, as they are', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 2, maxLength: 2 }), (values) => {
        const template = parseTemplate('a{$request.body#/0}b{$request.body#/1}', { mode: 'text' })
        expect(print(template)).toBe('a{$request.body#/0}b{$request.body#/1}')
        expect(interpolate(template, { request: { body: values } })).toEqual({ ok: true, value: `a${values[0]}b${values[1]}` })
      }),
    )
  })

  test('never throws, whatever the exchange', () => {
    fc.assert(
      fc.property(expressions, exchanges, fc.constantFrom('none' as const, 'url' as const), (expression, exchange, encode) => {
        const span = { start: 0, end: 0 }
        const parts = [
          { kind: 'literal', text: 'https://h/', span },
          { kind: 'embedded-expression', expression, span },
        ] as const
        const template = { kind: 'expression-template', parts, bare: false, delimiters: 'braces', span } as const
        expect(typeof compile(template, { encode })(exchange).ok).toBe('boolean')
      }),
      { numRuns: 1000 },
    )
  })
})

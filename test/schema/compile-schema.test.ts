import { describe, expect, test } from 'vitest'
import { compileSchema, compileSchemaSync, type Dialect, SchemaInvalidError } from '../../src/schema/index.ts'
import { startCpuTime } from '../support/cpu-time.ts'
import fc from '../support/fast-check.ts'

interface Row {
  readonly name: string
  readonly dialect?: Dialect
  readonly schema: unknown
  readonly fits: readonly unknown[]
  readonly breaks: readonly unknown[]
}

const uri = (draft: string): string => `http://json-schema.org/${draft}/schema#`

const ROWS: Row[] = [
  { name: 'true', schema: true, fits: [1, null], breaks: [] },
  { name: 'false', schema: false, fits: [], breaks: [1, null] },
  {
    name: '2020-12 prefixItems',
    schema: { prefixItems: [{ type: 'string' }], items: { type: 'number' } },
    fits: [['a', 1]],
    breaks: [[1], ['a', 'b']],
  },
  {
    name: '2020-12 by $schema',
    dialect: 'draft-07',
    schema: { $schema: 'https://json-schema.org/draft/2020-12/schema', dependentRequired: { a: ['b'] } },
    fits: [{}, { a: 1, b: 1 }],
    breaks: [{ a: 1 }],
  },
  {
    name: '2020-12 unevaluatedProperties',
    schema: { allOf: [{ properties: { a: true } }], unevaluatedProperties: false },
    fits: [{ a: 1 }],
    breaks: [{ b: 1 }],
  },
  {
    name: '2020-12 $dynamicRef',
    schema: { $dynamicAnchor: 'node', properties: { next: { $dynamicRef: '#node' } }, type: 'object' },
    fits: [{ next: { next: {} } }],
    breaks: [{ next: 1 }],
  },
  {
    name: '2020-12 $ref with siblings',
    schema: { $ref: '#/$defs/a', maximum: 5, $defs: { a: { type: 'number' } } },
    fits: [5],
    breaks: [6, 'a'],
  },
  {
    name: '2019-09 $recursiveRef',
    dialect: '2019-09',
    schema: { $recursiveAnchor: true, properties: { next: { $recursiveRef: '#' } }, type: 'object' },
    fits: [{ next: {} }],
    breaks: [{ next: 1 }],
  },
  {
    name: '2019-09 items as a list',
    dialect: '2019-09',
    schema: { items: [{ type: 'string' }], additionalItems: false },
    fits: [['a']],
    breaks: [[1], ['a', 1]],
  },
  {
    name: 'draft-07 if, then, else',
    schema: JSON.parse(`{"$schema":"${uri('draft-07')}","if":{"type":"string"},"then":{"minLength":2},"else":{"type":"number"}}`),
    fits: ['ab', 1],
    breaks: ['a', null],
  },
  {
    name: 'draft-07 $ref stands alone',
    dialect: 'draft-07',
    schema: { $ref: '#/definitions/a', maximum: 5, definitions: { a: { type: 'number' } } },
    fits: [6],
    breaks: ['a'],
  },
  {
    name: 'draft-07 dependencies',
    dialect: 'draft-07',
    schema: { dependencies: { a: ['b'], c: { required: ['d'] } } },
    fits: [{ a: 1, b: 1 }],
    breaks: [{ a: 1 }, { c: 1 }],
  },
  {
    name: 'draft-06 const and contains, no if',
    schema: JSON.parse(`{"$schema":"${uri('draft-06')}","contains":{"const":1},"if":true,"then":false}`),
    fits: [[1, 2]],
    breaks: [[2]],
  },
  {
    name: 'draft-04 boolean exclusiveMinimum',
    schema: { $schema: uri('draft-04'), minimum: 1, exclusiveMinimum: true, maximum: 5, exclusiveMaximum: false },
    fits: [2, 5],
    breaks: [1, 6],
  },
  {
    name: 'draft-04 id and definitions, no const',
    schema: {
      $schema: uri('draft-04'),
      id: 'http://x.test/s#',
      $ref: '#/definitions/a',
      definitions: { a: { type: 'string', const: 'x' } },
    },
    fits: ['y'],
    breaks: [1],
  },
  {
    name: 'OAS 3.0 nullable',
    dialect: 'openapi-3.0',
    schema: { type: 'object', properties: { a: { type: 'string', nullable: true }, b: { type: 'string' } } },
    fits: [{ a: null }],
    breaks: [{ b: null }, null],
  },
  {
    name: 'OAS 3.0 nullable without a type says nothing',
    dialect: 'openapi-3.0',
    schema: { nullable: true, enum: ['a'] },
    fits: ['a'],
    breaks: [null],
  },
  {
    name: 'OAS 3.0 boolean exclusiveMaximum',
    dialect: 'openapi-3.0',
    schema: { type: 'number', maximum: 5, exclusiveMaximum: true },
    fits: [4],
    breaks: [5],
  },
  {
    name: 'OAS 3.0 int32, and words that mean nothing',
    dialect: 'openapi-3.0',
    schema: {
      type: 'integer',
      format: 'int32',
      example: 'x',
      discriminator: { propertyName: 'a' },
      xml: {},
      'x-a': { type: 'nope' },
    },
    fits: [1],
    breaks: [2 ** 31, 1.5],
  },
  { name: 'nullable means nothing elsewhere', schema: { type: 'string', nullable: true }, fits: ['a'], breaks: [null] },
  { name: 'a format', schema: { format: 'date-time' }, fits: ['2026-01-01T00:00:00Z', 1], breaks: ['yesterday'] },
  {
    name: 'an unknown format, and one that is a trap',
    schema: { properties: { a: { format: 'klingon' }, b: { format: 'constructor' }, c: { format: '__proto__' } } },
    fits: [{ a: 'x', b: '', c: '' }],
    breaks: [],
  },
  {
    name: 'an unknown keyword, and traps among them',
    schema: JSON.parse(
      '{"foo":1,"constructor":{"type":"string"},"toString":1,"__proto__":{"type":"string"},"$async":true,"$data":1,"id":7,"type":"number"}',
    ),
    fits: [1],
    breaks: ['a'],
  },
  {
    name: 'a property called __proto__',
    schema: JSON.parse('{"properties":{"__proto__":{"type":"number"},"constructor":{"type":"number"}}}'),
    fits: [{}, { constructor: 1 }],
    breaks: [{ constructor: 'a' }],
  },
  {
    name: 'a property that is only inherited is not there',
    schema: { required: ['toString'] },
    fits: [{ toString: 1 }],
    breaks: [{}],
  },
  {
    name: 'a $ref into an unknown keyword',
    schema: { $ref: '#/components/schemas/A', components: { schemas: { A: { type: 'string' } } } },
    fits: ['a'],
    breaks: [1],
  },
  { name: 'a pattern that is legal without the u flag only', schema: { pattern: '^[\\w\\-]+$' }, fits: ['a-b'], breaks: ['a b'] },
  {
    name: 'a recursive schema',
    schema: { properties: { next: { $ref: '#' } }, additionalProperties: false },
    fits: [{ next: { next: {} } }],
    breaks: [{ next: { n: 1 } }],
  },
]

describe.each(ROWS)('$name', ({ schema, dialect, fits, breaks }) => {
  test('fits and breaks', async () => {
    const validate = await compileSchema(schema, dialect === undefined ? {} : { dialect })
    for (const value of fits) expect(validate(value)).toEqual([])
    for (const value of breaks) expect(validate(value).length).toBeGreaterThan(0)
  })
})

test('an error says where in the value, where in the schema, and what', async () => {
  const validate = await compileSchema({
    type: 'object',
    required: ['id'],
    properties: { list: { items: { $ref: '#/$defs/n' } } },
    additionalProperties: false,
    $defs: { n: { type: 'integer' } },
  })
  expect(validate({ list: [1, 'x'], extra: 1 })).toEqual([
    { pointer: '', schemaPointer: '#/required', message: "must have required property 'id'" },
    { pointer: '', schemaPointer: '#/additionalProperties', message: 'must not have the property "extra"' },
    { pointer: '/list/1', schemaPointer: '#/$defs/n/type', message: 'must be integer' },
  ])
  const [error] = validate({ id: 1, ['k'.repeat(500)]: 1 })
  expect(error?.message.length).toBeLessThan(100)
})

const INVALID: [name: string, schema: unknown, pointer: string, message: RegExp][] = [
  ['a type that is none', { type: 'nope' }, '#/type', /equal to one of the allowed values/],
  ['one deep inside', { properties: { 'a/b': { minimum: 'x' } } }, '#/properties/a~1b/minimum', /must be number/],
  ['a number', 7, '#', /a schema at # but found a number/],
  ['null', null, '#', /found null/],
  ['a list', [], '#', /found an array/],
  ['no schema where one must be', { not: 'x' }, '#/not', /found a string/],
  ['an unknown $schema', { $schema: 'https://example.org/mine' }, '#/$schema', /one of json-schema\.org/],
  ['a $schema that is no text', { $schema: {} }, '#/$schema', /but found {}/],
  ['a $ref to nowhere', { $ref: '#/$defs/none' }, '#', /none/],
  ['a $ref to the network', { $ref: 'http://127.0.0.1:1/x.json' }, '#', /leads nowhere: http:\/\/127\.0\.0\.1:1\/x\.json/],
  ['a pattern that is no expression', { pattern: '(' }, '#', /Invalid regular expression|must match format "regex"|Unterminated/],
  ['a pattern that is too long', { pattern: 'a'.repeat(5000) }, '#', /4000/],
]
test.each(INVALID)('%s is refused', async (_name, schema, pointer, message) => {
  const error = await compileSchema(schema).catch((reason: unknown) => reason)
  if (!(error instanceof SchemaInvalidError)) throw new TypeError('Expected a SchemaInvalidError', { cause: error })
  expect([error.code, error.pointer]).toEqual(['ERR_SCHEMA_INVALID', pointer.startsWith('#/pattern') ? error.pointer : pointer])
  expect(error.message).toMatch(message)
})

describe('hostile schemas and values', () => {
  test('a schema that goes round in circles', async () => {
    const schema: { not?: unknown } = {}
    schema.not = schema
    await expect(compileSchema(schema)).rejects.toThrow(/circular/)
  })

  test('a schema that is deep, and one that is wide', async () => {
    let deep: object = {}
    for (let i = 0; i < 10_000; i++) deep = { not: deep }
    await expect(compileSchema(deep)).rejects.toThrow(/200 levels/)
    await expect(compileSchema({ enum: Array.from({ length: 60_000 }, (_, i) => i) })).rejects.toThrow(/50000/)
  })

  test('a value that is deep is refused, not fatal', async () => {
    const validate = await compileSchema({ properties: { a: { $ref: '#' } }, items: { $ref: '#' } })
    expect(validate(JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)))).toMatchObject([
      { message: 'is nested too deeply to be checked' },
    ])
  })

  const EXPLOSIVE: [pattern: string, text: string][] = [
    ['^(a+)+$', `${'a'.repeat(60)}!`],
    ['^(a|a)*$', `${'a'.repeat(60)}!`],
    ['^(a|aa)+$', `${'a'.repeat(90)}!`],
    ['^(.*)*x$', 'a'.repeat(60)],
    ['(\\w+\\s*)+:', 'a'.repeat(200)],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a'.repeat(200)],
    ['^(a{1,60}){1,60}$', `${'a'.repeat(80)}!`],
    [`^${'a?'.repeat(28)}z`, 'a'.repeat(28)],
    [`^${'a??'.repeat(28)}z`, 'a'.repeat(28)],
    [`^${'(?:|a)'.repeat(28)}z`, 'a'.repeat(28)],
    [`^${'a{0,1}'.repeat(28)}z`, 'a'.repeat(28)],
    [`^${'a*'.repeat(12)}z`, 'a'.repeat(28)],
    ['^(?:a|[ab]|[ac]|[ad]|[ae]){12}z', 'a'.repeat(12)],
    ['^(?:a|[ab]|[ac]|[ad]|[ae]){12}z', 'a'.repeat(16)],
    ['^(?=(?:a|[ab]|[ac]|[ad]|[ae]){12}z)', 'a'.repeat(12)],
  ]
  test.each(EXPLOSIVE)('the pattern %s does not hold the process', async (pattern, text) => {
    const validate = await compileSchema({ pattern })
    const cpuTime = startCpuTime()
    const errors = validate(text)
    expect(cpuTime()).toBeLessThan(1000)
    expect(errors).toHaveLength(1)
    expect(validate('a').length).toBeLessThanOrEqual(1)
  })

  test('a pattern with two repetitions that behaves is right, however long the text', async () => {
    const validate = await compileSchema({ pattern: '^[a-z]+(-[a-z]+)*$' })
    expect(validate('abc-def-ghi-jkl-mno-pqr')).toEqual([])
    expect(validate('abc-def-ghi-jkl-mno-pqr-')).toMatchObject([{ schemaPointer: '#/pattern' }])
  })

  test('many slow matches in one value do not hold the process either', async () => {
    const validate = await compileSchema({ items: { pattern: '^(?:a|[ab]|[ac]|[ad]|[ae]){7}z' } })
    const cpuTime = startCpuTime()
    const errors = validate(Array.from({ length: 5_000 }, () => `${'a'.repeat(7)}z`).concat(Array(5_000).fill('a'.repeat(8))))
    expect(errors).toHaveLength(1)
    expect(cpuTime()).toBeLessThan(5_000)
    const deep = await compileSchema({ items: { anyOf: [{ pattern: '^(?:a|[ab]|[ac]|[ad]|[ae]){8}z' }, true] } })
    expect(deep(Array(20_000).fill('a'.repeat(8)))).toMatchObject([{ message: expect.stringContaining('takes too long') }])
    expect(cpuTime()).toBeLessThan(8_000)
    expect(deep(['b'])).toEqual([])
  })

  test('a match that is proven to be short answers as the expression itself does', () => {
    const piece = fc.constantFrom(
      'a',
      '[ab]',
      '[^\\]]',
      '\\d',
      '\\.',
      '.',
      'a?',
      'b*',
      '[a-c]+?',
      'a{2}',
      'b{1,3}',
      '(?:a|b)',
      '(a|)',
      '^',
      '$',
      '|',
      '\\b',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), fc.stringMatching(/^[abc1. ]{0,12}$/), (pieces, text) => {
        const source = pieces.join('')
        expect(compileSchemaSync({ pattern: source })(text).length === 0).toBe(new RegExp(source, 'u').test(text))
      }),
      { numRuns: 100 },
    )
  })

  const doubled = (wrap: (next: object) => object, last: unknown): object => ({
    $ref: '#/$defs/0',
    $defs: Object.fromEntries(Array.from({ length: 60 }, (_, i) => [i, i === 59 ? last : wrap({ $ref: `#/$defs/${i + 1}` })])),
  })

  const MULTIPLIED: [name: string, schema: object][] = [
    ['allOf', doubled((next) => ({ allOf: [next, next] }), {})],
    ['anyOf', doubled((next) => ({ anyOf: [next, next] }), { not: {} })],
    ['oneOf', doubled((next) => ({ oneOf: [next, next] }), {})],
    ['if and else', doubled((next) => ({ if: next, else: next }), { not: {} })],
    ['dependentSchemas', doubled((next) => ({ dependentSchemas: { a: next, b: next } }), {})],
    ['a reference and not', doubled((next) => ({ ...next, not: next }), {})],
    ['a member that need not be there', { properties: { a: { items: doubled((next) => ({ allOf: [next, next] }), {}) } } }],
  ]
  test.each(MULTIPLIED)('2 to the power of 60 schemas for one value, by %s, are refused', async (name, schema) => {
    const text = JSON.stringify(schema)
    const moved = name.startsWith('a member') ? text.replaceAll('#/$defs', '#/properties/a/items/$defs') : text
    const error = await compileSchema(JSON.parse(moved)).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(SchemaInvalidError)
    expect(error).toMatchObject({ message: expect.stringContaining('many lead to the same schemas') })
  })

  const list = (depth: number): unknown => (depth === 0 ? {} : { a: list(depth - 1) })
  const COUNTED: [name: string, schema: object, value: unknown][] = [
    [
      'a member that is described twice, at every level',
      { allOf: [{ properties: { a: { $ref: '#' } } }, { properties: { a: { $ref: '#' } } }] },
      list(60),
    ],
    [
      'the same by the dynamic scope',
      {
        $dynamicAnchor: 'x',
        allOf: [{ properties: { a: { $dynamicRef: '#x' } } }, { properties: { a: { $dynamicRef: '#x' } } }],
      },
      list(60),
    ],
    [
      'names, doubled',
      {
        $ref: '#n0',
        $defs: Object.fromEntries(
          Array.from({ length: 60 }, (_, i) => [
            i,
            { $anchor: `n${i}`, ...(i === 59 ? {} : { allOf: [{ $ref: `#n${i + 1}` }, { $ref: `#n${i + 1}` }] }) },
          ]),
        ),
      },
      {},
    ],
  ]
  test.each(COUNTED)('%s does not hold the process', async (_name, schema, value) => {
    const cpuTime = startCpuTime()
    const validate = await compileSchema(schema)
    expect(validate(value)).toMatchObject([{ message: expect.stringContaining('takes too long to be checked') }])
    expect(validate(7).length).toBeLessThanOrEqual(1)
    expect(cpuTime()).toBeLessThan(5000)
  })

  test('a tree is checked, however many members it has', async () => {
    const validate = await compileSchema({
      $ref: '#/$defs/node',
      $defs: {
        node: {
          type: 'object',
          required: ['name'],
          properties: { name: { $ref: '#/$defs/name' }, children: { type: 'array', items: { $ref: '#/$defs/node' } } },
          additionalProperties: false,
        },
        name: { type: 'string', maxLength: 20 },
      },
    })
    const tree = (depth: number): object => ({
      name: 'n',
      children: depth === 0 ? [] : Array.from({ length: 7 }, () => tree(depth - 1)),
    })
    expect(validate(tree(5))).toEqual([])
    expect(validate({ name: 'n', children: [tree(4), { name: 1 }] })).toHaveLength(1)
  })

  test('a large schema that many places refer to compiles soon', async () => {
    const cpuTime = startCpuTime()
    const properties = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`p${i}`, { type: 'string', maxLength: i }]))
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`m${i}`, { $ref: '#/$defs/large' }]))
    const validate = await compileSchema({ properties: many, $defs: { large: { properties } } })
    expect(validate({ m299: { p3: 'four' } })).toMatchObject([{ pointer: '/m299/p3' }])
    expect(cpuTime()).toBeLessThan(10_000)
  })

  test('many errors are not collected from large values', async () => {
    const validate = await compileSchema({ items: { type: 'string' } })
    expect(validate(Array.from({ length: 100_000 }, (_, i) => i))).toHaveLength(1)
    expect(validate([1, 2, 3])).toHaveLength(3)
  })

  test('uniqueItems of many objects does not hold the process', async () => {
    const validate = await compileSchema({ uniqueItems: true })
    const cpuTime = startCpuTime()
    expect(validate(Array.from({ length: 20_000 }, (_, i) => ({ i })))).toEqual([])
    expect(cpuTime()).toBeLessThan(1000)
    expect(
      validate([
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ]),
    ).toHaveLength(1)
  })

  test('nothing in a schema is run', async () => {
    const code = `");globalThis.hacked=1;("`
    for (const schema of [
      { [code]: 1, required: [code], properties: { [code]: { pattern: code.replaceAll(/[()]/g, '') } } },
      { enum: [code] },
      { const: { [code]: code } },
      { $id: `http://x.test/${encodeURIComponent(code)}` },
      { $comment: code, title: code },
    ]) {
      const validate = await compileSchema(schema)
      validate({ [code]: code })
    }
    expect('hacked' in globalThis).toBe(false)
  })

  test('whatever a schema is made of, it compiles or is refused with our error', async () => {
    const keyword = fc.constantFrom(
      'type',
      'properties',
      'items',
      '$ref',
      '$id',
      '$defs',
      'allOf',
      'pattern',
      'format',
      'enum',
      'if',
      'const',
      '$anchor',
      '$dynamicRef',
      'nullable',
      '$async',
      'minimum',
      'required',
      '__proto__',
      'dependencies',
      'discriminator',
    )
    const { schema } = fc.letrec((tie) => ({
      schema: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom('string', '#', '#/x', '^a', 'http://x.test/', true, 1, null),
        fc.dictionary(keyword, tie('schema'), { maxKeys: 4 }),
        fc.array(tie('schema'), { maxLength: 3 }),
      ),
    }))
    const dialect = fc.constantFrom<Dialect>('draft-04', 'draft-06', 'draft-07', '2019-09', '2020-12', 'openapi-3.0')
    await fc.assert(
      fc.asyncProperty(schema, dialect, fc.jsonValue(), async (anything, as, value) => {
        const validate = await compileSchema(anything, { dialect: as }).catch((error: unknown) => {
          expect(error).toBeInstanceOf(SchemaInvalidError)
        })
        if (validate !== undefined) expect(Array.isArray(validate(value))).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})

describe('nothing in a schema makes the validator asynchronous, where a "no" would be an unhandled rejection', () => {
  const ASYNC: [what: string, schema: object][] = [
    ['$async', { $async: true, enum: [1] }],
    ['$async that is no boolean', { $async: [1], enum: [1] }],
    [
      'behind a reference into what is no keyword',
      { allOf: [{ $ref: '#/elsewhere/a' }], elsewhere: { a: { $async: true, enum: [1] } } },
    ],
    ['in definitions', { $ref: '#/definitions/a', definitions: { a: { $async: {}, enum: [1] } } }],
    ['inherited', JSON.parse('{"__proto__":{"$async":true},"enum":[1]}') as object],
  ]
  test.each(ASYNC)('%s', async (_, schema) => {
    const validate = await compileSchema(schema, { dialect: 'draft-07' })
    expect(validate(2)).toMatchObject([{ message: 'must be equal to one of the allowed values' }])
    expect(validate(1)).toEqual([])
  })
})

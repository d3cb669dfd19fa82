import {
  child,
  lookUpContent,
  lookUpSchema,
  type OpenApiDescription,
  parseDescription,
  type SchemaVerdict,
  tokensOf,
} from 'ringback/openapi'
import { expect, test } from 'vitest'
import { startCpuTime } from '../support/cpu-time.ts'

function looked(schema: string, pointer: string, version = '3.1.0', more = ''): SchemaVerdict {
  const description: OpenApiDescription = parseDescription(`openapi: ${version}\nschema: ${schema}\n${more}\n`)
  const located = child(description.root, 'schema')
  const tokens = tokensOf(pointer)
  if (located === undefined || !tokens.ok) throw new Error('the test is wrong')
  return lookUpSchema(description, located, tokens.value)
}

/** `string uri!`: found, of that type and format, required. `?…`: cannot tell. `-1`: missing at token 1. */
function brief(verdict: SchemaVerdict): string {
  switch (verdict.kind) {
    case 'found':
      return (
        [verdict.types.join('|'), verdict.formats.join('|')].filter((one) => one !== '').join(' ') + (verdict.required ? '!' : '')
      )
    case 'missing':
      return `-${verdict.depth} ${verdict.parent}${verdict.didYouMean.map((pointer) => ` ${pointer}`).join('')}`
    case 'cannot-tell':
      return `?${verdict.why}`
  }
}

const url = '{ type: string, format: uri }'
const object = (properties: string, more = ''): string => `{ type: object, properties: { ${properties} }${more} }`

const VERDICTS: [schema: string, pointer: string, verdict: string][] = [
  // Properties.
  [object(`url: ${url}`), '/url', 'string uri'],
  [object(`url: ${url}`, ', required: [url]'), '/url', 'string uri!'],
  [object(`a: ${object(`url: ${url}`, ', required: [url]')}`), '/a/url', 'string uri'],
  [object(`a: ${object(`url: ${url}`, ', required: [url]')}`, ', required: [a]'), '/a/url', 'string uri!'],
  [`{ properties: { url: ${url} } }`, '/url', 'string uri'],
  [object('"a/b": { "type": "string" }, "c~d": { type: integer }'), '/a~1b', 'string'],
  [object('"c~d": { type: integer }'), '/c~0d', 'integer'],
  [object('url: {}'), '/url', ''],
  [object('url: true'), '/url', ''],
  [object(`url: ${url}`), '', 'object!'],
  [object('url: { type: [string, "null"], format: uri }'), '/url', 'string|null uri'],
  [object('__proto__: { type: string }'), '/__proto__', 'string'],
  // What is closed, and what is open.
  [object(`url: ${url}`), '/other', '-0 object'],
  [object(`url: ${url}`), '/url/x', '-1 scalar'],
  [object(`url: ${url}`), '/constructor', '-0 object'],
  ['{ type: object, additionalProperties: false }', '/x', '-0 object'],
  ['{ type: string }', '/x', '-0 scalar'],
  ['false', '/x', '-0 scalar'],
  ['{}', '/x', '?open-schema'],
  ['true', '/x', '?open-schema'],
  ['null', '/x', '?open-schema'],
  ['{ type: object }', '/x', '?open-schema'],
  ['{ type: object, properties: {} }', '/x', '?open-schema'],
  [object(`url: ${url}`, ', additionalProperties: true'), '/x', '?additional-properties'],
  [object(`url: ${url}`, ', additionalProperties: {}'), '/x', '?additional-properties'],
  [object(`url: ${url}`, ', additionalProperties: true'), '/url', 'string uri'],
  [`{ type: object, additionalProperties: ${url} }`, '/x', '?additional-properties'],
  [`{ type: object, additionalProperties: ${object(`url: ${url}`)} }`, '/x/url', '?additional-properties'],
  [`{ type: object, additionalProperties: ${object(`url: ${url}`)} }`, '/x/uri', '-1 object'],
  [object(`url: ${url}`, ', patternProperties: { "^(a+)+$": {} }'), '/x', '?pattern-properties'],
  [object(`url: ${url}`, ', unevaluatedProperties: true'), '/x', '?additional-properties'],
  [object(`url: ${url}`, ', unevaluatedProperties: false'), '/x', '-0 object'],
  ['{ $dynamicRef: "#node" }', '/x', '?dynamic-reference'],
  ['{ $ref: "https://elsewhere.example/x" }', '/x', '?unresolved-reference'],
  ['{ $ref: "#/nowhere" }', '/x', '?unresolved-reference'],
  // Arrays.
  [`{ type: array, items: ${url} }`, '/0', 'string uri'],
  [`{ type: array, minItems: 1, items: ${url} }`, '/0', 'string uri!'],
  [`{ type: array, minItems: 1, items: ${url} }`, '/1', 'string uri'],
  [`{ type: array, maxItems: 1, items: ${url} }`, '/1', '-0 array'],
  [`{ items: ${object(`url: ${url}`)} }`, '/3/url', 'string uri'],
  [`{ type: array, items: ${object(`url: ${url}`)} }`, '/url', '-0 array /*/url'],
  [`{ type: array, items: ${url} }`, '/-', '-0 array'],
  [`{ type: array, items: ${url} }`, '/01', '-0 array'],
  ['{ type: array }', '/0', '?no-items'],
  [`{ type: array, prefixItems: [{ type: integer }, ${url}], items: false }`, '/1', 'string uri'],
  [`{ type: array, prefixItems: [{ type: integer }], items: ${url} }`, '/0', 'integer'],
  [`{ type: array, prefixItems: [{ type: integer }], items: ${url} }`, '/1', 'string uri'],
  ['{ type: array, prefixItems: [{ type: integer }], items: false }', '/1', '-0 array'],
  // allOf: what one knows is enough, and what one asks for is asked for.
  [`{ allOf: [${object('a: {}')}, ${object(`url: ${url}`)}] }`, '/url', 'string uri'],
  [`{ allOf: [${object(`url: ${url}`)}, { required: [url] }] }`, '/url', 'string uri!'],
  [`{ allOf: [${object(`url: ${url}`)}, { description: only }] }`, '/x', '-0 object'],
  [`{ allOf: [${object(`url: ${url}`)}, { type: object }] }`, '/x', '-0 object'],
  [`{ allOf: [${object(`url: ${url}`)}, { additionalProperties: true }] }`, '/x', '?additional-properties'],
  [`{ allOf: [${object(`url: ${url}`)}, { $ref: "gone.yaml" }] }`, '/x', '?unresolved-reference'],
  [`{ allOf: [${object(`url: ${url}`)}, { $ref: "gone.yaml" }] }`, '/url', 'string uri'],
  [`{ allOf: [${object('url: { type: string }')}, ${object('url: { format: uri }')}] }`, '/url', 'string uri'],
  [`{ properties: { a: {} }, allOf: [${object(`url: ${url}`)}] }`, '/url', 'string uri'],
  // oneOf and anyOf: what one knows may be there.
  [`{ oneOf: [${object(`url: ${url}`, ', required: [url]')}, ${object('a: {}')}] }`, '/url', 'string uri'],
  [
    `{ oneOf: [${object(`url: ${url}`, ', required: [url]')}, ${object(`url: ${url}`, ', required: [url]')}] }`,
    '/url',
    'string uri!',
  ],
  [`{ oneOf: [${object('a: {}')}, ${object('b: {}')}] }`, '/url', '-0 object'],
  [`{ oneOf: [${object('a: {}')}, {}] }`, '/url', '?open-schema'],
  [`{ oneOf: [${object('a: {}')}, { $ref: "gone.yaml" }] }`, '/url', '?unresolved-reference'],
  [`{ oneOf: [{ type: "null" }, ${object(`url: ${url}`, ', required: [url]')}] }`, '/url', 'string uri'],
  [`{ type: object, properties: { url: ${url}, a: {} }, anyOf: [{ required: [url] }, { required: [a] }] }`, '/url', 'string uri'],
  [`{ type: object, properties: { url: ${url}, a: {} }, anyOf: [{ required: [url] }, { required: [a] }] }`, '/x', '-0 object'],
  [`{ type: object, properties: { url: ${url} }, anyOf: [{ required: [url] }, { required: [url, a] }] }`, '/url', 'string uri!'],
  [`{ required: [url], oneOf: [${object(`url: ${url}`)}, ${object('a: {}')}] }`, '/url', 'string uri!'],
  [`{ anyOf: [${object(`a: ${object(`url: ${url}`)}`)}, ${object(`a: ${object('b: {}')}`)}] }`, '/a/url', 'string uri'],
  // Conditions are not decided.
  [`{ properties: { a: {} }, if: {}, then: ${object(`url: ${url}`, ', required: [url]')} }`, '/url', 'string uri'],
  [`{ properties: { a: {} }, if: {}, then: ${object(`url: ${url}`)} }`, '/x', '-0 object'],
  [`{ properties: { a: {} }, dependentSchemas: { a: ${object(`url: ${url}`)} } }`, '/url', 'string uri'],
]

test.each(VERDICTS)('%s at %j: %s', (schema, pointer, verdict) => {
  expect(brief(looked(schema, pointer))).toBe(verdict)
})

const REFERENCES = `
components:
  schemas:
    Node: { type: object, properties: { next: { $ref: '#/components/schemas/Node' }, url: ${url} } }
    Self: { allOf: [{ $ref: '#/components/schemas/Self' }, { properties: { url: ${url} } }] }
    Circle: { $ref: '#/components/schemas/Circle' }
    Base: { type: object, required: [kind], discriminator: { propertyName: kind, mapping: { b: '#/components/schemas/Mapped', n: Named } }, properties: { kind: { type: string } } }
    Derived: { allOf: [{ $ref: '#/components/schemas/Base' }, { properties: { derived: ${url} } }] }
    Farther: { allOf: [{ $ref: '#/components/schemas/Derived' }, { properties: { farther: ${url} } }] }
    Mapped: { allOf: [{ $ref: '#/components/schemas/Base' }], properties: { mapped: ${url} } }
    Named: { properties: { named: ${url} } }
`

const REFERRED: [schema: string, pointer: string, verdict: string, before31?: string][] = [
  ['{ $ref: "#/components/schemas/Node" }', '/url', 'string uri'],
  ['{ $ref: "#/components/schemas/Node" }', '/next/next/next/url', 'string uri'],
  ['{ $ref: "#/components/schemas/Node" }', '/next/next/uri', '-2 object /url'],
  ['{ $ref: "#/components/schemas/Self" }', '/url', 'string uri'],
  ['{ $ref: "#/components/schemas/Self" }', '/nothing', '-0 object'],
  ['{ $ref: "#/components/schemas/Circle" }', '/x', '?open-schema'],
  ['{ $ref: "#/components/schemas/Node", required: [url] }', '/url', 'string uri!', 'string uri'],
  ['{ $ref: "#/components/schemas/Node", properties: { more: { type: string } } }', '/more', 'string', '-0 object'],
  ['{ $ref: "#/components/schemas/Base" }', '/kind', 'string!'],
  ['{ $ref: "#/components/schemas/Base" }', '/derived', 'string uri'],
  ['{ $ref: "#/components/schemas/Base" }', '/farther', 'string uri'],
  ['{ $ref: "#/components/schemas/Base" }', '/mapped', 'string uri'],
  ['{ $ref: "#/components/schemas/Base" }', '/named', 'string uri'],
  ['{ $ref: "#/components/schemas/Base" }', '/nothing', '-0 object'],
  ['{ $ref: "#/components/schemas/Derived" }', '/kind', 'string!'],
]

test.each(REFERRED)('%s at %s: %s', (schema, pointer, verdict, before31) => {
  expect(brief(looked(schema, pointer, '3.1.0', REFERENCES))).toBe(verdict)
  expect(brief(looked(schema, pointer, '3.0.3', REFERENCES))).toBe(before31 ?? verdict)
})

const MEANT: [name: string, schema: string, pointer: string, meant: string[]][] = [
  ['another spelling', object('notifUri: {}'), '/notifURI', ['/notifUri']],
  ['another word for it', object('notifUri: {}, a: {}'), '/notificationUrl', ['/notifUri']],
  ['a slip', object('callbackUrl: {}, callBack: {}'), '/calbackUrl', ['/callbackUrl']],
  ['two letters that changed places', object('failed: {}, id: {}'), '/fialed', ['/failed']],
  ['underscores', object('callback_url: {}'), '/callbackUrl', ['/callback_url']],
  ['one wrapper too many', object('eventNotifyUri: {}'), '/subscription/eventNotifyUri', ['/eventNotifyUri']],
  ['one wrapper too few', object(`mngtSubsc: ${object('notifUri: {}')}`), '/notifUri', ['/mngtSubsc/notifUri']],
  [
    'the JSON part of a multipart body',
    object(`jsonData: ${object('sink: {}')}, file: { type: string }`),
    '/sink',
    ['/jsonData/sink'],
  ],
  [
    'inside an array',
    object(`operations: { type: array, items: ${object('callbackUrl: {}')} }`),
    '/callbackUrl',
    ['/operations/*/callbackUrl'],
  ],
  ['dots for slashes', object(`a: ${object(`b: ${object('c: {}')}`)}`), '/a.b.c', ['/a/b/c']],
  ['dots and an index', object(`a: { type: array, items: ${object('c: {}')} }`), '/a[0].c', ['/a/*/c']],
  [
    'dots and a wrapper too many',
    object('callbackReference: {}'),
    '/notificationSubscription.callbackReference',
    ['/callbackReference'],
  ],
  [
    'the same thing by another name',
    object('callbackReference: {}, requestTestNotification: {}'),
    '/callbackUri',
    ['/callbackReference'],
  ],
  ['in the middle', object(`callbacks: ${object('done: {}')}`), '/callback/done', ['/callbacks/done']],
  ['nowhere', object('name: {}, id: {}'), '/callback', []],
  ['in several places', object(`a: ${object('url: {}')}, b: ${object('url: {}')}`), '/url', ['/a/url', '/b/url']],
]

test.each(MEANT)('did you mean, %s', (_, schema, pointer, meant) => {
  const verdict = looked(schema, pointer)
  expect(verdict.kind === 'missing' && verdict.didYouMean).toEqual(meant)
})

test('the schema that was found is told with its place, and hints of who writes it', () => {
  const verdict = looked(
    object('id: { type: string, readOnly: true }, secret: { type: string, writeOnly: true, nullable: true }'),
    '/id',
  )
  expect(verdict).toMatchObject({ kind: 'found', schema: { pointer: '/schema/properties/id' }, readOnly: true, writeOnly: false })
  expect(looked(object('secret: { type: string, writeOnly: true, nullable: true }'), '/secret')).toMatchObject({
    types: ['string', 'null'],
    writeOnly: true,
  })
})

test('schemas that refer to each other in every way are looked through once', () => {
  const names = Array.from({ length: 25 }, (_, i) => i)
  const refs = names.map((i) => `{ $ref: '#/components/schemas/S${i}' }`).join(', ')
  const schemas = names
    .map(
      (i) => `    S${i}: { allOf: [${refs}], oneOf: [${refs}], anyOf: [${refs}], properties: { p${i}: { oneOf: [${refs}] } } }`,
    )
    .join('\n')
  const more = `components:\n  schemas:\n${schemas}`
  const cpuTime = startCpuTime()
  expect(brief(looked('{ $ref: "#/components/schemas/S0" }', '/p1/p2/p3', '3.1.0', more))).toBe('')
  expect(looked('{ $ref: "#/components/schemas/S0" }', '/p1/p2/nothing', '3.1.0', more).kind).toBe('missing')
  expect(cpuTime()).toBeLessThan(5_000)
})

test('a chain of allOf deeper than the stack', () => {
  const schemas = Array.from(
    { length: 20_000 },
    (_, i) => `    S${i}: { allOf: [{ $ref: '#/components/schemas/S${i + 1}' }] }`,
  ).join('\n')
  const verdict = looked('{ $ref: "#/components/schemas/S0" }', '/x', '3.1.0', `components:\n  schemas:\n${schemas}`)
  expect(verdict).toMatchObject({ kind: 'cannot-tell', why: 'too-large' })
})

const twice = (keyword: string, count: number): Record<string, unknown> => ({
  ...schemasOf(count, (i) => ({ [keyword]: [{ $ref: `#/S${i + 1}` }, { $ref: `#/S${i + 1}` }] })),
  [`S${count}`]: { properties: { p: { properties: { q: { type: 'string' } } } } },
})
const dense = (keyword: string, count: number): Record<string, unknown> =>
  schemasOf(count, (i) => ({
    [keyword]: Array.from({ length: count }, (_, j) => ({ $ref: `#/S${j}` })),
    properties: { p: { $ref: `#/S${(i + 1) % count}` }, [`q${i}`]: { type: 'string' } },
  }))
const ladder = (count: number): Record<string, unknown> => ({
  ...schemasOf(count, (i) => ({
    oneOf: [{ $ref: `#/S${i + 1}` }, { allOf: [{ $ref: `#/S${i + 1}` }, { $ref: `#/S${i + 2}` }] }],
  })),
  [`S${count}`]: { properties: { p: { $ref: '#/S0' }, q: { type: 'string' } } },
  [`S${count + 1}`]: { properties: { p: { $ref: '#/S0' } } },
})
function schemasOf(count: number, schemaAt: (i: number) => unknown): Record<string, unknown> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`S${i}`, schemaAt(i)]))
}

const DIAMONDS: [name: string, schemas: Record<string, unknown>, pointer: string, verdict: string][] = [
  ...['allOf', 'oneOf', 'anyOf'].flatMap((keyword): [string, Record<string, unknown>, string, string][] => [
    [`24 of ${keyword}`, twice(keyword, 24), '/p/q', 'string'],
    [`200 of ${keyword}`, twice(keyword, 200), '/p/q', 'string'],
    [`200 of ${keyword}, without the property`, twice(keyword, 200), '/p/r', '-1 object'],
    [`300 of ${keyword}, each of all`, dense(keyword, 300), '/p/p/p/p/p/p', ''],
    [`300 of ${keyword}, each of all, without the property`, dense(keyword, 300), '/p/p/p/p/p/z', '?too-large'],
  ]),
  ['60 alternatives of one and both', ladder(60), '/p/p/p/p/p/q', 'string'],
]

test.each(DIAMONDS)('a diamond of %s costs no more than its schemas', (_, schemas, pointer, verdict) => {
  const description = parseDescription(JSON.stringify({ openapi: '3.1.0', ...schemas }))
  const root = child(description.root, 'S0')
  const tokens = tokensOf(pointer)
  if (root === undefined || !tokens.ok) throw new Error('the test is wrong')
  const cpuTime = startCpuTime()
  expect(brief(lookUpSchema(description, root, tokens.value))).toBe(verdict)
  // As a tree, the smallest has sixteen million places.
  expect(cpuTime()).toBeLessThan(2_000)
})

const CONTENTS: [name: string, content: string, pointer: string, mediaType: string | undefined, verdict: string | undefined][] = [
  ['none', '{}', '/url', undefined, undefined],
  [
    'JSON before others',
    `{ text/plain: {}, application/merge-patch+json: { schema: ${object(`url: ${url}`)} } }`,
    '/url',
    'application/merge-patch+json',
    'string uri',
  ],
  [
    'a form',
    `{ application/x-www-form-urlencoded: { schema: ${object(`url: ${url}`)} } }`,
    '/url',
    'application/x-www-form-urlencoded',
    'string uri',
  ],
  [
    'multipart',
    `{ multipart/related: { schema: ${object(`jsonData: ${object(`url: ${url}`)}`)} } }`,
    '/url',
    'multipart/related',
    '-0 object /jsonData/url',
  ],
  [
    'found in the second',
    `{ application/json: { schema: ${object('a: {}')} }, multipart/form-data: { schema: ${object(`url: ${url}`)} } }`,
    '/url',
    'multipart/form-data',
    'string uri',
  ],
  ['XML only', `{ application/xml: { schema: ${object(`url: ${url}`)} } }`, '/url', 'application/xml', '?media-type'],
  ['no schema', '{ application/json: {} }', '/url', 'application/json', '?no-schema'],
  [
    'missing in one, open in the other',
    `{ application/json: { schema: ${object('a: {}')} }, application/problem+json: {} }`,
    '/url',
    'application/problem+json',
    '?no-schema',
  ],
  ['any', `{ '*/*': { schema: ${object(`url: ${url}`)} } }`, '/url', '*/*', 'string uri'],
]

test.each(CONTENTS)('content, %s', (_, content, pointer, mediaType, verdict) => {
  const description = parseDescription(`openapi: 3.1.0\ncontent: ${content}`)
  const contents = Object.keys((description.root.value as unknown as { content: object }).content).flatMap((name) => {
    const at = child(child(description.root, 'content') ?? description.root, name)
    return at === undefined ? [] : [{ mediaType: name, at: at as never, schema: child(at, 'schema') }]
  })
  const tokens = tokensOf(pointer)
  const found = lookUpContent(description, contents, tokens.ok ? tokens.value : [])
  expect(found?.mediaType).toBe(mediaType)
  expect(found && (found.verdict.kind === 'cannot-tell' ? `?${found.verdict.why}` : brief(found.verdict))).toBe(verdict)
})

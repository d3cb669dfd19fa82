import {
  buildCallbackRequest,
  CallbackRequestError,
  type CallbackTarget,
  isRingbackError,
  type RequestOptions,
  resolveCallbacks,
  safeBuildCallbackRequest,
} from 'ringback'
import { describe, expect, test } from 'vitest'
import { descriptionWith, descriptionWithKey } from './support.ts'

const url = 'https://client.example/cb?a=1#f'
const exchange = { id: 'x-1', request: { body: { url } } }
const json = (schema: unknown, more: object = {}): object => ({
  requestBody: { content: { 'application/json': { schema } }, ...more },
})

function targetFor(callbackOperation: object, more: { readonly version?: string; readonly root?: object } = {}): CallbackTarget {
  const description = descriptionWith(
    { event: { '{$request.body#/url}': { post: { responses: {}, ...callbackOperation } } } },
    more,
  )
  kept.push(description)
  const [callback] = resolveCallbacks(description, 'createThing', exchange)
  if (!callback?.target.ok) throw new Error('no target')
  return callback.target.value
}
// A target remembers its description only while somebody holds it.
const kept: unknown[] = []

function build(callbackOperation: object, options: RequestOptions = {}) {
  return buildCallbackRequest(targetFor(callbackOperation), options)
}

function reasonFor(callbackOperation: object, options: RequestOptions = {}): string {
  const built = safeBuildCallbackRequest(targetFor(callbackOperation), options)
  return built.ok ? 'ok' : built.error.reason
}

const text = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString('utf8')

describe('parameters', () => {
  const list = ['blue', 'bl ack', 'br,own']
  const record = { R: 100, G: 'a&b' }
  // OAS 3.1.1, "Style Examples", with values that need encoding.
  const QUERY: [parameter: object, value: unknown, query: string | undefined][] = [
    [{}, 'blue', 'p=blue'],
    [{}, '', 'p='],
    [{}, 0, 'p=0'],
    [{}, false, 'p=false'],
    [{}, list, 'p=blue&p=bl%20ack&p=br%2Cown'],
    [{ explode: false }, list, 'p=blue,bl%20ack,br%2Cown'],
    [{}, record, 'R=100&G=a%26b'],
    [{ explode: false }, record, 'p=R,100,G,a%26b'],
    [{ style: 'spaceDelimited' }, list, 'p=blue%20bl%20ack%20br%2Cown'],
    [{ style: 'spaceDelimited' }, record, 'p=R%20100%20G%20a%26b'],
    [{ style: 'pipeDelimited' }, list, 'p=blue%7Cbl%20ack%7Cbr%2Cown'],
    [{ style: 'pipeDelimited', explode: true }, list, 'p=blue&p=bl%20ack&p=br%2Cown'],
    [{ style: 'deepObject', explode: true }, record, 'p%5BR%5D=100&p%5BG%5D=a%26b'],
    [{ style: 'deepObject' }, { a: [1, 2] }, 'p%5Ba%5D=1&p%5Ba%5D=2'],
    [{}, new Date(0), 'p=1970-01-01T00%3A00%3A00.000Z'],
    [{}, [new Date(0)], 'p=1970-01-01T00%3A00%3A00.000Z'],
    [{}, new URL('https://h/'), 'p=https%3A%2F%2Fh%2F'],
    [{}, Object('x'), 'p=x'],
    [{ style: 'matrix' }, 'blue', 'p=blue'],
    [{ allowReserved: true }, 'a/b?c=d&e#f%20g', 'p=a/b?c=d&e%23f%20g'],
    [{ content: { 'application/json': {} } }, { a: 1 }, 'p=%7B%22a%22%3A1%7D'],
    [{ content: { 'text/plain': {} } }, 'a b', 'p=a%20b'],
    [{}, [], undefined],
    [{}, undefined, undefined],
  ]
  test.each(QUERY)('query %j writes %j', (parameter, value, query) => {
    const parameters = [{ name: 'p', in: 'query', ...parameter }]
    const request = build({ parameters }, { parameters: { p: value } })
    expect(request.url).toBe(query === undefined ? url : `https://client.example/cb?a=1&${query}#f`)
  })

  const HEADERS: [parameter: object, value: unknown, field: string][] = [
    [{}, 'blue', 'blue'],
    [{}, list, 'blue,bl ack,br,own'],
    [{}, record, 'R,100,G,a&b'],
    [{ explode: true }, record, 'R=100,G=a&b'],
    [{ content: { 'application/json': {} } }, { a: 1 }, '{"a":1}'],
    [{}, 7, '7'],
  ]
  test.each(HEADERS)('header %j writes %j', (parameter, value, field) => {
    const parameters = [{ name: 'X-P', in: 'header', ...parameter }]
    expect(build({ parameters }, { parameters: { 'x-p': value } }).headers).toEqual({ 'X-P': field })
  })

  const COOKIES: [parameter: object, value: unknown, field: string][] = [
    [{}, 'a b', 'c=a%20b'],
    [{ explode: false }, list, 'c=blue,bl%20ack,br%2Cown'],
    [{ style: 'cookie' }, 'ab', 'c=ab'],
  ]
  test.each(COOKIES)('cookie %j writes %j', (parameter, value, field) => {
    const parameters = [{ name: 'c', in: 'cookie', ...parameter }]
    expect(build({ parameters }, { parameters: { c: value } }).headers).toEqual({ Cookie: field })
  })

  test('one query string is the whole query', () => {
    const parameters = [{ name: 'q', in: 'querystring', content: { 'application/x-www-form-urlencoded': {} } }]
    expect(build({ parameters }, { parameters: { q: 'b=2&c=3' } }).url).toBe('https://client.example/cb?a=1&b=2&c=3#f')
  })

  test('of one name in two places are told apart by place', () => {
    const parameters = [
      { name: 'id', in: 'query' },
      { name: 'id', in: 'header' },
    ]
    const request = build({ parameters }, { parameters: { 'header.id': 'h', 'query.id': 'q' } })
    expect([request.url, request.headers]).toEqual(['https://client.example/cb?a=1&id=q#f', { id: 'h' }])
  })

  const BAD: [parameter: object, value: unknown, reason: string][] = [
    [{ in: 'query', required: true }, undefined, 'parameter-missing'],
    [{ in: 'query', style: 'deepObject' }, 'x', 'parameter-not-encodable'],
    [{ in: 'query' }, new Map([['a', 1]]), 'parameter-not-encodable'],
    [{ in: 'header' }, new Set([1]), 'parameter-not-encodable'],
    [{ in: 'query', style: 'spaceDelimited' }, 'x', 'parameter-not-encodable'],
    [{ in: 'query' }, { deep: { deeper: 1 } }, 'parameter-not-encodable'],
    [{ in: 'query' }, () => 1, 'parameter-not-encodable'],
    [{ in: 'header' }, 'a\r\nX-Evil: 1', 'parameter-not-encodable'],
    [{ in: 'header' }, 'a\0', 'parameter-not-encodable'],
    [{ in: 'header' }, 'π', 'parameter-not-encodable'],
    [{ in: 'header' }, ' a', 'parameter-not-encodable'],
    [{ in: 'cookie', style: 'cookie' }, 'a\nb', 'parameter-not-encodable'],
  ]
  test.each(BAD)('%j cannot have %j', (parameter, value, reason) => {
    expect(reasonFor({ parameters: [{ name: 'p', ...parameter }] }, { parameters: { p: value } })).toBe(reason)
  })

  test('what is not a parameter, or belongs to the connection, is not written', () => {
    const names = ['Accept', 'content-type', 'Authorization', 'Host', 'Content-Length', 'transfer-encoding', 'Connection']
    const parameters = names.map((name) => ({ name, in: 'header', required: true }))
    expect(build({ parameters }).headers).toEqual({})
  })

  test('a required one takes its example only when examples are asked for', () => {
    const parameters = [
      { name: 'X-Id', in: 'header', required: true, schema: { default: 'd' } },
      { name: 'o', in: 'query', example: 1 },
    ]
    expect(build({ parameters }, { example: true }).headers).toEqual({ 'X-Id': 'd' })
    expect(build({ parameters }, { example: true }).url).toBe(url)
    expect(reasonFor({ parameters })).toBe('parameter-missing')
  })

  const MISUSE: [parameters: object[], name: string, message: string][] = [
    [[], 'x', 'Expected parameters that POST {$request.body#/url} declares (it has none) but found "x".'],
    [[{ name: 'a', in: 'query' }], 'b', 'declares ("a") but found "b"'],
    [[{ name: 'a', in: 'path' }], 'a', 'give it to resolveCallbacks, under "params"'],
  ]
  test.each(MISUSE)('%j have no %s', (parameters, name, message) => {
    expect(() => build({ parameters }, { parameters: { [name]: 1 } })).toThrow(message)
    expect(() => build({ parameters }, { parameters: { [name]: 1 } })).toThrow(TypeError)
  })

  test('a URL without query or with an open one gets the query', () => {
    const description = descriptionWithKey('{$request.body#/url}', { parameters: [{ name: 'p', in: 'query' }] })
    for (const [from, to] of [
      ['https://a.example', 'https://a.example?p=1'],
      ['https://a.example/?', 'https://a.example/?p=1'],
      ['https://a.example/?x&', 'https://a.example/?x&p=1'],
    ]) {
      const [callback] = resolveCallbacks(description, 'createThing', { id: 'x', request: { body: { url: from } } })
      expect(callback?.target.ok && buildCallbackRequest(callback.target.value, { parameters: { p: 1 } }).url).toBe(to)
    }
  })
})

describe('a body', () => {
  const bytes = new Uint8Array([0, 255])
  const content = (...types: string[]): object => ({
    requestBody: { content: Object.fromEntries(types.map((type) => [type, {}])) },
  })

  const BODIES: [types: string[], body: unknown, contentType: string, written: string][] = [
    [['application/json'], { a: 1 }, 'application/json', '{"a":1}'],
    [['application/json'], 'text', 'application/json', '"text"'],
    [['application/json'], null, 'application/json', 'null'],
    [['application/json'], new Date(0), 'application/json', '"1970-01-01T00:00:00.000Z"'],
    [['application/xml', 'application/cloudevents+json'], {}, 'application/cloudevents+json', '{}'],
    [['application/json; version=1'], {}, 'application/json; version=1', '{}'],
    [['text/plain'], 'a ü', 'text/plain;charset=utf-8', 'a ü'],
    [['text/plain; charset=utf-8'], 'a', 'text/plain; charset=utf-8', 'a'],
    [['text/plain'], 7, 'text/plain;charset=utf-8', '7'],
    [['application/xml'], '<a/>', 'application/xml', '<a/>'],
    [['text/plain', 'application/json'], 'a', 'application/json', '"a"'],
    [['application/octet-stream'], 'a', 'application/octet-stream', 'a'],
    [['*/*'], {}, 'application/json', '{}'],
    [['application/*'], {}, 'application/json', '{}'],
    [['text/*'], 'a', 'text/plain;charset=utf-8', 'a'],
    [
      ['application/x-www-form-urlencoded'],
      { a: 'b c', d: ['1', 2], e: { f: 1 }, g: null, h: 'ü&=~*' },
      'application/x-www-form-urlencoded',
      'a=b+c&d=1&d=2&e=%7B%22f%22%3A1%7D&h=%C3%BC%26%3D%7E*',
    ],
    [[], { a: 1 }, 'application/json', '{"a":1}'],
  ]
  test.each(BODIES)('%j from %j', (types, body, contentType, written) => {
    const request = build(content(...types), { body })
    expect([request.headers, text(request.body)]).toEqual([{ 'content-type': contentType }, written])
  })

  const GIVEN: [types: string[], mediaType: string | undefined, contentType: string][] = [
    [['application/json', 'application/octet-stream'], undefined, 'application/octet-stream'],
    [['image/*'], 'image/png', 'image/png'],
    [['application/xml'], undefined, 'application/xml'],
    [['*/*'], undefined, 'application/octet-stream'],
    [['multipart/form-data'], 'multipart/form-data; boundary=x', 'multipart/form-data; boundary=x'],
  ]
  test.each(GIVEN)('bytes for %j are sent as they are', (types, mediaType, contentType) => {
    const request = build(content(...types), { body: bytes, ...(mediaType === undefined ? {} : { mediaType }) })
    expect([request.headers, request.body]).toEqual([{ 'content-type': contentType }, bytes])
    expect(request.body).not.toBe(bytes)
  })

  const REFUSED: [operation: object, options: RequestOptions, reason: string][] = [
    [{}, { body: 1 }, 'body-not-expected'],
    [{}, { body: 1, mediaType: 'application/json' }, 'ok'],
    [{ requestBody: { required: true, content: {} } }, {}, 'body-missing'],
    [{ requestBody: { required: false, content: {} } }, {}, 'ok'],
    [content('application/json'), { body: {}, mediaType: 'text/plain' }, 'media-type-not-declared'],
    [content('text/plain'), { body: {} }, 'body-not-encodable'],
    [content('application/x-www-form-urlencoded'), { body: 'a=1' }, 'body-not-encodable'],
    [content('multipart/form-data'), { body: [1] }, 'body-not-encodable'],
    [content('application/json'), { body: 10n }, 'body-not-encodable'],
    [content('text/plain\r\nX-Evil: 1'), { body: 'a' }, 'body-not-encodable'],
    [content('*/*'), { body: 'a', mediaType: 'text/plain\nX-Evil: 1' }, 'body-not-encodable'],
    [{ parameters: [{ name: 'X\r\nEvil', in: 'header' }] }, { parameters: { 'X\r\nEvil': 1 } }, 'parameter-not-encodable'],
    [content('application/json'), { body: () => 1 }, 'body-not-encodable'],
    [content('application/json'), { body: bytes, mediaType: 'application/json' }, 'body-invalid'],
    [json({ type: 'string' }), { body: 1 }, 'body-invalid'],
    [json({ type: 'string' }), { body: 1, validate: false }, 'ok'],
    [json({ type: 'strin' }), { body: 1 }, 'schema-unusable'],
    [json({ type: 'strin' }), { body: 1, validate: false }, 'ok'],
    [json({ $ref: '#/gone' }), { body: 1 }, 'ok'],
    [json({ type: 'string' }), { example: true, mediaType: 'text/plain' }, 'media-type-not-declared'],
    [json({ not: {} }), { example: true }, 'no-example'],
    [json({ type: 'strin' }), { example: true }, 'no-example'],
    [{}, { example: true }, 'ok'],
  ]
  test.each(REFUSED)('%j with %o is %s', (operation, options, reason) => {
    expect(reasonFor(operation, options)).toBe(reason)
  })

  test('that is refused is thrown with its problem', () => {
    const refused = () =>
      build(json({ type: 'object', required: ['a'], properties: { b: { type: 'integer' } } }), { body: { b: 'x' } })
    expect(refused).toThrow(CallbackRequestError)
    expect(refused).toThrow(/^The body does not fit the schema of application\/json: .*"?a"?.*; \/b must be integer\.$|^The body/)
    try {
      refused()
    } catch (error) {
      expect(isRingbackError(error, 'ERR_CALLBACK_UNBUILDABLE')).toBe(true)
      expect(error instanceof CallbackRequestError && error.problem).toMatchObject({
        reason: 'body-invalid',
        errors: expect.arrayContaining([expect.objectContaining({ pointer: '/b', message: 'must be integer' })]),
      })
    }
  })

  test('and an example together are a mistake', () => {
    expect(() => build(json({}), { body: 1, example: true })).toThrow('Expected "body" or "example", not both.')
  })

  const ENCODINGS: [encoding: object, value: unknown, field: string][] = [
    [{ style: 'form', explode: false }, ['a', 'b c'], 'f=a,b+c'],
    [{}, new Date(0), 'f=1970-01-01T00%3A00%3A00.000Z'],
    [{ style: 'deepObject' }, { a: 1 }, 'f%5Ba%5D=1'],
    [{ style: 'pipeDelimited' }, [1, 2], 'f=1%7C2'],
    [{ explode: true }, { a: 1, b: 2 }, 'a=1&b=2'],
    [{ contentType: 'application/json' }, [1, 2], 'f=%5B1%2C2%5D'],
    [{ allowReserved: true }, 'a/b', 'f=a/b'],
  ]
  test.each(ENCODINGS)('a form field with the encoding %j', (encoding, value, field) => {
    const operation = { requestBody: { content: { 'application/x-www-form-urlencoded': { encoding: { f: encoding } } } } }
    expect(text(build(operation, { body: { f: value } }).body)).toBe(field)
  })

  test('of parts', async () => {
    const operation = {
      requestBody: {
        content: {
          'multipart/form-data': {
            encoding: { xml: { contentType: 'application/xml' }, image: { contentType: 'image/png, image/jpeg' } },
            schema: { type: 'object', required: ['file'], properties: { file: { type: 'string' }, number: { type: 'integer' } } },
          },
        },
      },
    }
    const body = {
      file: bytes,
      object: { a: 1 },
      number: 7,
      many: ['x', 'y'],
      xml: '<a/>',
      image: bytes,
      'na"me\r\n': 'z',
      none: undefined,
    }
    const request = build(operation, { body })
    const contentType = String(request.headers['content-type'])
    expect(contentType).toMatch(/^multipart\/form-data;boundary=ringback-[0-9a-f]{32}$/)
    // Read by a parser that is not ours.
    const form = await new Response(request.body as Uint8Array<ArrayBuffer>, {
      headers: { 'content-type': contentType },
    }).formData()
    const parts = await Promise.all(
      [...form].map(async ([name, value]) => [
        name,
        typeof value === 'string' ? value : [value.type, [...new Uint8Array(await value.arrayBuffer())]],
      ]),
    )
    expect(parts).toEqual([
      ['file', ['application/octet-stream', [0, 255]]],
      ['object', '{"a":1}'],
      ['number', '7'],
      ['many', 'x'],
      ['many', 'y'],
      ['xml', '<a/>'],
      ['image', ['application/octet-stream', [0, 255]]],
      ['na"me\r\n', 'z'],
    ])
    expect(build(operation, { body })).toEqual(request)
    expect(reasonFor(operation, { body: { number: 7 } })).toBe('body-invalid')
  })

  test('of related parts names them', () => {
    const request = build(content('multipart/related'), { body: { jsonData: { a: 1 } } })
    expect(text(request.body)).toMatch(
      /^--(\S+)\r\nContent-ID: <jsonData>\r\nContent-Type: application\/json\r\n\r\n\{"a":1\}\r\n--\1--\r\n$/,
    )
  })
})

describe('the schema', () => {
  const components = {
    schemas: {
      Node: {
        type: 'object',
        required: ['name'],
        properties: { name: { type: 'string' }, next: { $ref: '#/components/schemas/Node' } },
      },
      Created: {
        type: 'object',
        required: ['id', 'name'],
        properties: { id: { type: 'string', readOnly: true }, name: { type: 'string' } },
      },
      Nullable: { type: 'string', nullable: true },
      Limited: { type: 'integer', minimum: 1, exclusiveMinimum: true },
    },
  }
  const CASES: [version: string, schema: object, body: unknown, reason: string][] = [
    ['3.0.3', { $ref: '#/components/schemas/Nullable' }, null, 'ok'],
    ['3.1.0', { $ref: '#/components/schemas/Nullable' }, null, 'body-invalid'],
    ['3.0.3', { type: 'string', nullable: true }, null, 'ok'],
    ['3.1.0', { type: ['string', 'null'] }, null, 'ok'],
    ['3.0.3', { $ref: '#/components/schemas/Limited' }, 1, 'body-invalid'],
    ['3.0.3', { $ref: '#/components/schemas/Limited' }, 2, 'ok'],
    ['3.0.3', { $ref: '#/components/schemas/Node', type: 'string' }, { name: 'a' }, 'ok'],
    ['3.1.0', { $ref: '#/components/schemas/Node', required: ['next'] }, { name: 'a' }, 'body-invalid'],
    ['3.2.0', { $ref: '#/components/schemas/Node' }, { name: 'a', next: { name: 'b', next: {} } }, 'body-invalid'],
    ['3.0.3', { $ref: '#/components/schemas/Node' }, { name: 'a', next: { name: 'b' } }, 'ok'],
    ['3.0.3', { $ref: '#/components/schemas/Created' }, { name: 'a' }, 'ok'],
    ['3.1.0', { $ref: '#/components/schemas/Created' }, {}, 'body-invalid'],
    ['3.1.0', { const: 1 }, 2, 'body-invalid'],
    ['3.0.3', { const: 1 }, 2, 'ok'],
    ['3.1.0', { $schema: 'http://json-schema.org/draft-07/schema#', type: 'string' }, 1, 'body-invalid'],
    ['3.1.0', { $defs: { a: { type: 'string' } }, $ref: '#/components/schemas/Node' }, {}, 'body-invalid'],
    ['3.1.0', { type: 'string', format: 'date-time' }, 'yesterday', 'body-invalid'],
    ['3.1.0', { prefixItems: [{ type: 'string' }], items: false }, ['a', 'b'], 'body-invalid'],
    ['3.1.0', { $anchor: 'here', properties: { a: { $ref: '#here' } }, type: 'object' }, { a: 1 }, 'body-invalid'],
    [
      '3.1.0',
      { $id: 'https://x.example/s', type: 'object', properties: { a: { $ref: '#/components/schemas/Node' } } },
      { a: 1 },
      'body-invalid',
    ],
  ]
  test.each(CASES)('in %s %j, a body of %j', (version, schema, body, reason) => {
    const built = safeBuildCallbackRequest(targetFor(json(schema), { version, root: { components } }), { body })
    expect(built.ok ? 'ok' : built.error.reason).toBe(reason)
  })
})

describe('an example', () => {
  const EXAMPLES: [mediaType: object, body: unknown][] = [
    [{ example: { a: 1 } }, { a: 1 }],
    [{ examples: { one: { $ref: '#/components/examples/e' } } }, { from: 'components' }],
    [{ examples: { far: { externalValue: 'https://x.example/' }, near: { value: 2 } } }, 2],
    [{ example: 'wrong', examples: { a: { value: 1 }, b: { value: 2 } }, schema: { type: 'integer', minimum: 2 } }, 2],
    [{ schema: { example: 3 } }, 3],
    [{ schema: { examples: [4] } }, 4],
    [{ schema: { default: 5 } }, 5],
    [{ schema: { type: 'string', example: 7 } }, 'string'],
    [{ schema: { const: 'c' } }, 'c'],
    [{ schema: { enum: [null, 'e'] } }, 'e'],
    [{ schema: { type: 'string', format: 'date-time' } }, '2024-01-01T00:00:00Z'],
    [{ schema: { type: 'string', minLength: 9 } }, 'stringstr'],
    [{ schema: { type: 'string', maxLength: 3 } }, 'ing'],
    [{ schema: { type: 'integer', minimum: 5 } }, 5],
    [{ schema: { type: 'integer', exclusiveMinimum: 5 } }, 6],
    [{ schema: { type: 'integer', maximum: -5 } }, -5],
    [{ schema: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 } }, 0.5],
    [{ schema: { type: 'integer', minimum: 5, multipleOf: 4 } }, 8],
    [{ schema: { type: 'string', pattern: '^\\+[1-9][0-9]{4,14}$' } }, '+10000'],
    [{ schema: { type: 'string', pattern: '^(?:[a-f]|x)+-\\d{2}(?<n>_.\\.)?$', minLength: 8 } }, 'aaaaa-00'],
    [{ schema: { type: 'string', pattern: '^urn:[^:/]+:\\u0041(b|c(d)){2}\\/\\w*$' } }, 'urn:a:Abb/'],
    [{ schema: { type: 'string', pattern: '^(?=a)b', example: 'x' } }, 'NONE'],
    [{ schema: { type: ['null', 'boolean'] } }, true],
    [{ schema: { type: 'array', items: { type: 'integer' }, minItems: 3, uniqueItems: true } }, [0, 1, 2]],
    [{ schema: { type: 'array', items: { type: 'string' }, minItems: 2, uniqueItems: true } }, ['string', 'string2']],
    [{ schema: { prefixItems: [{ type: 'string' }, { type: 'integer' }] } }, ['string', 0]],
    [
      { schema: { properties: { a: { type: 'string' }, r: { type: 'string', readOnly: true } }, required: ['r'] } },
      { a: 'string' },
    ],
    [{ schema: { type: 'object', additionalProperties: { type: 'integer' }, minProperties: 2 } }, { property1: 0, property2: 0 }],
    [{ schema: { type: 'object', required: ['x'], properties: { a: {}, x: {} }, maxProperties: 1 } }, { x: {} }],
    [{ schema: { allOf: [{ type: 'object', required: ['a'] }, { properties: { a: { const: 1 } } }] } }, { a: 1 }],
    [{ schema: { oneOf: [{ not: {} }, { type: 'integer' }] } }, 0],
    [{ schema: { anyOf: [false, { type: 'boolean' }] } }, true],
    [{ schema: { $ref: '#/components/schemas/Pet' } }, { kind: 'cat-ish', claws: 0 }],
    [{ schema: { $ref: '#/components/schemas/Tree' } }, { name: 'string', children: [{ name: 'string', children: [] }] }],
    [{ schema: { type: 'object', patternProperties: { x: { type: 'integer' } } } }, {}],
  ]
  const components = {
    examples: { e: { value: { from: 'components' } } },
    schemas: {
      Pet: {
        oneOf: [{ $ref: '#/components/schemas/Cat' }],
        discriminator: { propertyName: 'kind', mapping: { 'cat-ish': '#/components/schemas/Cat' } },
      },
      Cat: { type: 'object', required: ['kind'], properties: { kind: { type: 'string' }, claws: { type: 'integer' } } },
      Tree: {
        type: 'object',
        required: ['name', 'children'],
        properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#/components/schemas/Tree' } } },
      },
    },
  }
  test.each(EXAMPLES)('of %j', (mediaType, body) => {
    const target = targetFor({ requestBody: { content: { 'application/json': mediaType } } }, { root: { components } })
    const request = safeBuildCallbackRequest(target, { example: true })
    expect(request.ok ? JSON.parse(text(request.value.body) ?? '') : 'NONE').toEqual(body)
  })

  test('comes in the media type that can carry it', () => {
    const requestBody = {
      content: {
        'application/xml': { schema: { type: 'object' } },
        'application/x-www-form-urlencoded': { schema: { properties: { a: { type: 'integer' } } } },
      },
    }
    const request = build({ requestBody }, { example: true })
    expect([request.headers['content-type'], text(request.body)]).toEqual(['application/x-www-form-urlencoded', 'a=0'])
  })

  test('of a schema that requires itself without end cannot be made', () => {
    const schemas = { A: { type: 'object', required: ['b'], properties: { b: { $ref: '#/components/schemas/A' } } } }
    const target = targetFor(json({ $ref: '#/components/schemas/A' }), { root: { components: { schemas } } })
    expect(safeBuildCallbackRequest(target, { example: true })).toMatchObject({ ok: false, error: { reason: 'no-example' } })
  })

  test('of a schema that branches without end stays small', () => {
    const properties = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`p${i}`, { $ref: '#/components/schemas/A' }]))
    const schemas = {
      A: { type: 'object', properties: { ...properties, list: { type: 'array', items: { $ref: '#/components/schemas/B' } } } },
      B: { type: 'object', properties },
    }
    const target = targetFor(json({ $ref: '#/components/schemas/A' }), { root: { components: { schemas } } })
    expect(buildCallbackRequest(target, { example: true }).body?.length).toBeLessThan(50_000)
  })
})

describe('credentials', () => {
  const components = {
    securitySchemes: {
      bearer: { type: 'http', scheme: 'Bearer' },
      basic: { type: 'http', scheme: 'basic' },
      digest: { type: 'http', scheme: 'digest' },
      key: { type: 'apiKey', in: 'header', name: 'X-Key' },
      query: { type: 'apiKey', in: 'query', name: 'key' },
      oauth: { $ref: '#/components/securitySchemes/realOauth' },
      realOauth: { type: 'oauth2', flows: {} },
      oidc: { type: 'openIdConnect', openIdConnectUrl: 'https://x.example' },
      tls: { type: 'mutualTLS' },
    },
  }
  const SECURITY: [security: unknown, available: string[] | undefined, credentials: unknown][] = [
    [undefined, undefined, undefined],
    [[], ['bearer'], undefined],
    [[{ bearer: [] }], undefined, [{ name: 'bearer', kind: 'bearer' }]],
    [[{ basic: [] }], ['basic'], [{ name: 'basic', kind: 'basic' }]],
    [[{ digest: [] }], undefined, [{ name: 'digest', kind: 'http', scheme: 'digest' }]],
    [[{ key: [] }], undefined, [{ name: 'key', kind: 'apiKey', in: 'header', field: 'X-Key' }]],
    [
      [{ query: [], tls: [] }],
      undefined,
      [
        { name: 'query', kind: 'apiKey', in: 'query', field: 'key' },
        { name: 'tls', kind: 'mutualTLS' },
      ],
    ],
    [[{ oauth: ['scope'] }], undefined, [{ name: 'oauth', kind: 'bearer' }]],
    [[{ oidc: [] }], undefined, [{ name: 'oidc', kind: 'bearer' }]],
    [[{ gone: [] }], undefined, [{ name: 'gone', kind: 'unknown' }]],
    [[{}, { bearer: [] }], undefined, undefined],
    [[{}, { bearer: [] }], ['bearer'], [{ name: 'bearer', kind: 'bearer' }]],
    [[{}, { bearer: [] }], [], undefined],
    [[{ key: [] }, { bearer: [] }], ['bearer'], [{ name: 'bearer', kind: 'bearer' }]],
  ]
  test.each(SECURITY)('for %j with %j', (security, available, credentials) => {
    // What the document says at its top is for callers of the API, and never goes to a subscriber.
    const target = targetFor(security === undefined ? {} : { security }, { root: { components, security: [{ key: [] }] } })
    const request = buildCallbackRequest(target, available === undefined ? {} : { credentials: available })
    expect(request.metadata?.credentials).toEqual(credentials)
    expect(JSON.stringify(request)).not.toContain('Authorization')
  })

  test('that nobody has', () => {
    const target = targetFor({ security: [{ key: [], bearer: [] }, { basic: [] }] }, { root: { components } })
    expect(safeBuildCallbackRequest(target, { credentials: ['key'] })).toEqual({
      ok: false,
      error: {
        reason: 'credentials-missing',
        alternatives: [['key', 'bearer'], ['basic']],
        message: "Expected credentials for the callback's security (key and bearer, or basic) but found key.",
      },
    })
  })
})

test('a request has the id of its target, or one of its own', () => {
  const target = targetFor({})
  const [id, again] = [buildCallbackRequest(target).id, buildCallbackRequest(target).id]
  expect(id).toMatch(/^cb_[\w-]{32}$/)
  expect([again, buildCallbackRequest(target, { id: 'order-7-shipped' }).id]).toEqual([id, 'order-7-shipped'])
})

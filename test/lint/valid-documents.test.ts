import { lintText } from 'ringback/lint'
import { describe, expect, test } from 'vitest'
import { documentAround } from './support.ts'

const post = "post: { responses: { '200': { description: OK } } }"
const callback = (...keys: string[]): string =>
  `callbacks:\n  called:\n${keys.map((key) => `    ${key}:\n      ${post}\n`).join('')}`
const parameters = (...list: string[]): string => `parameters:\n${list.map((one) => `  - ${one}\n`).join('')}`
const body = (schema: string, mediaType = 'application/json'): string =>
  `requestBody:\n  required: true\n  content:\n    ${mediaType}:\n      schema: ${schema}\n`

/** A whole document around one operation, with fields of the root. */
function whole(root: string, operation: string, version = '3.1.0'): string {
  const responses = /^responses:/m.test(operation) ? '' : "responses: { '202': { description: Accepted } }\n"
  const indented = (operation.replace(/\n?$/, '\n') + responses).replace(/^(?=.)/gm, '      ')
  return `openapi: ${version}\ninfo: { title: Valid, version: '1' }\n${root}paths:\n  /orders/{id}:\n    parameters:\n      - { name: id, in: path, required: true, schema: { type: string } }\n    post:\n${indented}`
}

const schemes = (...list: string[]): string => `components:\n  securitySchemes:\n${list.map((one) => `    ${one}\n`).join('')}`
const apiKey = (location: string): string => `key: { type: apiKey, name: X-Key, in: ${location} }`

/** Nothing is wrong with these: there may be infos, but no error and no warning. */
const VALID: [what: string, document: string, infos: string[]][] = [
  // Parts of a multipart body, and fields of a form, that are JSON.
  [
    'a part with the schema of what is inside',
    documentAround(
      body(
        '{ required: [data], properties: { data: { type: string, contentMediaType: application/json, contentSchema: { required: [url], properties: { url: { type: string } } } } } }',
        'multipart/form-data',
      ) + callback("'{$request.body#/data/url}'"),
    ),
    [],
  ],
  [
    'a part that is JSON by its schema, which says no more',
    documentAround(
      body('{ properties: { data: { type: string, contentMediaType: application/json } } }', 'multipart/mixed') +
        callback("'{$request.body#/data/url}'"),
    ),
    ['cannot-check'],
  ],
  ...['multipart/form-data', 'application/x-www-form-urlencoded'].flatMap((mediaType) =>
    ['{ type: string }', '{ type: string, format: binary }'].map((schema): [string, string, string[]] => [
      `a field of ${mediaType} that is JSON by its encoding: ${schema}`,
      whole(
        '',
        `${body(`{ type: object, properties: { data: ${schema} } }`, mediaType)}      encoding: { data: { contentType: application/json } }\n${callback("'{$request.body#/data/url}'")}`,
        '3.0.3',
      ),
      ['cannot-check'],
    ]),
  ),
  [
    'a web socket',
    documentAround(
      parameters('{ name: q, in: query, schema: { type: string } }') + callback("'wss://x.example/{$request.query.q}'"),
    ),
    ['not-a-url', 'optional-url'],
  ],
  // Arrays and objects that are one text where they travel.
  ...(
    [
      ['query', 'explode: false, schema: { type: array, items: { type: integer } }'],
      ['query', 'schema: { type: array, items: { type: integer } }'],
      ['query', 'content: { application/json: { schema: { type: object } } }'],
      ['header', 'schema: { type: array, items: { type: string } }'],
    ] as const
  ).map(([location, rest]): [string, string, string[]] => [
    `a list or an object in ${location}: ${rest}`,
    documentAround(
      parameters(`{ name: ids, in: ${location}, required: true, ${rest} }`) +
        callback(`'https://x.example/?ids={$request.${location}.ids}'`),
    ),
    [],
  ]),
  // Parameters that are written as several.
  [
    'a member of a deepObject',
    documentAround(
      parameters(
        '{ name: f, in: query, required: true, style: deepObject, explode: true, schema: { type: object, required: [url], properties: { url: { type: string } } } }',
      ) + callback("'{$request.query.f[url]}'"),
    ),
    [],
  ],
  [
    'a member of an open deepObject',
    documentAround(
      parameters('{ name: f, in: query, style: deepObject, schema: { type: object, additionalProperties: { type: string } } }') +
        callback("'{$request.query.f[url]}'"),
    ),
    ['cannot-check'],
  ],
  [
    'something deep in a deepObject, which OAS leaves open',
    documentAround(
      parameters(
        '{ name: f, in: query, style: deepObject, schema: { type: object, properties: { a: { type: array, items: { type: string } } } } }',
      ) + callback("'{$request.query.f[a][]}'"),
    ),
    ['cannot-check'],
  ],
  [
    'a member of an exploded form object',
    documentAround(
      parameters(
        '{ name: g, in: query, required: true, schema: { type: object, required: [hook], properties: { hook: { type: string } } } }',
      ) + callback("'{$request.query.hook}'"),
    ),
    [],
  ],
  [
    'an optional member of an exploded form object',
    documentAround(
      parameters('{ name: g, in: query, style: form, explode: true, schema: { properties: { hook: { type: string } } } }') +
        callback("'{$request.query.hook}'"),
    ),
    ['optional-url'],
  ],
  [
    'an exploded form object with additional properties',
    documentAround(
      parameters('{ name: g, in: query, schema: { type: object, additionalProperties: true } }') +
        callback("'{$request.query.hook}'"),
    ),
    ['cannot-check'],
  ],
  [
    'an exploded form object that says nothing of its properties',
    documentAround(parameters('{ name: g, in: query, schema: { type: object } }') + callback("'{$request.query.hook}'")),
    ['cannot-check'],
  ],
  [
    'a parameter that may be anything',
    documentAround(parameters('{ name: g, in: query, schema: {} }') + callback("'{$request.query.hook}'")),
    ['cannot-check'],
  ],
  [
    'an exploded form object through $ref and allOf',
    whole(
      "components:\n  parameters:\n    g: { name: g, in: query, schema: { $ref: '#/components/schemas/G' } }\n  schemas:\n    G: { allOf: [{ $ref: '#/components/schemas/H' }, { properties: { other: {} } }] }\n    H: { type: object, properties: { hook: { type: string } } }\n",
      parameters("{ $ref: '#/components/parameters/g' }") + callback("'{$request.query.hook}'"),
    ),
    ['optional-url'],
  ],
  [
    'an exploded form object or a text',
    documentAround(
      parameters(
        '{ name: g, in: query, schema: { oneOf: [{ type: string }, { type: object, properties: { hook: { type: string } } }] } }',
      ) + callback("'{$request.query.hook}'"),
    ),
    ['optional-url'],
  ],
  [
    'a parameter with content',
    documentAround(
      parameters('{ name: g, in: query, required: true, content: { text/plain: { schema: { type: string } } } }') +
        callback("'{$request.query.g}'"),
    ),
    [],
  ],
  [
    'a member of a parameter with content',
    documentAround(
      parameters(
        '{ name: g, in: query, content: { application/x-www-form-urlencoded: { schema: { type: object, properties: { hook: { type: string } } } } } }',
      ) + callback("'{$request.query.hook}'"),
    ),
    ['cannot-check'],
  ],
  [
    'a querystring (3.2)',
    whole(
      '',
      parameters(
        '{ name: all, in: querystring, content: { application/x-www-form-urlencoded: { schema: { type: object, properties: { hook: { type: string } } } } } }',
      ) + callback("'{$request.query.hook}'"),
      '3.2.0',
    ),
    ['cannot-check'],
  ],
  [
    'a parameter name with brackets',
    documentAround(
      parameters("{ name: 'urls[]', in: query, required: true, schema: { type: string } }") +
        callback("'{$request.query.urls[]}'"),
    ),
    [],
  ],
  [
    'an exploded array',
    documentAround(
      parameters('{ name: urls, in: query, required: true, schema: { type: array, items: { type: string } } }') +
        callback("'{$request.query.urls}'"),
    ),
    ['array-of-urls'],
  ],
  // Security schemes.
  ...(['query', 'header'] as const).map((location): [string, string, string[]] => [
    `an API key in the ${location}, required by the root`,
    whole(
      `${schemes(apiKey(location))}security: [{ key: [] }]\n`,
      callback(`'https://example.com/{$request.${location}.X-Key}'`),
    ),
    [],
  ]),
  [
    'an API key that the operation requires',
    whole(schemes(apiKey('query')), `security: [{ key: [] }]\n${callback("'{$request.query.X-Key}'")}`),
    [],
  ],
  [
    'an API key that is one of two ways',
    whole(schemes(apiKey('query')), `security: [{}, { key: [] }]\n${callback("'{$request.query.X-Key}'")}`),
    ['optional-url'],
  ],
  ['an API key that is declared only', whole(schemes(apiKey('query')), callback("'{$request.query.X-Key}'")), ['optional-url']],
  [
    'an API key behind a reference',
    whole(schemes("key: { $ref: 'https://example.com/schemes.yaml#/key' }"), callback("'{$request.query.X-Key}'")),
    ['cannot-check'],
  ],
  [
    'an API key by URI (3.2)',
    whole('', `security: [{ 'https://example.com/schemes.yaml#/key': [] }]\n${callback("'{$request.query.X-Key}'")}`, '3.2.0'),
    ['cannot-check'],
  ],
  [
    'an API key by URI in the document (3.2)',
    whole(
      schemes(apiKey('query')),
      `security: [{ '#/components/securitySchemes/key': [] }]\n${callback("'{$request.query.X-Key}'")}`,
      '3.2.0',
    ),
    [],
  ],
  [
    'a field that has cookies',
    whole(schemes(apiKey('cookie')), `security: [{ key: [] }]\n${callback("'https://example.com/{$request.header.Cookie}'")}`),
    ['optional-url'],
  ],
  [
    'fields that cannot be declared',
    documentAround(
      callback(
        "'https://example.com/{$request.header.accept}'",
        "'https://example.com/{$request.header.CONTENT-TYPE}'",
        "'https://example.com/{$request.header.Authorization}'",
      ),
    ),
    ['optional-url'],
  ],
  // Paths.
  ['a parameter of the path item', whole('', callback("'https://example.com/{$request.path.id}'")), []],
  [
    'a server variable beside it',
    whole(
      "servers: [{ url: 'https://{host}/v1', variables: { host: { default: a.example } } }]\n",
      callback("'https://example.com/{$request.path.id}?u={$url}'"),
    ),
    ['url-method-status-in-key'],
  ],
  [
    'path parameters of the path item of a callback',
    documentAround(
      "callbacks:\n  called:\n    'https://example.com/{a}/{b}':\n      parameters: [{ name: a, in: path, required: true, schema: { type: string } }]\n      post:\n        parameters: [{ name: b, in: path, required: true, schema: { type: string } }]\n        responses: { '200': { description: OK } }\n",
    ),
    [],
  ],
  [
    'a path parameter of a callback, read by the callback in it',
    documentAround(
      "callbacks:\n  outer:\n    'https://example.com/{a}':\n      parameters: [{ name: a, in: path, required: true, schema: { type: string } }]\n      post:\n        responses: { '200': { description: OK } }\n        callbacks:\n          inner:\n            'https://example.com/{$request.path.a}':\n              post: { responses: { '200': { description: OK } } }\n",
    ),
    ['nested-callback'],
  ],
  // Schemas.
  [
    'a closed object and {}',
    documentAround(body('{ allOf: [{ type: object, properties: { a: {} } }, {}] }') + callback("'{$request.body#/url}'")),
    ['cannot-check'],
  ],
  [
    'a closed object and an empty component',
    whole(
      'components: { schemas: { Any: {}, Closed: { properties: { a: {} } } } }\n',
      body("{ allOf: [{ $ref: '#/components/schemas/Closed' }, { $ref: '#/components/schemas/Any' }] }") +
        callback("'{$request.body#/url}'"),
    ),
    ['cannot-check'],
  ],
  [
    'a discriminator with a mapping',
    whole(
      "components:\n  schemas:\n    Base: { type: object, required: [kind], properties: { kind: { type: string } }, discriminator: { propertyName: kind, mapping: { hook: Hook } } }\n    Hook: { allOf: [{ $ref: '#/components/schemas/Base' }, { properties: { url: { type: string } } }] }\n",
      body("{ $ref: '#/components/schemas/Base' }") + callback("'{$request.body#/url}'"),
      '3.0.3',
    ),
    ['optional-url'],
  ],
  [
    'oneOf with a discriminator',
    whole(
      'components:\n  schemas:\n    A: { type: object, properties: { url: { type: string } } }\n    B: { type: object, properties: { other: { type: string } } }\n',
      body(
        "{ oneOf: [{ $ref: '#/components/schemas/A' }, { $ref: '#/components/schemas/B' }], discriminator: { propertyName: kind } }",
      ) + callback("'{$request.body#/url}'"),
      '3.0.3',
    ),
    ['optional-url'],
  ],
  [
    'nullable through allOf (3.0)',
    whole(
      'components: { schemas: { Url: { type: string, format: uri } } }\n',
      body(
        "{ type: object, required: [url], properties: { url: { nullable: true, allOf: [{ $ref: '#/components/schemas/Url' }] } } }",
      ) + callback("'{$request.body#/url}'"),
      '3.0.3',
    ),
    [],
  ],
  [
    'readOnly and writeOnly',
    documentAround(
      `${body('{ type: object, required: [a, b], properties: { a: { type: string, writeOnly: true }, b: { type: string, readOnly: true } } }')}${callback("'{$request.body#/a}'", "'{$request.body#/b}'")}`,
    ),
    [],
  ],
  [
    'an item of an array body',
    documentAround(
      body('{ type: array, minItems: 1, items: { type: object, required: [url], properties: { url: { type: string } } } }') +
        callback("'{$request.body#/0/url}'"),
    ),
    [],
  ],
  [
    'slashes and tildes in names',
    documentAround(
      body(
        "{ type: object, required: ['a/b', 'c~d', ''], properties: { 'a/b': { type: string }, 'c~d': { type: string }, '': { type: string } } }",
      ) + callback("'{$request.body#/a~1b}'", "'{$request.body#/c~0d}'", "'{$request.body#/}'"),
    ),
    [],
  ],
  [
    'a name with %, a space and a hash',
    documentAround(
      body(
        "{ type: object, required: ['a%20b', 'c d', 'e#f'], properties: { 'a%20b': { type: string }, 'c d': { type: string }, 'e#f': { type: string } } }",
      ) + callback("'{$request.body#/a%20b}'", "'{$request.body#/c d}'", "'{$request.body#/e#f}'"),
    ),
    [],
  ],
  [
    'if, then and else',
    documentAround(
      body(
        '{ type: object, properties: { a: {} }, if: { properties: { a: { const: 1 } } }, then: { required: [url], properties: { url: { type: string } } } }',
      ) + callback("'{$request.body#/url}'"),
    ),
    ['optional-url'],
  ],
  [
    'a dynamic reference',
    documentAround(body("{ $dynamicRef: '#node', properties: { a: {} } }") + callback("'{$request.body#/url}'")),
    ['cannot-check'],
  ],
  [
    'a reference beside properties (3.1)',
    whole(
      'components: { schemas: { Hook: { type: object, required: [url], properties: { url: { type: string } } } } }\n',
      body("{ $ref: '#/components/schemas/Hook', properties: { a: {} } }") + callback("'{$request.body#/url}'"),
    ),
    [],
  ],
  [
    'a $ref by $id and by $anchor',
    documentAround(
      body(
        "{ $id: 'https://example.com/s', $defs: { u: { $anchor: u, type: string } }, required: [url], properties: { url: { $ref: '#u' } } }",
      ) + callback("'{$request.body#/url}'"),
    ),
    [],
  ],
  // Bodies.
  [
    'several media types, of which one has it',
    documentAround(
      `requestBody:\n  required: true\n  content:\n    application/xml: { schema: { properties: { a: {} } } }\n    application/json: { schema: { properties: { a: {} } } }\n    'application/vnd.x+json': { schema: { required: [url], properties: { url: { type: string } } } }\n${callback("'{$request.body#/url}'")}`,
    ),
    [],
  ],
  [
    'a part of a multipart body',
    documentAround(
      body(
        '{ type: object, required: [meta], properties: { meta: { type: object, required: [url], properties: { url: { type: string } } }, file: { type: string, format: binary } } }',
        'multipart/form-data',
      ) + callback("'{$request.body#/meta/url}'"),
    ),
    [],
  ],
  [
    'any media type',
    documentAround(
      body('{ required: [url], properties: { url: { type: string } } }', "'*/*'") + callback("'{$request.body#/url}'"),
    ),
    [],
  ],
  [
    'a body by reference, used by two operations',
    `openapi: 3.0.3
info: { title: V, version: '1' }
paths:
  /a: { post: &op { requestBody: { $ref: '#/components/requestBodies/B' }, responses: { '200': { description: OK } }, callbacks: { c: { $ref: '#/components/callbacks/C' } } } }
  /b: { post: *op }
components:
  requestBodies: { B: { required: true, content: { application/json: { schema: { required: [url], properties: { url: { type: string } } } } } } }
  callbacks: { C: { '{$request.body#/url}': { $ref: '#/components/pathItems/P' } } }
  pathItems: { P: { post: { responses: { '200': { description: OK } } } } }
`,
    [],
  ],
  [
    'a path of the document as the path item of a callback',
    `openapi: 3.0.3
info: { title: V, version: '1' }
paths:
  /subscribe:
    post:
      requestBody: { required: true, content: { application/json: { schema: { required: [url], properties: { url: { type: string } } } } } }
      responses: { '200': { description: OK } }
      callbacks: { c: { '{$request.body#/url}': { $ref: '#/paths/~1notifications' } } }
  /notifications: { post: { responses: { '204': { description: OK } } } }
`,
    [],
  ],
  [
    'an item schema (3.2)',
    whole(
      '',
      `requestBody:\n  required: true\n  content:\n    application/jsonl:\n      itemSchema: { type: object, properties: { url: { type: string } } }\n${callback("'{$request.body#/0/url}'")}`,
      '3.2.0',
    ),
    ['cannot-check'],
  ],
  [
    'a media type by reference (3.2)',
    whole(
      'components: { mediaTypes: { M: { schema: { required: [url], properties: { url: { type: string } } } } } }\n',
      `requestBody: { required: true, content: { application/json: { $ref: '#/components/mediaTypes/M' } } }\n${callback("'{$request.body#/url}'")}`,
      '3.2.0',
    ),
    [],
  ],
  [
    'additional operations and QUERY (3.2)',
    `openapi: 3.2.0
info: { title: V, version: '1' }
paths:
  /search:
    query:
      requestBody: { required: true, content: { application/json: { schema: { required: [url], properties: { url: { type: string } } } } } }
      responses: { '200': { description: OK } }
      callbacks: { c: { '{$request.body#/url}': { additionalOperations: { NOTIFY: { responses: { '200': { description: OK } } } } } } }
`,
    [],
  ],
  // Responses.
  ...["'201'", '2XX', '2xx', 'default'].map((status): [string, string, string[]] => [
    `a body and a header of the response ${status}`,
    documentAround(
      `responses:\n  '404': { description: None }\n  ${status}: { description: OK, headers: { Location: { required: true, schema: { type: string } } }, content: { application/json: { schema: { required: [url], properties: { url: { type: string } } } } } }\n${callback("'{$response.body#/url}'", "'{$response.header.location}'", "'https://example.com/{$response.header.Content-Type}'")}`,
    ),
    [],
  ]),
  [
    'a response by reference',
    whole(
      'components: { responses: { R: { description: OK, content: { application/json: { schema: { required: [url], properties: { url: { type: string } } } } } } } }\n',
      `responses: { '200': { $ref: '#/components/responses/R' } }\n${callback("'{$response.body#/url}'")}`,
    ),
    [],
  ],
  [
    'a response that is elsewhere',
    documentAround(
      `responses: { '200': { $ref: 'https://example.com/r.yaml' } }\n${callback("'{$response.body#/url}'", "'{$response.header.X-Url}'")}`,
    ),
    ['cannot-check'],
  ],
  // Keys.
  ['a literal URL with a port and a query', documentAround(callback('https://example.com:8443/hook?x=1')), ['constant-key']],
  ['an IPv6 host', documentAround(callback("'https://[2001:db8::1]/hook'")), ['constant-key']],
  [
    'the same key under two names',
    documentAround(
      `${body('{ required: [url], properties: { url: { type: string } } }')}callbacks:\n  a: { '{$request.body#/url}': { ${post} } }\n  b: { '{$request.body#/url}': { ${post} } }\n`,
    ),
    [],
  ],
  [
    'two expressions and a tail',
    documentAround(
      parameters('{ name: event, in: query, required: true, schema: { type: string } }') +
        body('{ required: [url], properties: { url: { type: string } } }') +
        callback("'{$request.body#/url}/x?event={$request.query.event}&m={$method}'"),
    ),
    ['url-method-status-in-key'],
  ],
  [
    'a webhook without callbacks',
    "openapi: 3.1.0\ninfo: { title: V, version: '1' }\nwebhooks: { w: { post: { responses: { '200': { description: OK } } } } }\n",
    [],
  ],
  ['no paths at all (3.1)', "openapi: 3.1.0\ninfo: { title: V, version: '1' }\ncomponents: {}\n", []],
]
test.each(VALID)('%s is no error and no warning', (_what, document, infos) => {
  const { problems } = lintText(document)
  expect(problems.filter(({ severity }) => severity !== 'info')).toEqual([])
  expect([...new Set(problems.map(({ rule }) => rule))]).toEqual(infos)
})

/** What is still told, although it looks much like the above. */
const INVALID: [what: string, document: string, message: string][] = [
  [
    'a member that a deepObject does not have',
    documentAround(
      parameters('{ name: f, in: query, style: deepObject, schema: { type: object, properties: { url: { type: string } } } }') +
        callback("'{$request.query.f[uri]}'"),
    ),
    'declares no query parameter "f[uri]". Did you mean "$request.query.f[url]"?',
  ],
  [
    'a member that an exploded form object does not have',
    documentAround(
      parameters('{ name: g, in: query, schema: { type: object, properties: { callback_url: { type: string } } } }') +
        callback("'{$request.query.callback_uri}'"),
    ),
    'declares no query parameter "callback_uri". Did you mean "$request.query.callback_url"?',
  ],
  [
    'a member of an object that is one parameter',
    documentAround(
      parameters('{ name: g, in: query, explode: false, schema: { type: object, properties: { hook: { type: string } } } }') +
        callback("'{$request.query.hook}'"),
    ),
    'declares no query parameter "hook".',
  ],
  [
    'an API key that is in a header',
    whole(schemes(apiKey('header')), callback("'{$request.query.X-Key}'")),
    'declares no query parameter "X-Key".',
  ],
  [
    'a parameter beside one of a certain type',
    documentAround(parameters('{ name: g, in: query, schema: { enum: [a, b] } }') + callback("'{$request.query.hook}'")),
    'declares no query parameter "hook".',
  ],
]
test.each(INVALID)('%s is an error', (_what, document, message) => {
  const errors = lintText(document).problems.filter(({ severity }) => severity === 'error')
  expect(errors.map((problem) => problem.rule)).toEqual(['undeclared-query-parameter'])
  expect(errors[0]?.message).toContain(message)
})

describe('a link passes', () => {
  const linked = (parameter: string, version = '3.1.0'): string => `openapi: ${version}
info: { title: L, version: '1' }
paths:
  /a: { post: { responses: { '200': { description: OK, content: { application/json: { schema: { required: [v], properties: { v: { type: string } } } } }, links: { next: { operationId: next, parameters: { '${parameter}': $response.body#/v, path.id: $response.body#/v } } } } } } }
  /b/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
    get:
      operationId: next
      parameters:
        - { name: X-Trace, in: header, schema: { type: string } }
        - { name: filter, in: query, style: deepObject, schema: { type: object, properties: { url: { type: string } } } }
        - { name: page, in: query, schema: { type: object, properties: { limit: { type: integer } } } }
      responses: { '200': { description: OK } }
security: [{ q: [] }]
components:
  securitySchemes:
    q: { type: apiKey, in: query, name: api_key }
    h: { type: apiKey, in: header, name: X-Key }
    c: { type: apiKey, in: cookie, name: session }
`
  const PASSED = [
    ...['header.Authorization', 'Authorization', 'header.Accept', 'header.Content-Type', 'content-type', 'header.x-trace'],
    ...['query.api_key', 'api_key', 'header.X-Key', 'x-key', 'cookie.session', 'session', 'header.Cookie'],
    ...['filter', 'filter[url]', 'query.filter[url]', 'page', 'limit', 'query.limit'],
  ]
  test.each(PASSED)('%s', (parameter) => {
    expect(lintText(linked(parameter)).problems).toEqual([])
  })

  const REFUSED = [
    'header.X-Other',
    'query.X-Key',
    'path.session',
    'cookie.api_key',
    'query.Authorization',
    'filter[uri]',
    'other',
  ]
  test.each(REFUSED)('but not %s', (parameter) => {
    expect(lintText(linked(parameter)).problems.map(({ rule }) => rule)).toEqual(['unknown-link-parameter'])
  })
})

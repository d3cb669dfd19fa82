import { lintText } from 'ringback/lint'
import { describe, expect, test } from 'vitest'
import { documentAround } from './support.ts'

const callback = (key: string): string =>
  `callbacks:\n  called:\n    ${key}:\n      post: { responses: { '200': { description: OK } } }\n`
const body = (schema: string, mediaType = 'application/json'): string =>
  `requestBody:\n  required: true\n  content:\n    ${mediaType}:\n      schema: ${schema}\n`
const url = "'{$request.body#/url}'"

/** Valid documents: there may be infos, but no error and no warning. */
const VALID: [what: string, fragment: string, infos: string[]][] = [
  ['an empty schema', body('{}') + callback(url), ['cannot-check']],
  ['a schema that is `true`', body('true') + callback(url), ['cannot-check']],
  ['an object that says nothing', body('{ type: object }') + callback(url), ['cannot-check']],
  ['additional properties', body('{ properties: { a: {} }, additionalProperties: true }') + callback(url), ['cannot-check']],
  [
    'additional properties with a schema',
    body('{ properties: { a: {} }, additionalProperties: { type: string } }') + callback(url),
    ['cannot-check'],
  ],
  ['pattern properties', body("{ properties: { a: {} }, patternProperties: { '^u': {} } }") + callback(url), ['cannot-check']],
  ['a remote reference', body("{ $ref: 'https://example.com/schema.json' }") + callback(url), ['cannot-check']],
  [
    'a parameter behind a remote reference',
    `parameters:\n  - { $ref: 'https://example.com/p.yaml#/p' }\n${callback("'{$request.query.url}'")}`,
    ['cannot-check'],
  ],
  ['a reference to a file that is not there', body("{ $ref: 'other.yaml#/x' }") + callback(url), ['cannot-check']],
  [
    'a reference that is its own target',
    body("{ $ref: '#/paths/~1orders/post/requestBody/content/application~1json/schema' }") + callback(url),
    ['cannot-check'],
  ],
  [
    'an alternative that has it',
    body('{ oneOf: [{ properties: { url: { type: string } } }, { properties: { a: {} } }] }') + callback(url),
    ['optional-url'],
  ],
  [
    'an alternative that is open',
    body('{ anyOf: [{ type: object }, { properties: { a: {} } }] }') + callback(url),
    ['cannot-check'],
  ],
  [
    'one of several bodies that has it',
    `${body('{ properties: { a: {} } }')}    application/x-www-form-urlencoded:\n      schema: { properties: { url: {} }, required: [url] }\n${callback(url)}`,
    [],
  ],
  ['XML', body('{ properties: { a: {} } }', 'application/xml') + callback(url), ['cannot-check']],
  ['a text body as a whole', body('{ type: string }', 'text/plain') + callback("'{$request.body}'"), []],
  ['an index of an array', body('{ type: array, minItems: 1, items: { type: string } }') + callback("'{$request.body#/0}'"), []],
  [
    'a nullable text (3.0 and 3.1)',
    body('{ required: [url], properties: { url: { type: [string, "null"] } } }') + callback(url),
    [],
  ],
  [
    'a URL that may also be a number',
    body('{ required: [url], properties: { url: { type: [string, integer] } } }') + callback(url),
    [],
  ],
  [
    'an array of URLs',
    body('{ required: [url], properties: { url: { type: array, items: { type: string } } } }') + callback(url),
    ['array-of-urls'],
  ],
  ['a header that cannot be declared', callback("'{$request.header.Authorization}'"), ['optional-url']],
  [
    'a header in another case',
    `parameters:\n  - { name: X-Url, in: header, required: true, schema: {} }\n${callback("'{$request.header.x-url}'")}`,
    [],
  ],
  ['a whole key without braces', body('{ required: [url], properties: { url: {} } }') + callback('$request.body#/url'), []],
  ['a literal URL', callback('https://example.com/hook'), ['constant-key']],
  [
    'a relative key with servers',
    "callbacks:\n  called:\n    /hook:\n      servers: [{ url: 'https://example.com' }]\n      post: { responses: {} }\n",
    [],
  ],
  [
    'a declared path parameter',
    "callbacks:\n  called:\n    'https://example.com/{id}':\n      post:\n        parameters: [{ name: id, in: path, required: true, schema: {} }]\n        responses: {}\n",
    [],
  ],
  ['an empty Callback Object', 'callbacks: { called: {} }\n', []],
  ['an extension', 'callbacks: { x-called: 7, called: { x-note: 8 } }\n', []],
  [
    'a response range',
    `responses:\n  2XX: { description: OK, content: { application/json: { schema: { required: [url], properties: { url: {} } } } } }\n${callback("'{$response.body#/url}'")}`,
    [],
  ],
  [
    'a default response',
    `responses:\n  default: { description: OK, content: { application/json: { schema: { required: [url], properties: { url: {} } } } } }\n${callback("'{$response.body#/url}'")}`,
    [],
  ],
  ['no responses at all', `responses: {}\n${callback("'{$response.body#/url}'")}`, ['cannot-check']],
  ['a status code in a path', callback("'https://example.com/{$statusCode}'"), ['url-method-status-in-key']],
  ['the URL of the request', callback("'{$url}/events'"), ['url-method-status-in-key']],
  [
    'a link by reference',
    "responses:\n  '201':\n    description: Created\n    content: { application/json: { schema: { properties: { id: {} } } } }\n    links:\n      self: { $ref: 'https://example.com/links.yaml#/self' }\n",
    ['unresolved-reference'],
  ],
  [
    'constants in links',
    "responses:\n  '201': { description: OK, links: { l: { operationRef: 'https://example.com/api.yaml#/paths/~1a/get', parameters: { a: 5, b: { c: 1 }, d: TBC, e: '$.id', f: 'regex = (.*);', g: null }, requestBody: '{\"a\": 1}' } } }\n",
    ['cannot-check'],
  ],
  ['callbacks that are no object', 'callbacks: [1]\n', []],
]
test.each(VALID)('%s is no error and no warning', (_what, fragment, infos) => {
  const { problems } = lintText(documentAround(fragment))
  expect(problems.filter(({ severity }) => severity !== 'info')).toEqual([])
  expect([...new Set(problems.map(({ rule }) => rule))]).toEqual(infos)
})

const INVALID: [what: string, fragment: string, rule: string, message: string, severity?: 'error' | 'warning'][] = [
  [
    'another spelling at the same level',
    body('{ properties: { notifyUri: {} } }') + callback("'{$request.body#/notifURI}'"),
    'pointer-not-in-schema',
    'Did you mean "#/notifyUri"?',
  ],
  [
    'one wrapper too many',
    body('{ properties: { url: {} } }') + callback("'{$request.body#/subscription/url}'"),
    'pointer-not-in-schema',
    'Did you mean "#/url"?',
  ],
  [
    'one wrapper too few',
    body('{ properties: { sub: { properties: { url: {} } } } }') + callback(url),
    'pointer-not-in-schema',
    'Did you mean "#/sub/url"?',
  ],
  [
    'inside an array',
    body('{ properties: { operations: { type: array, items: { properties: { url: {} } } } } }') + callback(url),
    'pointer-not-in-schema',
    'Did you mean "#/operations/*/url"?',
  ],
  [
    'dots in one token',
    body('{ properties: { a: { properties: { url: { type: string } } } } }') + callback("'{$request.body#/a.url}'"),
    'pointer-not-in-schema',
    'Did you mean "#/a/url"?',
  ],
  [
    'a tail in the pointer',
    body('{ properties: { url: { type: string } } }') + callback("'$request.body#/url/data'"),
    'pointer-not-in-schema',
    'Did you mean "{$request.body#/url}/data"?',
  ],
  [
    'inside the JSON of a part',
    body(
      '{ properties: { data: { type: string, contentMediaType: application/json, contentSchema: { properties: { url: {} } } } } }',
      'multipart/form-data',
    ) + callback("'{$request.body#/data/uri}'"),
    'pointer-not-in-schema',
    'Did you mean "#/data/url"?',
  ],
  [
    'an index that begins with a zero',
    body('{ properties: { list: { type: array, items: { properties: { x: {} } } } } }') +
      callback("'{$request.body#/list/01/x}'"),
    'pointer-not-in-schema',
    'Did you mean "#/list/1/x"?',
  ],
  [
    'a property of an array',
    body('{ type: array, items: {}, properties: { url: {} } }') + callback(url),
    'pointer-not-in-schema',
    'is an array, and "url" is no index of it.',
  ],
  [
    'another scheme before an expression',
    `parameters:\n  - { name: url, in: query, schema: { type: string } }\n${callback("'ftp://{$request.query.url}'")}`,
    'not-a-url',
    '"ftp:" is not its scheme',
  ],
  [
    'a name before an expression',
    `parameters:\n  - { name: url, in: query, schema: { type: string } }\n${callback("'myEvent: {$request.query.url}'")}`,
    'not-a-url',
    '"myevent:" is not its scheme',
  ],
  [
    'white space in a URL',
    `parameters:\n  - { name: url, in: query, schema: { type: string } }\n${callback("'https://x.example/a b/{$request.query.url}'")}`,
    'whitespace-in-key',
    'White space cannot stand in a URL.',
    'warning',
  ],
  [
    'white space behind an expression',
    `parameters:\n  - { name: url, in: query, schema: { type: string } }\n${callback("'{$request.query.url} /x'")}`,
    'whitespace-in-key',
    'White space cannot stand in a URL.',
    'warning',
  ],
  [
    'a path parameter of the template that is not declared',
    `paths:\n  /x/{a}:\n    post:\n      responses: {}\n      callbacks: { c: { 'https://x.example/{$request.path.a}': { post: { responses: {} } } } }\n`,
    'undeclared-path-parameter',
    'has "{a}" in its path, but no Parameter Object declares it.',
    'warning',
  ],
  [
    'both kinds of brackets',
    body('{ properties: { url: { type: string } } }') + callback("'{<$request.body#/url>}'"),
    'angle-delimiters',
    'expected "{$request.body#/url}"',
    'warning',
  ],
  [
    'a path item for others',
    "paths: {}\ncomponents: { pathItems: { P: { post: { responses: {}, callbacks: { c: { '{request.body#/url}': { post: { responses: {} } } } } } } } }\n",
    'no-dollar',
    'starts with "$"',
  ],
  [
    'an operationRef without its hash',
    "paths:\n  /g/{id}:\n    get: { parameters: [{ name: id, in: path, required: true, schema: {} }], responses: { '200': { description: OK, links: { l: { operationRef: '/paths/~1g~1{id}/get', parameters: { id: 1 } } } } } }\n",
    'unknown-operation',
    'Did you mean "#/paths/~1g~1{id}/get"?',
  ],
  [
    'a tail in a name',
    `parameters:\n  - { name: url, in: query, schema: { type: string } }\n${callback("'$request.query.url/data'")}`,
    'undeclared-query-parameter',
    'Did you mean "{$request.query.url}/data"?',
  ],
  [
    'a property that is `false`',
    body('{ properties: { url: false } }') + callback(url),
    'pointer-not-in-schema',
    'has no property "url".',
  ],
  ['nowhere', body('{ properties: { a: {} } }') + callback(url), 'pointer-not-in-schema', 'has no property "url".'],
  ['a closed schema', body('{ additionalProperties: false }') + callback(url), 'pointer-not-in-schema', 'has no property "url".'],
  [
    'a method as the key',
    'callbacks:\n  called:\n    post: { responses: {} }\n',
    'relative-url',
    'the level of the callback key is missing',
  ],
  [
    'a name that the body has',
    body('{ properties: { url: {} } }') + callback("'{url}'"),
    'undeclared-path-parameter',
    'Did you mean "{$request.body#/url}"?',
  ],
  [
    'a broken expression that leads nowhere',
    body('{ properties: { sub: { properties: { url: {} } } } }') + callback("'{request.body#/url}'"),
    'pointer-not-in-schema',
    'Did you mean "#/sub/url"?',
  ],
]
test.each(INVALID)('%s is told with what was meant', (_what, fragment, rule, message, severity = 'error') => {
  const problem = lintText(documentAround(fragment)).problems.find((one) => one.rule === rule)
  expect(problem?.severity).toBe(severity)
  expect(problem?.message).toContain(message)
})

describe('a callback in a callback', () => {
  const nested = (inner: string): string => `${body('{ required: [url], properties: { url: {} } }')}callbacks:
  outer:
    '{$request.body#/url}':
      post:
        requestBody: { required: true, content: { application/json: { schema: { required: [ackUrl], properties: { ackUrl: {} } } } } }
        responses: {}
        callbacks:
          inner:
            '${inner}':
              post: { responses: {} }
`
  test('reads the request of the outer callback', () => {
    expect(lintText(documentAround(nested('{$request.body#/ackUrl}'))).problems.map(({ rule }) => rule)).toEqual([
      'nested-callback',
    ])
    expect(lintText(documentAround(nested('{$request.body#/url}'))).problems.map(({ rule }) => rule)).toContain(
      'pointer-not-in-schema',
    )
  })

  test('is not spoken of in the preset for 3GPP', () => {
    expect(lintText(documentAround(nested('{$request.body#/ackUrl}')), { preset: '3gpp' }).problems).toEqual([])
  })
})

test('a component is told of once, however many operations refer to it', () => {
  const operation = "{ responses: {}, callbacks: { called: { $ref: '#/components/callbacks/called' } } }"
  const text = `openapi: 3.0.3
paths:
  /a: { post: ${operation}, put: ${operation} }
  /b: { post: ${operation} }
components:
  callbacks:
    called:
      '{request.body#/url}': { post: { responses: {} } }
`
  const { problems, summary } = lintText(text)
  expect(problems.map(({ rule, pointer }) => `${rule} ${pointer}`)).toEqual([
    'no-dollar /components/callbacks/called/{request.body#~1url}',
    'request-without-body /components/callbacks/called/{request.body#~1url}',
  ])
  expect(summary).toEqual({ files: 1, callbacks: 1, expressions: 1, errors: 2, warnings: 0, infos: 0 })
})

const LINKS: [link: string, rules: string[]][] = [
  ["operationRef: '#/paths/~1direct/get'", []],
  ["operationRef: '#/paths/~1referred/get'", []],
  ["operationRef: '#/paths/~1chained/get'", []],
  ["operationRef: '#/paths/~1referred/put'", ['unknown-operation']],
]
test.each(LINKS)('a link with %s', (link, rules) => {
  const { problems } = lintText(`openapi: 3.1.0
info: { title: L, version: '1' }
paths:
  /a: { post: { responses: { '200': { description: OK, links: { next: { ${link} } } } } } }
  /direct: { get: { responses: { '200': { description: OK } } } }
  /referred: { $ref: '#/components/pathItems/item' }
  /chained: { $ref: '#/paths/~1referred' }
components: { pathItems: { item: { get: { responses: { '200': { description: OK } } } } } }
`)
  expect(problems.map(({ rule }) => rule)).toEqual(rules)
})

const COMMENTED: [key: string, column: number][] = [
  ['$request.body #/url', 11],
  ['{$request.body #/url}', 11],
  ['{$request.body #/url}/data', 11],
  ['https://example.com/{$request.body #/url}', 11],
]
test.each(COMMENTED)('%s: the key is told to need quotes, where it stands', (key, column) => {
  const { problems, stale } = lintText(documentAround(body('{ required: [url], properties: { url: {} } }') + callback(key)))
  expect(stale).toBe(false)
  const [found] = problems.filter(({ rule }) => rule === 'unquoted-key')
  expect(found).toMatchObject({ severity: 'error', column, endColumn: column + key.length, key })
  expect(found?.message).toBe(`Quote this key, '${key}': without quotes YAML takes what follows the space for a comment.`)
})

test('a comment behind a key or a value is none of it', () => {
  const text = documentAround(`x-note: {$request.body#/url}/x
${body('{ required: [url], properties: { url: {} } }')}callbacks: # $request.body #/url:
  called: # of $request.body #/url: here
    $request.body#/url: # $request.body #/b:
      post: { responses: {} }
x-other: $request.body #/url: x
`)
  expect(lintText(text).problems.map(({ rule }) => rule)).toEqual(['unreadable'])
  expect(lintText(text.replace(/ *x-note.*\n/, '')).problems).toEqual([])
})

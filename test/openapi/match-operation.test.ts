import {
  matchOperation,
  type OpenApiDescription,
  operationsOf,
  ownServersOf,
  parseDescription,
  serverUrl,
} from 'ringback/openapi'
import { expect, test } from 'vitest'
import { startCpuTime } from '../support/cpu-time.ts'
import fc from '../support/fast-check.ts'

/** `get post /a` is the path `/a` with two methods; `/a` alone has `get`. */
function described(paths: readonly string[], more = ''): OpenApiDescription {
  const lines = paths.map((text) => {
    const [, methods = '', path = text] = /^((?:[a-z]+ )+)(.*)$/.exec(text) ?? []
    return `  ${JSON.stringify(path)}: { ${(methods || 'get').trim().replaceAll(' ', ': {}, ')}: {} }`
  })
  return parseDescription(`openapi: 3.1.0\n${more}\npaths:\n${lines.join('\n')}\n`)
}

function matched(description: OpenApiDescription, method: string, url: string): unknown {
  const match = matchOperation(description, method, url)
  return match && [`${match.operation.method} ${match.operation.path}`, match.pathParameters]
}

const PATHS: [paths: string[], request: string, path: string | undefined, parameters?: Record<string, string>][] = [
  [['/a'], 'GET /a', 'GET /a', {}],
  [['/a'], 'get /a', 'GET /a', {}],
  [['/a'], 'GET http://host:1/a?x=/b#/c', 'GET /a', {}],
  [['/a'], 'GET //host/a', undefined],
  [['/'], 'GET http://host', 'GET /', {}],
  [['/'], 'GET http://host?x', 'GET /', {}],
  [['/'], 'GET ', 'GET /', {}],
  [['/a'], 'GET /b', undefined],
  [['/a'], 'GET /A', undefined],
  [['/a'], 'POST /a', undefined],
  // Concrete before templated, whatever the order; the first segment that differs decides.
  [['/a/{x}', '/a/b'], 'GET /a/b', 'GET /a/b', {}],
  [['/a/{x}', '/a/b'], 'GET /a/c', 'GET /a/{x}', { x: 'c' }],
  [['/{x}/b', '/a/{y}'], 'GET /a/b', 'GET /a/{y}', { y: 'b' }],
  [['/{x}/{y}', '/{x}/b'], 'GET /a/b', 'GET /{x}/b', { x: 'a' }],
  [['/a/{x}/c', '/a/b/{y}'], 'GET /a/b/d', 'GET /a/b/{y}', { y: 'd' }],
  [['/a/b/c', '/a/{x}/d'], 'GET /a/b/d', 'GET /a/{x}/d', { x: 'b' }],
  [['/f/{x}', '/f/{x}.json'], 'GET /f/a.json', 'GET /f/{x}.json', { x: 'a' }],
  [['/f/pre-{x}', '/f/{x}'], 'GET /f/pre-a', 'GET /f/pre-{x}', { x: 'a' }],
  // Among those that have the method.
  [['get /users/me', 'delete /users/{id}'], 'DELETE /users/me', 'DELETE /users/{id}', { id: 'me' }],
  [['get /a/{x}', 'post /a/{y}'], 'POST /a/1', 'POST /a/{y}', { y: '1' }],
  // Several parameters in a segment.
  [['/d/{a}-{b}'], 'GET /d/x-y', 'GET /d/{a}-{b}', { a: 'x', b: 'y' }],
  [['/d/{a}-{b}'], 'GET /d/x-y-z', 'GET /d/{a}-{b}', { a: 'x', b: 'y-z' }],
  [['/d/{a}-{b}'], 'GET /d/-y', undefined],
  [['/d/{a}-{b}'], 'GET /d/x-', undefined],
  [['/d/{a}-{b}'], 'GET /d/--', undefined],
  [['/d/{a}-{b}'], 'GET /d/---', 'GET /d/{a}-{b}', { a: '-', b: '-' }],
  [['/d/{a}{b}'], 'GET /d/xyz', 'GET /d/{a}{b}', { a: 'x', b: 'yz' }],
  [['/d({a},{b})'], 'GET /d(1,2)', 'GET /d({a},{b})', { a: '1', b: '2' }],
  [['/d/{a}..{b}.{c}'], 'GET /d/1..2.3', 'GET /d/{a}..{b}.{c}', { a: '1', b: '2', c: '3' }],
  // Percent-encoding, segment by segment.
  [['/a b/{x}'], 'GET /a%20b/c%2Fd', 'GET /a b/{x}', { x: 'c/d' }],
  [['/caf%C3%A9'], 'GET /caf%c3%a9', 'GET /caf%C3%A9', {}],
  [['/caf%C3%A9'], 'GET /café', 'GET /caf%C3%A9', {}],
  [['/{x}'], 'GET /%E0%A4%A', 'GET /{x}', { x: '%E0%A4%A' }],
  [['/{x}'], 'GET /%', 'GET /{x}', { x: '%' }],
  [['/{x}'], 'GET /a%00b', 'GET /{x}', { x: 'a\0b' }],
  [['/{x}'], 'GET /+', 'GET /{x}', { x: '+' }],
  // Dot segments are the business of whoever makes the URL.
  [['/a/{x}'], 'GET /b/../a/c', undefined],
  [['/a/{x}'], 'GET /a/..', 'GET /a/{x}', { x: '..' }],
  // A parameter has at least one character.
  [['/a/{x}'], 'GET /a//', undefined],
  [['/a/{x}/b'], 'GET /a//b', undefined],
  // A slash at the end.
  [['/a'], 'GET /a/', 'GET /a', {}],
  [['/a/'], 'GET /a', 'GET /a/', {}],
  [['/a', '/a/'], 'GET /a/', 'GET /a/', {}],
  [['/a/', '/a'], 'GET /a', 'GET /a', {}],
  [['/a/{x}'], 'GET /a/b/', 'GET /a/{x}', { x: 'b' }],
  [['/a'], 'GET /a//', undefined],
  // HEAD and OPTIONS.
  [['/a'], 'HEAD /a', 'GET /a', {}],
  [['get head /a'], 'HEAD /a', 'HEAD /a', {}],
  [['post /a'], 'HEAD /a', undefined],
  [['/a'], 'OPTIONS /a', undefined],
  [['options /a'], 'OPTIONS /a', 'OPTIONS /a', {}],
  // Names.
  [
    ['/{__proto__}/{constructor}'],
    'GET /a/b',
    'GET /{__proto__}/{constructor}',
    JSON.parse('{"__proto__":"a","constructor":"b"}'),
  ],
  [['/{a/b}'], 'GET /{a/b}', 'GET /{a/b}', {}],
  [['x-ignored', '/b'], 'GET /x-ignored', undefined],
]

test.each(PATHS)('%j: %s is %s', (paths, request, path, parameters) => {
  const [method = '', url = ''] = request.split(' ')
  expect(matched(described(paths), method, url)).toEqual(path && [path, parameters])
})

const SERVERS: [servers: string, url: string, basePath: string | undefined][] = [
  ['[]', '/a', ''],
  ['[{ url: / }]', '/a', ''],
  ['[{ url: /v1 }]', '/v1/a', '/v1'],
  ['[{ url: /v1 }]', '/a', undefined],
  ['[{ url: /v1/ }]', '/v1/a', '/v1'],
  ['[{ url: "https://api.example" }]', '/a', ''],
  ['[{ url: "https://api.example/v1?x=1" }]', 'https://other.example/v1/a', '/v1'],
  ['[{ url: "//api.example/v1" }]', '/v1/a', '/v1'],
  ['[{ url: v1 }]', '/v1/a', '/v1'],
  ['[{ url: ./v1 }]', '/v1/a', '/v1'],
  ['[{ url: . }]', '/a', ''],
  ['[{ url: /v1 }, { url: /v2/x }]', '/v2/x/a', '/v2/x'],
  ['[{ url: /v%201 }]', '/v%201/a', '/v%201'],
  [
    '[{ url: "https://{host}:{port}/{v}", variables: { host: { default: h }, port: { default: "1" }, v: { default: v1, enum: [v1, v2] } } }]',
    '/v2/a',
    '/v2',
  ],
  ['[{ url: "https://h/{v}", variables: { v: { default: v1, enum: [v1, v2] } } }]', '/v3/a', undefined],
  ['[{ url: "https://h/{v}", variables: { v: { default: v1 } } }]', '/v1/a', '/v1'],
  ['[{ url: "https://h/{v}", variables: { v: { default: v1 } } }]', '/anything/a', '/{v}'],
  ['[{ url: "https://h/{v}", variables: { v: { default: api/v1 } } }]', '/api/v1/a', '/api/v1'],
  ['[{ url: "https://h/x{v}/y", variables: { v: { default: "1", enum: [1, 2] } } }]', '/x2/y/a', '/x2/y'],
  ['[{ url: "{root}/v1", variables: { root: { default: "https://h/api" } } }]', '/api/v1/a', '/api/v1'],
  ['[{ url: "{root}/v1", variables: { root: { default: "/api" } } }]', '/api/v1/a', '/api/v1'],
  ['[{ url: "{scheme}://h/v1", variables: { scheme: { default: https } } }]', '/v1/a', '/v1'],
  ['[{ url: "https://h/{unknown}" }]', '/x/a', '/{unknown}'],
  ['[{ url: 5 }, null, { url: "http://[" }]', '/a', ''],
]

test.each(SERVERS)('servers %s: %s has the base path %j', (servers, url, basePath) => {
  expect(matchOperation(described(['/a'], `servers: ${servers}`), 'GET', url)?.basePath).toBe(basePath)
})

test('servers of an operation replace those of its path item, and those the ones of the document', () => {
  const description = parseDescription(`openapi: 3.1.0
servers: [{ url: /base }]
paths:
  /a: { get: {}, servers: [{ url: /item }], post: { servers: [{ url: /operation }] } }
  /b: { get: {} }
`)
  const base = (method: string, url: string): string | undefined => matchOperation(description, method, url)?.basePath
  expect([
    base('GET', '/item/a'),
    base('GET', '/base/a'),
    base('POST', '/operation/a'),
    base('POST', '/item/a'),
    base('GET', '/base/b'),
  ]).toEqual(['/item', undefined, '/operation', undefined, '/base'])
})

const SERVER_URLS: [server: string, uri: string | undefined, url: string | undefined][] = [
  ['{ url: "https://h/v1" }', undefined, 'https://h/v1'],
  ['{ url: "https://{h}/{v}", variables: { h: { default: a.example }, v: { default: v1 } } }', undefined, 'https://a.example/v2'],
  ['{ url: "https://{h}/" }', undefined, undefined],
  ['{ url: /v1 }', undefined, undefined],
  ['{ url: /v1 }', 'https://docs.example/openapi.yaml', 'https://docs.example/v1'],
  ['{ url: v1 }', 'file:///x/openapi.yaml', undefined],
]

test.each(SERVER_URLS)('the URL of the server %s of %s is %s', (server, uri, url) => {
  const description = parseDescription(
    `openapi: 3.1.0\npaths: { /a: { servers: [${server}], get: {} } }`,
    uri === undefined ? {} : { uri },
  )
  const [operation] = operationsOf(description)
  const [own] = (operation && ownServersOf(operation)) ?? []
  expect(own && serverUrl(own, { v: 'v2' })).toBe(url)
})

test('a relative server URL is resolved against the URL of the document', () => {
  const description = parseDescription('openapi: 3.1.0\nservers: [{ url: ../v2 }]\npaths: { /a: { get: {} } }', {
    uri: 'https://h/docs/v1/openapi.yaml',
  })
  expect(matchOperation(description, 'GET', '/docs/v2/a')?.basePath).toBe('/docs/v2')
})

test('the more concrete of base path and path wins, whatever the servers', () => {
  const description = parseDescription(`openapi: 3.1.0
servers: [{ url: '/{tenant}' }, { url: /api }]
paths: { '/{x}': { get: { operationId: templated } }, /b: { get: { operationId: concrete } } }
`)
  expect(matchOperation(description, 'GET', '/api/b')).toMatchObject({ basePath: '/api', operation: { operationId: 'concrete' } })
  expect(matchOperation(description, 'GET', '/t/c')).toMatchObject({
    basePath: '/{tenant}',
    operation: { operationId: 'templated' },
  })
})

test('paths whose operations come from another place, webhooks that have no URL', () => {
  const description = parseDescription(`openapi: 3.1.0
paths: { /a: { $ref: '#/components/pathItems/a' } }
webhooks: { /b: { post: {} } }
components: { pathItems: { a: { post: { operationId: a } } } }
`)
  expect(matchOperation(description, 'POST', '/a')?.operation.operationId).toBe('a')
  expect(matchOperation(description, 'POST', '/b')).toBeUndefined()
})

test('OAS 3.2: methods beyond the fixed ones', () => {
  const description = parseDescription(
    'openapi: 3.2.0\npaths: { /a: { query: { operationId: q }, additionalOperations: { COPY: { operationId: c } } } }',
  )
  expect(matchOperation(description, 'QUERY', '/a')?.operation.operationId).toBe('q')
  expect(matchOperation(description, 'COPY', '/a')?.operation.operationId).toBe('c')
  expect(matchOperation(description, 'copy', '/a')?.operation.operationId).toBe('c')
})

const HOSTILE: string[] = [
  '',
  '?',
  '#',
  '/',
  '//',
  '///',
  'http://',
  'http:///',
  '/\0',
  '/%',
  '/%%%',
  '/..',
  '/../../..',
  '\\',
  '/\ud800',
  '/%ff',
  '://',
  '*',
  `/${'a/'.repeat(50_000)}`,
  `/${'%41'.repeat(33_000)}`,
  `/${'-'.repeat(100_000)}`,
  '/'.repeat(100_000),
  'x'.repeat(3_000_000),
]
const hostile = described(
  ['/', '/{a}', '/{a}-{b}', '/{a}{b}{c}{d}{e}', '/{a}--{b}--{c}', '/a/{b}', '/{a}/b/{c}', '/{a}/{b}/{c}/{d}'],
  'servers: [{ url: / }, { url: "/{x}" }, { url: "/{x}/{y}" }]',
)

test.each(HOSTILE.map((url, index) => [index, url.slice(0, 20), url] as const))(
  'hostile URL %i (%j) is answered at once',
  (_, __, url) => {
    const cpuTime = startCpuTime()
    for (const method of ['GET', '', '\0', '__proto__', 'constructor']) matchOperation(hostile, method, url)
    expect(cpuTime()).toBeLessThan(250)
  },
)

test('no URL makes it throw, and every match is a true one', () => {
  const url = fc.string({
    unit: fc.constantFrom('/', 'a', 'b', '-', '%', '2', 'F', '.', '?', '#', 'é', '\0', '{', '}'),
    maxLength: 20,
  })
  fc.assert(
    fc.property(url, (text) => {
      const match = matchOperation(hostile, 'GET', `/${text}`)
      if (match === undefined) return
      const spelled = match.operation.path.replace(/\{(\w)\}/g, (_, name: string) => match.pathParameters[name] ?? '')
      const path = `/${text}`
        .replace(/[?#].*$/s, '')
        .split('/')
        .map((segment) => {
          try {
            return decodeURIComponent(segment)
          } catch {
            return segment
          }
        })
        .join('/')
      expect(path.replace(/\/$/, '').endsWith(spelled.replace(/\/$/, ''))).toBe(true)
      expect(Object.values(match.pathParameters).every((value) => value !== '')).toBe(true)
    }),
    { numRuns: 2_000 },
  )
})

const CASES: [paths: string[], url: string, path: string | undefined, parameters?: object][] = [
  [['/Orders/{id}'], '/oRDERS/aB', '/Orders/{id}', { id: 'aB' }],
  [['/orders/{id}.JSON'], '/orders/aB.json', '/orders/{id}.JSON', { id: 'aB' }],
  [['/a/V{major}.X{minor}'], '/A/v1.x2', '/a/V{major}.X{minor}', { major: '1', minor: '2' }],
  // The concrete one comes first here too.
  [['/users/{id}', '/users/me'], '/users/ME', '/users/me', {}],
  [['/caf%C3%89'], '/CAF%C3%A9', '/caf%C3%89', {}],
  // A letter whose lower case is longer is left as it is.
  [['/{a}x{b}'], '/İXİ', '/{a}x{b}', { a: 'İ', b: 'İ' }],
  [['/orders'], '/order', undefined],
]
test.each(CASES)('without regard to case: %j, %s', (paths, url, path, parameters) => {
  const match = matchOperation(described(paths), 'GET', url, { caseSensitive: false })
  expect([match?.operation.path, match?.pathParameters]).toEqual([path, parameters])
})

test('without regard to case, base paths too; with it, they are others', () => {
  const description = described(['/a'], 'servers: [{ url: https://x/API }]')
  expect(matchOperation(description, 'GET', '/api/A', { caseSensitive: false })?.basePath).toBe('/API')
  expect(matchOperation(description, 'GET', '/api/A')).toBeUndefined()
  expect(matchOperation(description, 'GET', '/API/a')?.basePath).toBe('/API')
})

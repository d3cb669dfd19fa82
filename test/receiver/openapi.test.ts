import { evaluate, parseDescription } from 'ringback'
import type { OpenApiDescription } from 'ringback/openapi'
import {
  type CallbackEndpoint,
  ContractError,
  type CreateOptions,
  injectCallbackUrl,
  memoryStore,
  type OpenApiOptions,
} from 'ringback/receiver'
import { describe, expect, test } from 'vitest'
import { anotherProcess, bench, json, type Sent } from './support.ts'

type Doc = Record<string, unknown>

const operation = (more: Doc = {}): Doc => ({ responses: { 200: { description: 'fine' } }, ...more })
const jsonBody = (schema: unknown, more: Doc = {}): Doc => ({
  requestBody: { content: { 'application/json': { schema } }, ...more },
})

/** A description with one operation, `subscribe`, that has these callbacks. */
function describing(callbacks: Doc, more: Doc = {}): OpenApiDescription {
  const paths = { '/subscribe': { post: { operationId: 'subscribe', responses: { 202: { description: 'ok' } }, callbacks } } }
  return parseDescription(JSON.stringify({ openapi: '3.0.3', info: { title: 't', version: '1' }, paths, ...more }))
}

/** One callback, `onData`, with one POST. */
const posting = (post: Doc, key = '{$request.body#/url}', more: Doc = {}): OpenApiDescription =>
  describing({ onData: { [key]: { post: operation(post) } } }, more)

const at = (
  description: OpenApiDescription,
  more: Partial<OpenApiOptions & CreateOptions> = {},
): OpenApiOptions & CreateOptions => ({
  description,
  operation: 'subscribe',
  ...more,
})

async function statuses(
  cb: CallbackEndpoint,
  send: ReturnType<typeof bench>['send'],
  requests: readonly Sent[],
): Promise<number[]> {
  const found: number[] = []
  for (const request of requests) found.push((await send(cb, request)).status)
  return found
}

describe('O-47 the target', () => {
  const description = parseDescription(`
openapi: 3.1.0
info: { title: t, version: '1' }
paths:
  /subscribe:
    post:
      operationId: subscribe
      callbacks:
        x-note: { '{$request.body#/url}': { delete: {} } }
        onData: { $ref: '#/components/callbacks/Data' }
  /plain: { get: { operationId: plain, responses: {} } }
components:
  callbacks:
    Data:
      x-note: {}
      '{$request.body#/url}/data': { $ref: '#/components/pathItems/Data' }
  pathItems:
    Data: { post: { operationId: dataCame, responses: {} } }
`)

  test.each(['subscribe', 'POST /subscribe', '#/paths/~1subscribe/post'])('%s', async (name) => {
    const { receiver, send } = bench()
    const cb = await receiver.createFromOpenAPI({ description, operation: name, callback: 'onData' })
    expect((await send(cb, { tail: '/data', body: {} })).status).toBe(200)
    expect((await cb.next()).operation).toEqual({
      name: 'onData',
      expression: '{$request.body#/url}/data',
      method: 'POST',
      operationId: 'dataCame',
      pointer: '#/components/pathItems/Data/post',
    })
    expect((await cb.status()).methods).toEqual(['POST'])
  })

  const WRONG: [what: string, target: Partial<OpenApiOptions & CreateOptions>, message: RegExp][] = [
    [
      'an operation that there is not',
      { operation: 'subscrib' },
      /Did you mean "subscribe"\? Operations with callbacks, and webhooks: subscribe\./,
    ],
    [
      'an operation without callbacks',
      { operation: 'plain' },
      /"plain" .* has none\. Operations with callbacks, and webhooks: subscribe\./,
    ],
    ['a callback that there is not', { callback: 'onDate' }, /callbacks of "subscribe" of .* \(onData\) but found "onDate"/],
    ['a method that there is not', { method: 'PUT' }, /methods POST that the description has but found PUT/],
    ['a way to treat errors that there is not', { onInvalid: 'ignore' as 'report' }, /reject or report but found "ignore"/],
  ]
  test.each(WRONG)('%s is a TypeError that helps', async (_what, target, message) => {
    const created = bench().receiver.createFromOpenAPI(at(description, target))
    await expect(created).rejects.toThrow(TypeError)
    await expect(created).rejects.toThrow(message)
  })

  const UNUSABLE: [what: string, callbacks: Doc, message: RegExp, pointer: string][] = [
    [
      'a broken key',
      { a: { '{$request.body.url}': { post: operation() } } },
      /Did you mean "\{\$request\.body#\/url\}"\?/,
      '#/paths/~1subscribe/post/callbacks/a/{$request.body.url}/post',
    ],
    [
      'a tail glued to the URL',
      { a: { '{$request.body#/url}data': { post: operation() } } },
      /with "\/" or "\?"/,
      '#/paths/~1subscribe/post/callbacks/a/{$request.body#~1url}data/post',
    ],
    [
      'a broken reference',
      { a: { $ref: '#/components/callbacks/None' } },
      /"#\/components\/callbacks\/None" cannot be followed/,
      '#/paths/~1subscribe/post/callbacks/a',
    ],
    [
      'a method that nobody sends',
      { a: { '{$request.body#/url}': { trace: operation() } } },
      /but found TRACE/,
      '#/paths/~1subscribe/post/callbacks/a/{$request.body#~1url}/trace',
    ],
  ]
  test.each(UNUSABLE)('%s is told with its place', async (_what, callbacks, message, pointer) => {
    const created = bench().receiver.createFromOpenAPI(at(describing(callbacks)))
    await expect(created).rejects.toThrow(message)
    await expect(created).rejects.toMatchObject({ code: 'ERR_CONTRACT_UNUSABLE', pointer, name: 'ContractError' })
    await expect(created).rejects.toBeInstanceOf(ContractError)
  })

  test('a broken key can be read as what was meant', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.createFromOpenAPI(at(posting({}, '{$request.body.url}/x'), { repair: true }))
    expect(await statuses(cb, send, [{ tail: '/x' }, {}])).toEqual([200, 404])
  })
})

test('O-48 all callbacks of an operation share one URL: path and method choose, then media type, then schema', async () => {
  const key = '{$request.body#/url}'
  const typed = (type: string): Doc =>
    operation(jsonBody({ type: 'object', required: ['kind'], properties: { kind: { enum: [type] } } }))
  const description = describing({
    // OAI/OpenAPI-Specification issue 1302: verification and update at one URL.
    onUpdate: { [key]: { get: operation({ operationId: 'verify' }), post: { ...typed('update'), operationId: 'update' } } },
    onDelete: { [key]: { post: { ...typed('delete'), operationId: 'delete' } } },
    onText: {
      [key]: {
        post: operation({
          operationId: 'text',
          requestBody: { required: true, content: { 'text/*': { schema: { type: 'string' } } } },
        }),
      },
      [`${key}/deep/{$request.body#/id}`]: { put: operation({ operationId: 'deep' }) },
    },
  })
  const { receiver, send } = bench()
  const cb = await receiver.createFromOpenAPI(at(description))
  const requests: [sent: Sent, status: number, operationId?: string][] = [
    [{ method: 'GET', tail: '?challenge=1' }, 200, 'verify'],
    [{ body: { kind: 'update' } }, 200, 'update'],
    [{ body: { kind: 'delete' } }, 200, 'delete'],
    [{ body: 'hello', headers: { 'content-type': 'text/plain' } }, 200, 'text'],
    [{ method: 'PUT', tail: '/deep/a%20b' }, 200, 'deep'],
    [{ tail: '/deep' }, 404],
    [{ tail: '/deep/a/b', method: 'PUT' }, 404],
    [{ tail: '/deep/a' }, 405],
    [{ method: 'PUT' }, 405],
    [{ body: '<a/>', headers: { 'content-type': 'application/xml' } }, 415],
    [{ body: { kind: 'other' } }, 422],
  ]
  expect(
    await statuses(
      cb,
      send,
      requests.map(([sent]) => sent),
    ),
  ).toEqual(requests.map(([, status]) => status))
  expect((await cb.calls()).map(({ operation: of }) => of?.operationId)).toEqual(requests.flatMap(([, , id]) => id ?? []))
  expect((await cb.rejections()).map(({ code }) => code)).toEqual([
    'sub-path',
    'sub-path',
    'method',
    'method',
    'media-type',
    'schema',
  ])
  expect((await send(cb, { tail: '/deep/a' })).headers.get('allow')).toBe('PUT, OPTIONS')
  expect((await send(cb, { method: 'DELETE' })).headers.get('allow')).toBe('GET, POST, HEAD, OPTIONS')
  expect((await send(cb, { method: 'OPTIONS', tail: '/deep/a' })).headers.get('allow')).toBe('PUT, OPTIONS')
})

test('O-48 one method of several can be asked for', async () => {
  const { receiver, send } = bench()
  const description = describing({ a: { '{$request.body#/url}': { get: operation(), post: operation() } } })
  const cb = await receiver.createFromOpenAPI(at(description, { method: 'POST' }))
  expect(await statuses(cb, send, [{ method: 'GET' }, {}])).toEqual([405, 200])
})

const SCHEMAS: [name: string, openapi: string, schema: unknown, body: unknown, status: number, more?: Doc][] = [
  ['3.0: nullable', '3.0.3', { type: 'object', properties: { a: { type: 'string', nullable: true } } }, { a: null }, 200],
  ['3.0: null without nullable', '3.0.3', { type: 'object', properties: { a: { type: 'string' } } }, { a: null }, 422],
  [
    '3.0: boolean exclusiveMinimum',
    '3.0.3',
    { type: 'object', properties: { a: { minimum: 1, exclusiveMinimum: true } } },
    { a: 1 },
    422,
  ],
  ['3.1: a list of types', '3.1.0', { type: 'object', properties: { a: { type: ['string', 'null'] } } }, { a: null }, 200],
  [
    '3.1: nullable means nothing',
    '3.1.0',
    { type: 'object', properties: { a: { type: 'string', nullable: true } } },
    { a: null },
    422,
  ],
  ['3.1: prefixItems', '3.1.0', { prefixItems: [{ type: 'string' }] }, [1], 422],
  [
    '3.1: items as a list in the dialect of the document',
    '3.1.0',
    { items: [{ type: 'string' }] },
    [1],
    422,
    { jsonSchemaDialect: 'http://json-schema.org/draft-07/schema#' },
  ],
  [
    '3.0: a reference that goes round',
    '3.0.3',
    { $ref: '#/components/schemas/Tree' },
    { child: { child: { child: 1 } } },
    422,
    { components: { schemas: { Tree: { type: 'object', properties: { child: { $ref: '#/components/schemas/Tree' } } } } } },
  ],
]
test.each(SCHEMAS)('O-49 %s', async (_name, openapi, schema, body, status, more) => {
  const { receiver, send } = bench()
  const cb = await receiver.createFromOpenAPI(at(posting(jsonBody(schema), undefined, { openapi, ...more })))
  expect((await send(cb, { body })).status).toBe(status)
})

describe('O-50 parameters', () => {
  const parameters = (...list: Doc[]): Doc => ({ parameters: list.map((one) => ({ schema: { type: 'integer' }, ...one })) })
  const list = { type: 'array', items: { type: 'integer' } }
  const point = { type: 'object', required: ['x'], properties: { x: { type: 'integer' }, y: { type: 'boolean' } } }
  const CASES: [name: string, parameter: Doc, sent: Sent, errors: string[]][] = [
    ['a header that is there', { name: 'X-Event', in: 'header', required: true }, { headers: { 'x-event': '7' } }, []],
    ['a header that is missing', { name: 'X-Event', in: 'header', required: true }, {}, ['header /X-Event is missing']],
    [
      'a header of another type',
      { name: 'X-Event', in: 'header' },
      { headers: { 'x-event': 'a' } },
      ['header /X-Event must be integer'],
    ],
    ['a header that may be absent', { name: 'X-Event', in: 'header' }, {}, []],
    ['a header that is none', { name: 'Content-Type', in: 'header', required: true }, {}, []],
    ['a list in a header', { name: 'X-L', in: 'header', schema: list }, { headers: { 'x-l': '1, 2,3' } }, []],
    [
      'a list in a header, broken',
      { name: 'X-L', in: 'header', schema: list },
      { headers: { 'x-l': '1,b' } },
      ['header /X-L/1 must be integer'],
    ],
    [
      'an object in a header',
      { name: 'X-P', in: 'header', schema: point, explode: true },
      { headers: { 'x-p': 'x=1,y=true' } },
      [],
    ],
    [
      'an object in a header, not exploded',
      { name: 'X-P', in: 'header', schema: point },
      { headers: { 'x-p': 'x,1,y,no' } },
      ['header /X-P/y must be boolean'],
    ],
    [
      'JSON in a header',
      { name: 'X-J', in: 'header', schema: undefined, content: { 'application/json': { schema: point } } },
      { headers: { 'x-j': '{"x":1}' } },
      [],
    ],
    ['a query parameter that is missing', { name: 'q', in: 'query', required: true }, { tail: '?Q=1' }, ['query /q is missing']],
    ['a query parameter', { name: 'q', in: 'query', required: true }, { tail: '?q=1' }, []],
    ['a list in a query', { name: 'q', in: 'query', schema: list }, { tail: '?q=1&q=x' }, ['query /q/1 must be integer']],
    ['a list in a query, not exploded', { name: 'q', in: 'query', schema: list, explode: false }, { tail: '?q=1,2' }, []],
    [
      'a list with pipes',
      { name: 'q', in: 'query', schema: list, style: 'pipeDelimited', explode: false },
      { tail: '?q=1%7C2' },
      [],
    ],
    [
      'a list with blanks',
      { name: 'q', in: 'query', schema: list, style: 'spaceDelimited', explode: false },
      { tail: '?q=1%20b' },
      ['query /q/1 must be integer'],
    ],
    [
      'an object in a query',
      { name: 'q', in: 'query', schema: point },
      { tail: '?y=true' },
      ["query /q must have required property 'x'"],
    ],
    [
      'a deep object',
      { name: 'q', in: 'query', schema: point, style: 'deepObject', explode: true },
      { tail: '?q[x]=1&q%5By%5D=false' },
      [],
    ],
    [
      'JSON in a query',
      { name: 'q', in: 'query', schema: undefined, content: { 'application/json': { schema: point } } },
      { tail: '?q=%7B%7D' },
      ["query /q must have required property 'x'"],
    ],
    ['a cookie', { name: 'c', in: 'cookie', required: true }, { headers: { cookie: 'b=1; c=2' } }, []],
    [
      'a cookie that is missing',
      { name: 'c', in: 'cookie', required: true },
      { headers: { cookie: 'cc=2' } },
      ['cookie /c is missing'],
    ],
  ]
  test.each(CASES)('%s', async (_name, parameter, sent, errors) => {
    const { receiver, send } = bench()
    const cb = await receiver.createFromOpenAPI(at(posting(parameters(parameter))))
    const response = await send(cb, sent)
    expect(response.status).toBe(errors.length === 0 ? 200 : 422)
    const found =
      errors.length === 0
        ? []
        : ((await response.json()) as { errors: { in: string; pointer: string; message: string }[] }).errors
    expect(found.map(({ in: place, pointer, message }) => `${place} ${pointer} ${message}`)).toEqual(errors)
  })

  test('those of the path item count, and {name} in the key', async () => {
    const { receiver, send } = bench()
    const description = describing({
      a: {
        '{$request.body#/url}/items/{id}': {
          parameters: [
            { name: 'id', in: 'path', required: true, schema: { type: 'integer' } },
            { name: 'X-A', in: 'header', required: true, schema: {} },
          ],
          post: operation(),
        },
      },
    })
    const cb = await receiver.createFromOpenAPI(at(description))
    const headers = { 'x-a': '1' }
    const tails = ['/items/7', '/items/x', '/items']
    expect(
      await statuses(
        cb,
        send,
        tails.map((tail) => ({ tail, headers })),
      ),
    ).toEqual([200, 422, 404])
    expect((await send(cb, { tail: '/items/7' })).status).toBe(422)
  })
})

describe('O-51 the evaluated URL', () => {
  const description = posting({}, '{$request.body#/url}/data?x={$request.body#/x}')
  const RIGHT = '/data?x=a%20b'
  const TAILS: [tail: string, unbound: number, bound: number][] = [
    [RIGHT, 200, 200],
    ['/data?x=a+b&more=1', 200, 422],
    ['/data?y=1&x=a%20b', 200, 200],
    ['/data?x=c', 200, 422],
    ['/data', 422, 422],
    ['/date?x=a%20b', 404, 404],
    ['', 404, 404],
  ]

  test.each(TAILS)('%s', async (tail, unbound, bound) => {
    const { receiver, send } = bench()
    const cb = await receiver.createFromOpenAPI(at(description))
    expect((await send(cb, { tail })).status).toBe(unbound)
    await cb.bind({ request: { method: 'POST', url: '/subscribe', body: { url: cb.url, x: 'a b' } } })
    expect((await send(cb, { tail })).status).toBe(bound)
  })

  test('a number is compared as it is written, and what is not known is a warning', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.createFromOpenAPI(
      at(posting({}, '{$request.query.url}?n={$request.query.n}&id={$response.body#/id}')),
    )
    await cb.bind({ request: { url: `https://api.example/s?n=7&url=${encodeURIComponent(cb.url)}` } })
    expect(await statuses(cb, send, [{ tail: '?n=7&id=1' }, { tail: '?n=8&id=1' }])).toEqual([200, 422])
    expect((await cb.next()).validation).toMatchObject({
      ok: true,
      errors: [],
      warnings: [{ in: 'url', message: expect.stringContaining('$response.body#/id') }],
    })
  })

  test('an exchange that asks for calls elsewhere is refused, and its secrets are not shown', async () => {
    const { receiver } = bench()
    const cb = await receiver.createFromOpenAPI(at(description))
    const other = await receiver.create()
    const bound = cb.bind({ request: { body: { url: `${other.url}?key=sesame`, x: '' } } })
    await expect(bound).rejects.toThrow(
      /\$request\.body#\/url.* is "https:\/\/hooks\.example\.org\/callbacks\/.*REDACTED", which is not the URL of this endpoint/,
    )
    await expect(bound).rejects.not.toThrow(/sesame/)
    await expect(cb.bind({ request: { body: {} } })).rejects.toThrow(/has no value/)
    await expect(receiver.createFromOpenAPI(at(description, { exchange: { request: {} } }))).rejects.toThrow(/has no value/)
    await expect(other.bind({})).rejects.toThrow(/createFromOpenAPI/)
  })

  test.each([
    ['another host', (url: string) => url.replace('hooks.', 'evil.')],
    ['another scheme', (url: string) => url.replace('https:', 'http:')],
    ['another prefix', (url: string) => url.replace('/callbacks/', '/other/callbacks/')],
    ['another secret', (url: string) => url.replace(/.{8}$/, 'AAAAAAAA')],
    ['no secret', (url: string) => url.replace(/\.[^.]+$/, '')],
    ['a path behind it', (url: string) => `${url}/x`],
    ['the URL as a parameter', (url: string) => `https://evil.example/x?to=${url}`],
    ['the id as a path', (url: string) => `https://evil.example/${url.split('/').at(-1)?.slice(0, 22)}`],
    ['no URL', (url: string) => url.replace('https://', '')],
  ])('O-51 an exchange that asks for calls at %s is refused', async (_, change) => {
    const cb = await bench().receiver.createFromOpenAPI(at(description))
    await expect(cb.bind({ request: { body: { url: change(cb.url), x: '' } } })).rejects.toThrow(
      /is not the URL of this endpoint/,
    )
  })

  test('a query of its own, and a proxy with another URL where that is said, are ours', async () => {
    for (const profile of ['standard', 'utask'] as const) {
      const { receiver } = bench({ profile })
      const cb = await receiver.createFromOpenAPI(at(description))
      const body = (url: string): { request: { body: object } } => ({ request: { body: { url, x: '' } } })
      await cb.bind(body(`${cb.url}${cb.url.includes('?') ? '&' : '?'}customer=1`))
      await (await receiver.open(cb.id)).bind(body(cb.url))
      const proxied = cb.url.replace('https://hooks.example.org/', 'http://localhost:3000/in/')
      await expect(cb.bind(body(proxied))).rejects.toThrow(/is not the URL of this endpoint/)
      await cb.bind(body(proxied), { anyHost: true })
      const other = proxied.replace(/.{8}$/, '00000000')
      await expect(cb.bind(body(other), { anyHost: true })).rejects.toThrow(/is not the URL of this endpoint/)
    }
  })

  test('a key that the exchange does not ask for is no call', async () => {
    const { receiver, send } = bench()
    const both = describing({
      a: { '{$request.body#/a}/a': { post: operation() } },
      b: { '{$request.body#/b}/b': { post: operation() } },
    })
    const cb = await receiver.createFromOpenAPI(at(both))
    await cb.bind({ request: { body: { a: cb.url } } })
    expect(await statuses(cb, send, [{ tail: '/a' }, { tail: '/b' }])).toEqual([200, 422])
  })

  test('where the key spells its host out, what follows the host follows our URL', async () => {
    const { receiver, send } = bench()
    const cb = await receiver.createFromOpenAPI(
      at(posting({}, 'http://notify.example.com/hook/{$request.body#/id}?email={$request.body#/email}')),
    )
    expect(await statuses(cb, send, [{ tail: '/hook/1?email=a' }, { tail: '/hook/1' }, { tail: '?email=a' }])).toEqual([
      200, 422, 404,
    ])
  })
})

describe('bodies', () => {
  const schema = {
    type: 'object',
    required: ['n'],
    properties: { n: { type: 'integer' }, tags: { type: 'array', items: { type: 'string' } }, ok: { type: 'boolean' } },
  }
  const content = {
    'application/json': { schema },
    'application/x-www-form-urlencoded': { schema },
    'text/csv': {},
    'text/plain': { schema: { type: 'string', maxLength: 3 } },
  }
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const CASES: [name: string, sent: Sent, status: number][] = [
    ['that fits', { body: { n: 1 } }, 200],
    ['that does not', { body: { n: 'a' } }, 422],
    ['O-19 G-32 without a media type', { body: '{"n":1}' }, 415],
    ['O-19 of another media type', { body: '<a/>', headers: { 'content-type': 'text/xml' } }, 415],
    ['that is no JSON', { body: '{', headers: json }, 400],
    ['with __proto__', { body: '{"n":1,"__proto__":{}}', headers: json }, 400],
    ['a form with numbers', { body: 'n=1&tags=a&ok=true', headers: form }, 200],
    ['a form with a list', { body: 'n=1&tags=a&tags=b', headers: form }, 200],
    ['a form that does not fit', { body: 'n=a', headers: form }, 422],
    ['of a media type without a schema', { body: 'a,b', headers: { 'content-type': 'text/csv' } }, 200],
    ['a short text', { body: 'abc', headers: { 'content-type': 'text/plain' } }, 200],
    ['a long text', { body: 'abcd', headers: { 'content-type': 'text/plain' } }, 422],
    ['that is missing', {}, 422],
  ]
  test.each(CASES)('%s', async (_name, sent, status) => {
    const { receiver, send } = bench()
    const cb = await receiver.createFromOpenAPI(at(posting({ requestBody: { required: true, content } })))
    const response = await send(cb, sent)
    expect(response.status).toBe(status)
    if (status === 415) expect(response.headers.get('accept')).toBe(Object.keys(content).join(', '))
  })

  test('files and fields of a multipart body', async () => {
    const { receiver } = bench()
    const file = {
      type: 'object',
      required: ['n', 'file'],
      properties: { n: { type: 'integer' }, file: { type: 'string', format: 'binary' } },
    }
    const cb = await receiver.createFromOpenAPI(
      at(posting({ requestBody: { content: { 'multipart/form-data': { schema: file } } } })),
    )
    const post = async (n: string): Promise<number> => {
      const body = new FormData()
      body.set('n', n)
      body.set('file', new Blob(['x']), 'x.bin')
      return (await receiver.handle(new Request(cb.url, { method: 'POST', body }))).status
    }
    expect([await post('1'), await post('a')]).toEqual([200, 422])
  })

  test('O-53 readOnly properties are a warning', async () => {
    const { receiver, send } = bench()
    const item = {
      type: 'object',
      required: ['id'],
      properties: { id: { type: 'string', readOnly: true }, name: { type: 'string' } },
    }
    const cb = await receiver.createFromOpenAPI(
      at(posting(jsonBody({ type: 'object', allOf: [{ properties: { items: { type: 'array', items: item } } }] }))),
    )
    expect(await statuses(cb, send, [{ body: { items: [{ name: 'a' }, { id: '1', name: 'b' }] } }])).toEqual([200])
    expect((await cb.next()).validation).toEqual({
      ok: true,
      errors: [],
      warnings: [{ in: 'body', pointer: '/items/1/id', schemaPointer: '#', message: 'is readOnly, and should not be sent' }],
    })
  })

  test('a deep body under a schema that goes round neither crashes nor takes long', async () => {
    const { receiver, send } = bench()
    const components = {
      schemas: {
        T: { type: 'object', properties: { c: { $ref: '#/components/schemas/T' } }, allOf: [{ $ref: '#/components/schemas/T' }] },
      },
    }
    const cb = await receiver.createFromOpenAPI(
      at(posting(jsonBody({ $ref: '#/components/schemas/T' }), undefined, { components })),
    )
    const response = await send(cb, { body: `${'{"c":'.repeat(20_000)}1${'}'.repeat(20_000)}`, headers: json })
    expect(response.status).toBe(422)
  })
})

describe('answers', () => {
  const SUCCESS: [name: string, responses: Doc, status: number, body: string | undefined][] = [
    ['200', { 200: {} }, 200, ''],
    ['the lowest', { 204: {}, 202: {}, 200: { content: { 'application/json': { example: { a: 1 } } } } }, 200, '{"a":1}'],
    ['202 before 2XX', { '2XX': {}, 202: {} }, 202, ''],
    ['2XX', { '2XX': {} }, 200, ''],
    ['default', { default: {} }, 200, ''],
    ['204 has no body', { 204: { content: { 'application/json': { example: 1 } } } }, 204, ''],
    ['400 alone says nothing of success', { 400: {} }, 200, undefined],
  ]
  test.each(SUCCESS)('O-45 success: %s', async (_name, responses, status, body) => {
    const { receiver, send } = bench()
    const cb = await receiver.createFromOpenAPI(at(posting({ responses })))
    const response = await send(cb)
    expect([response.status, await response.text()]).toEqual([status, body ?? JSON.stringify({ id: cb.id, state: 'accepted' })])
  })

  const EXAMPLES: [name: string, media: Doc, body: string][] = [
    ['example', { example: { a: 1 }, schema: { type: 'object', default: { b: 1 } } }, '{"a":1}'],
    ['the first of examples', { examples: { one: { value: 'x' }, two: { value: 'y' } } }, '"x"'],
    ['an example by reference', { examples: { one: { $ref: '#/components/examples/E' } } }, '[1]'],
    ['the example of the schema', { schema: { type: 'object', example: { c: 1 } } }, '{"c":1}'],
    ['the default of the schema', { schema: { $ref: '#/components/schemas/S' } }, '"d"'],
    ['none', { schema: { type: 'object' } }, ''],
  ]
  test.each(EXAMPLES)('O-46 the body is %s', async (_name, media, body) => {
    const { receiver, send } = bench()
    const components = { examples: { E: { value: [1] } }, schemas: { S: { type: 'string', default: 'd' } } }
    const cb = await receiver.createFromOpenAPI(
      at(posting({ responses: { 200: { content: { 'application/json': media } } } }, undefined, { components })),
    )
    const response = await send(cb)
    expect([await response.text(), response.headers.get('content-type')]).toEqual([body, body === '' ? null : 'application/json'])
  })

  test('O-46 an example that its schema refuses is told at once, unless the answer is given', async () => {
    const { receiver, send } = bench()
    const media = { schema: { type: 'object', properties: { a: { type: 'boolean' } } }, example: { a: 1 } }
    const description = posting({ responses: { 200: { content: { 'application/json': media } } } })
    const created = receiver.createFromOpenAPI(at(description))
    await expect(created).rejects.toThrow(/example that fits its schema, to answer 200 with, but \/a must be boolean/)
    await expect(created).rejects.toMatchObject({
      pointer: expect.stringMatching(/\/responses\/200\/content\/application~1json\/example$/),
    })
    const cb = await receiver.createFromOpenAPI(at(description, { respond: { status: 201 } }))
    expect((await send(cb)).status).toBe(201)
  })

  test('documented headers are sent with their examples', async () => {
    const { receiver, send } = bench()
    const headers = { 'X-Rate': { example: 7, schema: { type: 'integer' } }, 'X-None': { schema: { type: 'string' } } }
    const cb = await receiver.createFromOpenAPI(at(posting({ responses: { 200: { headers } } })))
    const response = await send(cb)
    expect([response.headers.get('x-rate'), response.headers.has('x-none')]).toEqual(['7', false])
    const broken = posting({ responses: { 200: { headers: { 'X-Rate': { example: 'a\r\nb: c' } } } } })
    await expect(receiver.createFromOpenAPI(at(broken))).rejects.toThrow(/header that HTTP can carry/)
  })

  const INVALID: [name: string, responses: Doc, status: number][] = [
    ['422', { 200: {}, 400: {}, 422: {} }, 422],
    ['400', { 200: {}, 400: {}, '4XX': {} }, 400],
    ['4XX', { 200: {}, '4XX': {}, default: {} }, 400],
    ['default', { 200: {}, default: {} }, 400],
    ['nothing', { 200: {}, 404: {} }, 422],
  ]
  test.each(INVALID)('O-21 a call that does not fit is answered as documented: %s', async (_name, responses, status) => {
    const { receiver, send } = bench()
    const cb = await receiver.createFromOpenAPI(at(posting({ ...jsonBody({ type: 'object' }), responses })))
    const response = await send(cb, { body: [] })
    expect([response.status, await response.json()]).toMatchObject([
      status,
      { errors: [{ in: 'body', pointer: '', message: 'must be object' }] },
    ])
    expect(await cb.rejections()).toMatchObject([{ status, code: 'schema', detail: 'body must be object' }])
  })

  test('O-21 with its example', async () => {
    const { receiver, send } = bench()
    const responses = { 200: {}, 400: { content: { 'application/json': { example: { error: 'bad' } } } } }
    const cb = await receiver.createFromOpenAPI(at(posting({ ...jsonBody({ type: 'object' }), responses })))
    expect(await (await send(cb, { body: [] })).json()).toEqual({ error: 'bad' })
  })
})

test('O-54 onInvalid: report accepts what does not fit, answers 2xx, and tells what is wrong', async () => {
  const { receiver, send } = bench()
  const parameters = [{ name: 'X-Event', in: 'header', required: true, schema: {} }]
  const responses = { 202: {}, 400: {} }
  const description = posting({ ...jsonBody({ type: 'object', properties: { a: { type: 'boolean' } } }), parameters, responses })
  const cb = await receiver.createFromOpenAPI(at(description, { onInvalid: 'report' }))
  const sent: Sent[] = [
    { body: { a: 1 } },
    { body: '{', headers: json },
    { body: 'x', headers: { 'content-type': 'text/xml' } },
    { headers: { 'x-event': '1' } },
  ]
  expect(await statuses(cb, send, [...sent, { method: 'GET' }, { tail: '/x' }])).toEqual([202, 202, 202, 202, 405, 404])
  const calls = await cb.take(4)
  expect(
    calls.map(({ validation }) => validation?.errors.map(({ in: place, pointer, message }) => `${place} ${pointer} ${message}`)),
  ).toEqual([
    ['header /X-Event is missing', 'body /a must be boolean'],
    ['header /X-Event is missing', expect.stringMatching(/^body {2}is malformed JSON/)],
    ['header /X-Event is missing', 'body  has a media type that is not declared'],
    [],
  ])
  expect(calls.map(({ validation }) => validation?.ok)).toEqual([false, false, false, true])
})

describe('webhooks', () => {
  const description = parseDescription(`
openapi: 3.1.0
info: { title: t, version: '1' }
webhooks:
  newPet:
    post:
      operationId: petCame
      requestBody: { required: true, content: { application/json: { schema: { type: object, required: [name] } } } }
      responses: { '204': { description: thanks } }
    get: { responses: {} }
`)
  test.each(['newPet', 'POST newPet', 'petCame', '#/webhooks/newPet/post'])('%s', async (name) => {
    const { receiver, send } = bench()
    const cb = await receiver.createFromOpenAPI({ description, operation: name })
    expect(await statuses(cb, send, [{ body: { name: 'a' } }, { body: {} }, { method: 'GET' }, { tail: '/x' }])).toEqual([
      204,
      422,
      name === 'newPet' ? 200 : 405,
      404,
    ])
    expect((await cb.next()).operation).toMatchObject({
      name: 'newPet',
      expression: 'newPet',
      operationId: 'petCame',
      pointer: '#/webhooks/newPet/post',
    })
    expect(() => injectCallbackUrl({ url: '/' }, { description, operation: name }, cb.url)).toThrow(/belongs to a webhook/)
  })
})

describe('O-52 injectCallbackUrl', () => {
  const url = 'https://hooks.example.org/callbacks/abc.def'
  const target = (key: string): { description: OpenApiDescription; operation: string } => ({
    description: posting({}, key),
    operation: 'subscribe',
  })
  const ROUND_TRIPS: [key: string, body?: unknown][] = [
    ['{$request.body#/url}', { other: 1 }],
    ['{$request.body#/a/b/url}/data', undefined],
    ['{$request.body#/list/1/url}', { list: [{}, { id: 1 }] }],
    ['{$request.body#/list/0}', { list: [] }],
    ['{$request.body#/a~1b/c~0d}', { 'a/b': { x: 1 } }],
    ['{$request.body#/}', {}],
    ['{$request.body#/__proto__/x}', {}],
    ['{$request.body}', 'old'],
    ['$request.body#/bare', {}],
    ['{$request.query.url}?id={$request.body#/id}', { id: 1 }],
    ['{$request.query.call-back}', undefined],
    ['{$request.header.X-Callback}/x', undefined],
  ]
  test.each(ROUND_TRIPS)('%s reads the URL where it was written', (key, body) => {
    const request = Object.freeze({
      method: 'POST',
      url: 'https://api.example/subscribe?url=old&a=1#f',
      headers: { 'x-callback': 'old' },
      query: { url: 'old', a: '1' },
      body,
    })
    const before = JSON.stringify(request)
    const injected = injectCallbackUrl(request, target(key), url)
    const expression = key.startsWith('$') ? key : key.slice(1, key.indexOf('}'))
    const exchange = { request: { ...injected, path: {}, query: Object.fromEntries(new URL(injected.url).searchParams) } }
    expect(evaluate(expression, exchange)).toEqual({ ok: true, value: url })
    expect(evaluate(expression, { request: { ...exchange.request, query: injected.query } })).toEqual({ ok: true, value: url })
    expect(JSON.stringify(request)).toBe(before)
    expect(({} as Doc).x).toBeUndefined()
  })

  test('text stays text: JSON and forms', () => {
    const key = target('{$request.body#/url}')
    const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
    expect(injectCallbackUrl({ url: '/', body: '{"a":1}' }, key, url).body).toBe(JSON.stringify({ a: 1, url }))
    expect(injectCallbackUrl({ url: '/', headers: form, body: 'a=1&url=x' }, key, url).body).toBe(
      `a=1&url=${encodeURIComponent(url)}`,
    )
    expect(String(injectCallbackUrl({ url: '/', body: new URLSearchParams('a=1') }, key, url).body)).toBe(
      `a=1&url=${encodeURIComponent(url)}`,
    )
  })

  test('wherever one of several callbacks reads it', () => {
    const description = describing({
      a: { '{$request.body#/a}/x': { post: operation() }, '{$request.body#/a}/y': { post: operation() } },
      b: { '{$request.query.b}': { post: operation() } },
      c: { 'http://fixed.example/': { post: operation() } },
    })
    const injected = injectCallbackUrl({ url: '/s' }, { description, operation: 'subscribe' }, url)
    expect(injected).toEqual({ url: `/s?b=${encodeURIComponent(url)}`, body: { a: url } })
  })

  const REFUSED: [key: string, body: unknown, reason: RegExp][] = [
    ['http://notificationServer.com?url={$request.body#/url}', {}, /spells out its host: let the sender map that host/],
    ['https://{$request.query.host}/hook', {}, /spells out its host/],
    ['/hook/{$request.body#/id}', {}, /is a path alone/],
    ['{$response.body#/url}', {}, /reads the response/],
    ['{$url}', {}, /no request can be given/],
    ['{$request.path.url}', {}, /path parameter "url"/],
    ['{url}', {}, /is a path parameter/],
    ['{$request.body#/list/2}', { list: [] }, /"2" is no item of an array with 0 items/],
    ['{$request.body#/list/-}', { list: [] }, /"-" is no item/],
    ['{$request.body#/a/b}', { a: 'text' }, /"b" would be inside a string/],
    ['{$request.body#/a}', 'not JSON', /text and no JSON/],
  ]
  test.each(REFUSED)('%s cannot be given a URL, with the reason', (key, body, reason) => {
    expect(() => injectCallbackUrl({ url: '/', body }, target(key), url)).toThrow(reason)
    expect(() => injectCallbackUrl({ url: '/', body }, target(key), url)).toThrow(TypeError)
  })
})

test('A-01 work that takes longer is accepted with 202; the URL goes to /webhook_url, and the GET is the call', async () => {
  const { receiver } = bench()
  const description = parseDescription(`
openapi: 3.0.3
info: { title: t, version: '1' }
paths:
  /jobs:
    post:
      operationId: createJob
      responses: { '202': { description: accepted } }
      callbacks:
        ready: { '{$request.body#/webhook_url}': { get: { parameters: [{ name: id, in: query, required: true, schema: { type: string, format: uuid } }], responses: { '200': { description: thanks } } } } }
`)
  const target = { description, operation: 'createJob' }
  const cb = await receiver.createFromOpenAPI(target)
  const provider = async (request: Request): Promise<Response> => {
    const { webhook_url } = (await request.json()) as { webhook_url: string }
    const answer = await receiver.handle(new Request(`${webhook_url}?id=6f1b24d8-7d0c-4b07-a3f5-0c9f0d4a1e11`))
    expect(answer.status).toBe(200)
    return Response.json({ success: true, successCode: 202 }, { status: 202 })
  }
  const request = injectCallbackUrl({ method: 'POST', url: 'https://api.example/jobs', body: { work: 1 } }, target, cb.url)
  const response = await provider(new Request(request.url, { method: request.method, body: JSON.stringify(request.body) }))
  expect([response.status, await response.json()]).toEqual([202, { success: true, successCode: 202 }])
  await cb.bind({ request })
  expect((await cb.next()).query.get('id')).toBe('6f1b24d8-7d0c-4b07-a3f5-0c9f0d4a1e11')
})

test('another process answers 503 until it makes the endpoint again, and reads what was said about a call', async () => {
  const store = memoryStore()
  const description = posting(jsonBody({ type: 'object' }))
  const first = bench({ store })
  const cb = await first.receiver.createFromOpenAPI(at(description, { idempotencyKey: 'a', onInvalid: 'report' }))
  expect((await first.send(cb, { body: [] })).status).toBe(200)
  const second = bench({ store: anotherProcess(store) })
  expect((await second.send(cb, { body: {} })).status).toBe(503)
  const again = await second.receiver.createFromOpenAPI(at(description, { idempotencyKey: 'a' }))
  expect(again.id).toBe(cb.id)
  expect((await second.send(cb, { body: [] })).status).toBe(422)
  expect((await again.next()).validation).toMatchObject({ ok: false, errors: [{ in: 'body', message: 'must be object' }] })
  await again.bind({ request: { body: { url: cb.url } } })
})

test.each(['gcp', 'utask'] as const)(
  'profile %s: it says what the description does not, and gcp checks nothing',
  async (profile) => {
    const { receiver, send } = bench({ profile })
    const cb = await receiver.createFromOpenAPI(
      at(posting({ ...jsonBody({ type: 'object', required: ['a'] }), responses: { 202: {} } })),
    )
    const invalid = await send(cb, { body: {} })
    expect(invalid.status).toBe(profile === 'gcp' ? 200 : 400)
    if (profile === 'gcp') expect((await cb.next()).validation?.ok).toBe(false)
    expect((await send(cb, { body: { a: 1 } })).status).toBe(profile === 'gcp' ? 200 : 202)
  },
)

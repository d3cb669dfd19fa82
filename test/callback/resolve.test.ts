import { isOrdinarySkip, needsOf, type ResolveOptions, resolveCallbacks, resolveWebhook, type SomeExchange } from 'ringback'
import { callbacksOf, findOperation, operationsOf, parseDescription } from 'ringback/openapi'
import { describe, expect, test } from 'vitest'
import { descriptionWith, descriptionWithKey } from './support.ts'

const url = 'https://client.example/cb'
const exchange: SomeExchange = {
  id: 'x-1',
  request: {
    method: 'POST',
    url: 'https://api.example/v1/things?t=a%26b',
    headers: { 'content-type': 'application/json' },
    path: {},
    query: { t: 'a&b', twice: ['https://a.example/', 'https://b.example/'], url: 'https://q.example/x?y=1' },
    body: {
      url,
      withQuery: 'https://client.example/cb?key=1',
      urls: [url, 'https://client.example/other'],
      nothing: null,
      object: {},
      number: 7,
      host: 'a.example',
      evilHost: 'a.example/x?',
      attack: '.evil.example/',
      dots: '..',
      half: '\ud800',
      space: 'https://client.example/a b',
      relative: '/hooks/1',
      otherHost: '//evil.example/x',
      script: 'javascript:alert(1)',
      userinfo: 'https://api.example@evil.example/',
      empty: '',
      template: 'https://a.example/{$request.body#/url}',
      dollar: "$& $' $1",
    },
  },
}
const withResponse: SomeExchange = { ...exchange, response: { status: 201, headers: { Location: url }, body: { id: 42 } } }

function first(key: string, options: ResolveOptions = {}, used: SomeExchange = exchange, callbackOperation: object = {}) {
  const [callback] = resolveCallbacks(descriptionWithKey(key, callbackOperation), 'createThing', used, options)
  if (callback === undefined) throw new Error('no callback')
  return callback.target.ok ? callback.target.value.url : callback.target.error.reason
}

describe('a key', () => {
  const KEYS: [key: string, urlOrReason: string][] = [
    ['https://fixed.example/hook', 'https://fixed.example/hook'],
    ['$request.body#/url', url],
    ['{$request.body#/url}', url],
    ['{$request.body#/url}/data', `${url}/data`],
    ['{$request.body#/url}?t={$request.query.t}', `${url}?t=a%26b`],
    ['{$request.body#/url}/{$request.body#/number}/{$method}', `${url}/7/POST`],
    ['https://{$request.body#/host}/x', 'https://a.example/x'],
    ['https://a.example/{$request.body#/dollar}', 'https://a.example/%24%26%20%24%27%20%241'],
    ['{$request.body#/other}', 'absent'],
    ['{$request.body#/url/deeper}', 'absent'],
    ['{$request.header.X-Url}', 'absent'],
    ['{$request.query.other}', 'absent'],
    ['{$request.path.other}', 'absent'],
    ['https://a.example/{$request.body#/other}', 'absent'],
    ['{$response.body#/id}', 'needs-response'],
    ['{$response.header.Location}', 'needs-response'],
    ['https://a.example/{$statusCode}', 'needs-response'],
    ['{$request.body#/other}/{$response.body#/id}', 'needs-response'],
    ['{$response.query.x}', 'never-resolves'],
    ['{$request.body#/url}/{$response.path.x}', 'never-resolves'],
    ['{$response.body#/id}/{$response.query.x}', 'never-resolves'],
    ['{request.body#/url}', 'bad-syntax'],
    ['{$request.body.url}', 'bad-syntax'],
    ['{$request.body#/url', 'bad-syntax'],
    ['http://$request.query.url', 'bad-syntax'],
    ['{url}', 'missing-parameter'],
    ['{$request.body#/nothing}', 'null'],
    ['{$request.body#/object}', 'not-scalar'],
    ['{$request.body#/urls}', 'not-scalar'],
    ['{$request.query.twice}', 'ambiguous'],
    ['{$request.body#/number}', 'not-absolute'],
    ['{$request.body#/relative}', 'not-absolute'],
    ['{$request.body#/script}', 'not-absolute'],
    ['{$request.body#/empty}', 'not-absolute'],
    ['myEvent', 'not-absolute'],
    ['/hooks', 'not-absolute'],
    ['{$request.body#/space}', 'not-a-url'],
    ['https://', 'not-a-url'],
    ['https://{$request.body#/evilHost}/x', 'not-a-host'],
    ['https://api.example{$request.body#/attack}', 'not-a-host'],
    ['https://api.example{$request.body#/dots}', 'address-changed'],
    ['https://a.example/x/{$request.body#/dots}', 'dot-segment'],
    ['{$request.body#/withQuery}/data', 'tail-after-query'],
    ['https://a.example/{$request.body#/half}', 'not-encodable'],
  ]
  test.each(KEYS)('%s gives %s', (key, expected) => {
    expect(first(key)).toBe(expected)
  })

  const RESPONSES: [key: string, urlOrReason: string][] = [
    ['{$response.header.location}/{$response.body#/id}/{$statusCode}', `${url}/42/201`],
    ['{$response.body#/other}', 'absent'],
    ['{$response.query.x}', 'never-resolves'],
  ]
  test.each(RESPONSES)('%s with a response gives %s', (key, expected) => {
    expect(first(key, {}, withResponse)).toBe(expected)
  })

  test('an absent URL and a response that has not come are ordinary', () => {
    const ordinary = KEYS.flatMap(([key]) => resolveCallbacks(descriptionWithKey(key), 'createThing', exchange)).flatMap(
      ({ target }) => (!target.ok && isOrdinarySkip(target.error) ? target.error.reason : []),
    )
    expect(new Set(ordinary)).toEqual(new Set(['absent', 'needs-response']))
  })

  test('says which part failed and how a broken key is mended', () => {
    const [absent] = resolveCallbacks(descriptionWithKey('{$request.body#/url}/{$request.body#/q}'), 'createThing', exchange)
    expect(absent?.target).toMatchObject({ error: { part: '{$request.body#/q}' } })
    const [broken] = resolveCallbacks(descriptionWithKey('{request.body#/url}'), 'createThing', exchange)
    expect(broken?.target).toMatchObject({
      error: { problems: [{ code: 'missing-dollar' }], repair: { text: '{$request.body#/url}' } },
    })
    expect(broken?.target.ok === false && broken.target.error.message).toContain('Did you mean "{$request.body#/url}"?')
  })
})

describe('an option', () => {
  const OPTIONS: [name: string, key: string, options: ResolveOptions, urlOrReason: string][] = [
    ['repair', '{request.body#/url}', { repair: true }, url],
    ['repair, where an expression was meant', 'http://$request.query.t', { repair: true }, 'not-a-host'],
    ['params', '{url}/x', { params: { url } }, `${url}/x`],
    ['params that are not there', '{url}', { params: { other: 1 } }, 'missing-parameter'],
    ['params from the prototype', '{toString}', { params: {} }, 'missing-parameter'],
    ['tail: join', '{$request.body#/withQuery}/data', { tail: 'join' }, 'https://client.example/cb/data?key=1'],
    ['tail: verbatim', '{$request.body#/withQuery}/data', { tail: 'verbatim' }, 'https://client.example/cb?key=1/data'],
    [
      'tail for each key',
      '{$request.body#/withQuery}/data',
      { tail: ({ callback }) => (callback === 'event' ? 'join' : 'refuse') },
      'https://client.example/cb/data?key=1',
    ],
    ['strictDeclared', '{$request.query.url}', { strictDeclared: true }, 'undeclared-parameter'],
    ['repeatedParameters: first', '{$request.query.twice}', { repeatedParameters: 'first' }, 'https://a.example/'],
    ['repeatedParameters: last', '{$request.query.twice}', { repeatedParameters: 'last' }, 'https://b.example/'],
  ]
  test.each(OPTIONS)('%s: %s', (_name, key, options, expected) => {
    expect(first(key, options)).toBe(expected)
  })

  test('multipartRoot is where pointers into parts begin', () => {
    const multipart = {
      id: 'x',
      request: { headers: { 'content-type': 'multipart/related' }, body: { jsonData: JSON.stringify({ url }), file: 'x' } },
    }
    expect(first('{$request.body#/url}', { multipartRoot: 'jsonData' }, multipart)).toBe(url)
    expect(first('{$request.body#/jsonData/url}', {}, multipart)).toBe(url)
    expect(first('{$request.body#/url}', {}, multipart)).toBe('absent')
  })

  test('strictDeclared reads what is declared', () => {
    const operation = { parameters: [{ name: 'url', in: 'query', schema: { type: 'string' } }] }
    const description = descriptionWith({ e: { '{$request.query.url}': { post: {} } } }, { operation })
    const [callback] = resolveCallbacks(description, 'createThing', exchange, { strictDeclared: true })
    expect(callback?.target.ok).toBe(true)
  })

  test('fanOut makes a target of each item, with an id of its own', () => {
    const description = descriptionWithKey('{$request.body#/urls}/x')
    const targets = resolveCallbacks(description, 'createThing', exchange, { fanOut: true }).map(({ target }) => target)
    expect(targets).toMatchObject([
      { value: { url: `${url}/x`, fanOut: 0 } },
      { value: { url: 'https://client.example/other/x', fanOut: 1 } },
    ])
    const mixed = { id: 'x', request: { body: { urls: [url, null, 'ftp://x', { a: 1 }] } } }
    expect(
      resolveCallbacks(description, 'createThing', mixed, { fanOut: true }).map(({ target }) => target.ok || target.error.reason),
    ).toEqual([true, 'null', 'not-absolute', 'not-scalar'])
  })

  const ARRAYS: [items: unknown[], options: ResolveOptions, reason: string][] = [
    [[], { fanOut: true }, 'absent'],
    [Array.from({ length: 21 }, () => url), { fanOut: true }, 'too-many'],
    [[url, url], { fanOut: true, maxFanOut: 1 }, 'too-many'],
    [[url], { fanOut: true, maxFanOut: Number.NaN }, 'too-many'],
    [[url], {}, 'not-scalar'],
  ]
  test.each(ARRAYS)('%j with %j is %s', (urls, options, reason) => {
    expect(first('{$request.body#/urls}', options, { id: 'x', request: { body: { urls } } })).toBe(reason)
  })

  test('fanOut of an object is no array', () => {
    expect(first('{$request.body#/object}', { fanOut: true })).toBe('not-scalar')
  })
})

describe('path parameters of a key', () => {
  const parameter = (more: object): object => ({ parameters: [{ name: 'p', in: 'path', required: true, ...more }] })
  const list = ['red', 'gr/een']
  const record = { r: 1, g: 'a b' }
  const STYLES: [style: object, value: unknown, url: string][] = [
    [{}, 'a/b', 'https://a.example/a%2Fb/x'],
    [{}, list, 'https://a.example/red,gr%2Feen/x'],
    [{}, record, 'https://a.example/r,1,g,a%20b/x'],
    [{ explode: true }, record, 'https://a.example/r=1,g=a%20b/x'],
    [{ style: 'label' }, 'a', 'https://a.example/.a/x'],
    [{ style: 'label' }, list, 'https://a.example/.red,gr%2Feen/x'],
    [{ style: 'label', explode: true }, list, 'https://a.example/.red.gr%2Feen/x'],
    [{ style: 'label', explode: true }, record, 'https://a.example/.r=1.g=a%20b/x'],
    [{ style: 'matrix' }, 'a', 'https://a.example/;p=a/x'],
    [{ style: 'matrix' }, '', 'https://a.example/;p/x'],
    [{ style: 'matrix' }, list, 'https://a.example/;p=red,gr%2Feen/x'],
    [{ style: 'matrix', explode: true }, list, 'https://a.example/;p=red;p=gr%2Feen/x'],
    [{ style: 'matrix', explode: true }, record, 'https://a.example/;r=1;g=a%20b/x'],
    [{ style: 'matrix' }, record, 'https://a.example/;p=r,1,g,a%20b/x'],
    [{}, { deep: {} }, 'not-scalar'],
    [{}, '..', 'dot-segment'],
    [{ style: 'label' }, '.', 'dot-segment'],
  ]
  test.each(STYLES)('%j writes %j', (style, value, expected) => {
    expect(first('https://a.example/{p}/x', { params: { p: value } }, exchange, parameter(style))).toBe(expected)
  })

  const VALUES: [parameter: object, url: string][] = [
    [{ example: 'e' }, 'https://a.example/e'],
    [{ examples: { one: { value: 'f' } } }, 'https://a.example/f'],
    [{ schema: { default: 'd' } }, 'https://a.example/d'],
    [{ schema: { examples: ['s'] } }, 'https://a.example/s'],
    [{ schema: { type: 'string' } }, 'missing-parameter'],
  ]
  test.each(VALUES)('%j stands in for a value that is not given', (more, expected) => {
    expect(first('https://a.example/{p}', {}, exchange, parameter(more))).toBe(expected)
  })

  test('a whole URL is taken as it is', () => {
    expect(first('{p}/x', { params: { p: url } }, exchange, parameter({ style: 'label' }))).toBe(`${url}/x`)
  })
})

describe('a relative URL', () => {
  const SERVERS: [name: string, servers: unknown, key: string, urlOrReason: string][] = [
    ['of a value', [{ url: 'https://cb.example/base/' }], '{$request.body#/relative}', 'https://cb.example/hooks/1'],
    ['in the key', [{ url: 'https://cb.example/base/' }], 'x/{$request.body#/number}', 'https://cb.example/base/x/7'],
    ['with variables', [{ url: 'https://{h}.example/', variables: { h: { default: 'cb' } } }], '/x', 'https://cb.example/x'],
    ['of an absolute value', [{ url: 'https://cb.example/' }], '{$request.body#/url}', url],
    ['that leaves the server', [{ url: 'https://cb.example/' }], '{$request.body#/otherHost}', 'address-changed'],
    ['with a scheme of its own', [{ url: 'https://cb.example/' }], '{$request.body#/script}', 'address-changed'],
    ['under a relative server', [{ url: '/v1' }], '/x', 'not-absolute'],
    ['under a variable without default', [{ url: 'https://{h}/' }], '/x', 'not-absolute'],
    ['under nonsense', 7, '/x', 'not-absolute'],
  ]
  test.each(SERVERS)('%s', (_name, servers, key, expected) => {
    for (const description of [descriptionWithKey(key, { servers }), descriptionWithKey(key, {}, { servers })]) {
      const [callback] = resolveCallbacks(description, 'createThing', exchange)
      if (callback === undefined) throw new Error('no callback')
      expect(callback.target.ok ? callback.target.value.url : callback.target.error.reason).toBe(expected)
    }
  })

  test('of one key is resolved only for the callback that has a server', () => {
    const key = '{$request.body#/relative}'
    const description = descriptionWith({
      a: { [key]: { post: {} } },
      b: { [key]: { post: { servers: [{ url: 'https://cb.example/' }] } } },
      c: { [key]: { post: {} } },
    })
    expect(resolveCallbacks(description, 'createThing', exchange).map(({ target }) => target.ok || target.error.reason)).toEqual([
      'not-absolute',
      true,
      'not-absolute',
    ])
  })

  test('is held to the server', () => {
    const [callback] = resolveCallbacks(
      descriptionWithKey('/x', { servers: [{ url: 'https://cb.example/' }] }),
      'createThing',
      exchange,
    )
    expect(callback?.target).toMatchObject({
      value: { constraint: { scheme: 'https', authority: { kind: 'exact', host: 'cb.example' } } },
    })
  })
})

describe('a description', () => {
  const post = { post: { responses: {} } }

  test('gives every key and method in its order; equal keys are not one', () => {
    const description = descriptionWith(
      {
        b: { '{$request.body#/url}': { put: {}, post: {}, additionalOperations: { NOTIFY: {} } }, 'https://a.example/': post },
        a: { '{$request.body#/url}': post },
        'x-internal': { nothing: post },
      },
      { version: '3.2.0' },
    )
    expect(
      resolveCallbacks(description, 'createThing', exchange).map(({ callback, key, method }) => [callback, key, method]),
    ).toEqual([
      ['b', '{$request.body#/url}', 'PUT'],
      ['b', '{$request.body#/url}', 'POST'],
      ['b', '{$request.body#/url}', 'NOTIFY'],
      ['b', 'https://a.example/', 'POST'],
      ['a', '{$request.body#/url}', 'POST'],
    ])
  })

  test('that is bad in one callback gives the others', () => {
    const description = descriptionWith({
      a: { $ref: '#/components/callbacks/gone' },
      b: { '{$request.body#/url}': { $ref: '#/components/pathItems/gone' } },
      c: null,
      d: { '{$request.body#/url}': null, $ref: 7 },
      e: { '': post, '{$request.body#/url}': { post: null, put: 'x', parameters: {}, servers: 'x' } },
      f: {},
      g: { '{{': post },
      h: { '{$request.body#/url}': { post: { parameters: [null, { $ref: '#/x' }, 1], servers: [null], callbacks: [] } } },
    })
    const results = resolveCallbacks(description, 'createThing', exchange)
    expect(results.map(({ callback, target }) => [callback, target.ok || target.error.reason])).toEqual([
      ['a', 'broken-reference'],
      ['b', 'broken-reference'],
      ['e', 'bad-syntax'],
      ['g', 'bad-syntax'],
      ['h', true],
    ])
  })

  test('may put a callback, a path item or both elsewhere', () => {
    const description = descriptionWith(
      { a: { $ref: '#/components/callbacks/c' }, b: { $ref: '#/components/callbacks/c' } },
      {
        root: {
          components: {
            callbacks: {
              c: { $ref: '#/components/callbacks/d' },
              d: { '{$request.body#/url}': { $ref: '#/components/pathItems/p' } },
            },
            pathItems: { p: post },
          },
        },
      },
    )
    const targets = resolveCallbacks(description, 'createThing', exchange).map(
      ({ target }) => target.ok && target.value.callbackOperation.pointer,
    )
    expect(targets).toEqual([
      '#/paths/~1things/post/callbacks/a/{$request.body#~1url}/post',
      '#/paths/~1things/post/callbacks/b/{$request.body#~1url}/post',
    ])
  })

  test('has callbacks of callbacks: the callback is the request then', () => {
    const description = descriptionWith({
      notify: {
        '{$request.body#/url}': {
          post: { operationId: 'notify', callbacks: { ack: { '{$request.body#/ackUrl}': { post: { operationId: 'ack' } } } } },
        },
      },
    })
    const notification = { id: 'n-1', request: { method: 'POST', body: { ackUrl: 'https://server.example/ack' } } }
    const found = findOperation(description, 'notify')
    const [top] = operationsOf(description).flatMap(callbacksOf)
    const byHand = top?.keys[0]?.operations[0]
    const pointer =
      '#/paths/~1things/post/callbacks/notify/{$request.body#~1url}/post/callbacks/ack/{$request.body#~1ackUrl}/post'
    for (const operation of ['notify', found.ok ? found.value : 'notify', byHand ?? 'notify']) {
      expect(resolveCallbacks(description, operation, notification)).toMatchObject([
        {
          callback: 'ack',
          target: {
            ok: true,
            value: {
              url: 'https://server.example/ack',
              callbackOperation: { pointer, operationId: 'ack' },
              operation: { operationId: 'notify' },
            },
          },
        },
      ])
    }
  })

  test('may refer to its own callbacks without end', () => {
    const description = descriptionWith(
      { a: { $ref: '#/components/callbacks/a' } },
      {
        root: {
          components: {
            callbacks: {
              a: {
                '{$request.body#/url}': {
                  post: { operationId: 'again', callbacks: { a: { $ref: '#/components/callbacks/a' } } },
                },
              },
            },
          },
        },
      },
    )
    const [outer] = resolveCallbacks(description, 'createThing', exchange)
    const [inner] = resolveCallbacks(description, outer?.operation ?? '', exchange)
    expect(inner?.target).toMatchObject({ ok: true })
    const [byName] = resolveCallbacks(description, 'again', exchange)
    expect(byName?.target).toMatchObject({ ok: true })
  })

  test('has webhooks, which go where the application says', () => {
    const description = parseDescription(`
openapi: 3.1.0
info: { title: W, version: '1' }
webhooks:
  newThing:
    post: { operationId: newThing, responses: {}, callbacks: { ack: { '{$request.body#/ack}': { put: {} } } } }
    put: { responses: {} }
`)
    expect(resolveWebhook(description, 'newThing', url, { id: 'w' })).toMatchObject([
      {
        method: 'POST',
        target: {
          ok: true,
          value: { url, callback: 'newThing', operation: { pointer: '#/webhooks/newThing/post' }, exchangeId: 'w' },
        },
      },
      { method: 'PUT', target: { ok: true } },
    ])
    const ids = [1, 2]
      .map(() => resolveWebhook(description, 'newThing', new URL(url)))
      .map(([one]) => one?.target.ok && one.target.value.exchangeId)
    expect(new Set(ids).size).toBe(2)
    expect(resolveWebhook(description, 'newThing', '/relative')[0]?.target).toMatchObject({
      ok: false,
      error: { reason: 'not-absolute' },
    })
    expect(() => resolveWebhook(description, 'newThings', url)).toThrow(
      'Expected the name of a webhook ("newThing") but found "newThings".',
    )
    const [ack] = resolveCallbacks(description, 'newThing', { id: 'w', request: { body: { ack: url } } })
    expect(ack?.target).toMatchObject({ ok: true, value: { method: 'PUT', operation: { pointer: '#/webhooks/newThing/post' } } })
  })

  const WEBHOOKS: [pathItem: object | null, reasons: unknown[]][] = [
    [{ post: {} }, ['POST']],
    [{}, []],
    [null, []],
    [{ $ref: '#/gone' }, ['broken-reference']],
    [{ $ref: '#/webhooks/hook' }, ['broken-reference']],
    [{ $ref: '#/gone', post: {} }, ['POST']],
    [{ $ref: '#/components/pathItems/a' }, ['POST', 'PUT']],
  ]
  test.each(WEBHOOKS)('has a webhook that is %j', (pathItem, expected) => {
    const components = { pathItems: { a: { $ref: '#/components/pathItems/b', post: {} }, b: { put: {} } } }
    const description = descriptionWith({}, { root: { webhooks: { hook: pathItem }, components } })
    const found = resolveWebhook(description, 'hook', url)
    expect(found.map(({ method, target }) => (target.ok ? method : target.error.reason))).toEqual(expected)
    expect(() => resolveWebhook(description, 'other', url)).toThrow('Expected the name of a webhook ("hook") but found "other".')
  })

  test('tells what has to be captured', () => {
    const description = descriptionWith({
      a: { '{$request.body#/url}/{$request.query.t}': post, 'https://a.example/{p}/{$response.header.X}': post },
      b: { '{request.path.id}': post, 'https://a.example/': post, $request: post },
    })
    expect(needsOf(description, 'createThing')).toEqual({
      request: { url: false, method: false, body: true, headers: ['content-type'], query: ['t'], path: ['id'] },
      response: { status: false, body: false, headers: ['x'] },
      parameters: ['p'],
      outside: [],
    })
    expect(needsOf(description, 'createThing')).toBe(needsOf(description, 'createThing'))
  })
})

describe('misuse is a TypeError', () => {
  const MISUSE: [operation: string, exchange: unknown, message: string][] = [
    ['createThings', exchange, 'Did you mean "createThing"?'],
    ['createThing', null, 'Expected an exchange, an object with "id" and "request", but found null.'],
    ['createThing', 'x', 'but found string'],
    ['createThing', { request: {} }, 'Expected an exchange with an "id"'],
    ['createThing', { id: '', request: {} }, 'Expected an exchange with an "id"'],
  ]
  test.each(MISUSE)('%s with %j', (operation, used, message) => {
    const resolve = () => resolveCallbacks(descriptionWithKey('{$url}'), operation, used as never)
    expect(resolve).toThrow(TypeError)
    expect(resolve).toThrow(message)
  })
})

describe('a hostile exchange', () => {
  const cycle: Record<string, unknown> = {}
  cycle.self = cycle
  const HOSTILE: [name: string, exchange: unknown][] = [
    ['nothing but an id', { id: 'x' }],
    ['null messages', { id: 'x', request: null, response: null }],
    [
      'null parts',
      {
        id: 'x',
        request: { method: null, url: null, headers: null, path: null, query: null, body: null },
        response: { status: null, headers: null, body: null },
      },
    ],
    ['a cycle', { id: 'x', request: { body: { url: cycle } } }],
    ['inherited members', { id: 'x', request: { body: Object.create({ url }), query: Object.create({ url }) } }],
    ['a body that is __proto__', { id: 'x', request: { body: JSON.parse('{"__proto__":{"url":"https://evil.example/"}}') } }],
    ['text that is not JSON', { id: 'x', request: { headers: { 'content-type': 'application/json' }, body: '{"url":' } }],
    ['a function', { id: 'x', request: { body: { url: () => url } } }],
    ['a symbol', { id: 'x', request: { body: { url: Symbol('x') } } }],
    ['a very long value', { id: 'x', request: { body: { url: 'x'.repeat(1_000_000) } } }],
    [
      'userinfo glued to a literal host',
      { id: 'x', request: { body: { url: '@evil.example' }, query: { url: '@evil.example' } } },
    ],
  ]
  const keys = [
    '{$request.body#/url}',
    'https://api.example{$request.body#/url}',
    '{$request.query.url}/x',
    '{$url}',
    '{$response.body#/url}',
  ]
  test.each(HOSTILE)('%s gives no URL and breaks nothing', (_name, hostile) => {
    for (const key of keys) {
      for (const fanOut of [false, true]) {
        const [callback] = resolveCallbacks(descriptionWithKey(key), 'createThing', hostile as SomeExchange, { fanOut })
        expect(callback?.target).toMatchObject({ ok: false })
      }
    }
  })
})

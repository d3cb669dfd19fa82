import {
  compile,
  evaluate,
  interpolate,
  parseExpression,
  parseTemplate,
  print,
  readLinkValue,
  reads,
  repair,
  safeParseExpression,
  safeParseTemplate,
  type TemplateOptions,
} from 'ringback/expression'
import { describe, expect, test } from 'vitest'

// One row for each decision of docs/expression.md; the conformance rows test most of them a second time.
type Row = readonly [decision: number, what: string, check: () => void]

const value = (text: string, exchange: object): unknown => {
  const result = evaluate(text, exchange)
  return result.ok ? result.value : { missing: result.error.reason }
}
const url = (key: string, exchange: object, options: object = {}): unknown => {
  const result = interpolate(key, exchange, { encode: 'url', ...options })
  return result.ok ? result.value : { refused: result.error.reason }
}
const code = (text: string, options?: TemplateOptions): string | undefined => {
  const result = safeParseTemplate(text, options)
  return result.ok ? undefined : `${result.error.reason}@${result.error.offset}`
}
const body = (content: unknown, contentType?: string): object => ({
  request: { body: content, headers: contentType === undefined ? {} : { 'content-type': contentType } },
})

const rows: readonly Row[] = [
  [
    1,
    'braces are not required around a whole key',
    () => {
      expect(parseTemplate('$request.body#/url')).toMatchObject({ bare: true, parts: [{ kind: 'embedded-expression' }] })
      expect(parseTemplate('{$request.body#/url}')).toMatchObject({ bare: false })
      expect(parseTemplate('https://h/').parts).toMatchObject([{ kind: 'literal', text: 'https://h/' }])
    },
  ],
  [
    2,
    'what follows a bare pointer belongs to it',
    () => expect(value('$request.body#/url/data', body({ url: { data: 1 } }))).toBe(1),
  ],
  [
    3,
    'the first closing brace ends an embedded expression; braces in names are for bare ones',
    () => {
      expect(code('{$request.body#/a}}')).toBe('stray-brace@18')
      expect(value('$request.body#/{a}', body({ '{a}': 1 }))).toBe(1)
    },
  ],
  [
    4,
    'a brace without expression: a parameter or an error in a key, text in text',
    () => {
      expect(parseTemplate('https://h/{id}').parts[1]).toMatchObject({ kind: 'path-parameter', name: 'id' })
      expect(code('https://h/{}')).toBe('empty-braces@11')
      expect(code('{"id":"{$response.body#/id}"}', { mode: 'text' })).toBeUndefined()
    },
  ],
  [
    5,
    'a missing dollar is an error that repair mends on request',
    () => {
      expect(code('{request.body#/x}')).toBe('missing-dollar@1')
      expect(print(parseTemplate('{request.body#/x}/y', { repair: true }))).toBe('{$request.body#/x}/y')
    },
  ],
  [
    6,
    'white space in braces is an error where the expression cannot hold it',
    () => {
      expect(code('{ $url}')).toBe('whitespace-in-braces@1')
      expect(code('{$request.header.X }')).toBe('whitespace-in-braces@18')
      expect(url('{$request.body#/u }', body({ 'u ': 'https://h/' }))).toBe('https://h/')
    },
  ],
  [
    7,
    'path parameters come from the caller',
    () => {
      expect(url('https://h/{id}', {}, { params: { id: 'a/b' } })).toBe('https://h/a%2Fb')
      expect(url('https://h/{id}', {})).toEqual({ refused: 'missing-parameter' })
      expect(url('https://h/{toString}', {}, { params: {} })).toEqual({ refused: 'missing-parameter' })
    },
  ],
  [
    8,
    'keywords in any case, canonical in print',
    () => {
      expect(print(parseExpression('$REQUEST.Header.X-A'))).toBe('$request.header.X-A')
      expect(print(parseExpression('$statuscode'))).toBe('$statusCode')
    },
  ],
  [9, 'a name is made of JSON characters', () => expect(value('$request.query.é', { request: { query: { é: '1' } } })).toBe('1')],
  [
    10,
    'JSON escapes in names are decoded, the spelling kept',
    () => {
      expect(value('$request.query.a\\u00e9\\"', { request: { query: { 'aé"': '1' } } })).toBe('1')
      expect(print(parseExpression('$request.query.a\\u00e9'))).toBe('$request.query.a\\u00e9')
    },
  ],
  [11, 'an empty name is a name', () => expect(value('$request.query.', { request: { query: { '': 'x' } } })).toBe('x')],
  [
    12,
    'a hash in a query name is part of it',
    () => expect(value('$request.query.items#/0', { request: { query: { 'items#/0': 'x' } } })).toBe('x'),
  ],
  [13, 'pointers are not percent-decoded', () => expect(value('$request.body#/a%2Fb', body({ 'a/b': 1, 'a%2Fb': 2 }))).toBe(2)],
  [
    14,
    '"#" is the document, "#/" its member ""',
    () => {
      expect(value('$request.body#', body({ '': 1 }))).toEqual({ '': 1 })
      expect(value('$request.body#/', body({ '': 1 }))).toBe(1)
    },
  ],
  [
    15,
    'array items by canonical index only',
    () => {
      expect(value('$request.body#/1', body(['a', 'b']))).toBe('b')
      for (const token of ['-', '01', '+1', '-1', '1e0', 'length', '2', '']) {
        expect(value(`$request.body#/${token}`, body(['a', 'b']))).toEqual({ missing: 'pointer-not-found' })
      }
    },
  ],
  [
    16,
    'own members only',
    () => {
      for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
        expect(value(`$request.body#/${name}`, body({}))).toEqual({ missing: 'pointer-not-found' })
        expect(value(`$request.query.${name}`, { request: { query: {} } })).toEqual({ missing: 'query-parameter-not-found' })
        expect(value(`$request.header.${name}`, { request: { headers: {} } })).toEqual({ missing: 'header-not-found' })
      }
      expect(value('$request.body#/s/0', body({ s: 'text' }))).toEqual({ missing: 'pointer-not-found' })
      const bare = Object.assign(Object.create(null), {
        request: Object.assign(Object.create(null), { method: 'get' }),
      }) as object
      expect(value('$method', bare)).toBe('GET')
    },
  ],
  [
    17,
    'a missing part fails the whole template',
    () => expect(url('https://h/{$request.body#/a}/x', body({}))).toEqual({ refused: 'missing' }),
  ],
  [
    18,
    'null is a value, "null" in text, refused in a URL',
    () => {
      expect(value('$request.body#/n', body({ n: null }))).toBeNull()
      expect(interpolate('https://h/{$request.body#/n}', body({ n: null }))).toEqual({ ok: true, value: 'https://h/null' })
      expect(url('https://h/{$request.body#/n}', body({ n: null }))).toEqual({ refused: 'null-in-url' })
    },
  ],
  [
    19,
    'numbers and booleans are written as JavaScript writes them',
    () => expect(url('https://h/{$request.body#/n}/{$request.body#/b}', body({ n: 1.5, b: false }))).toBe('https://h/1.5/false'),
  ],
  [
    20,
    'objects are JSON in text, refused in a URL unless the caller makes text of them',
    () => {
      const exchange = body({ o: { k: [1] } })
      expect(interpolate('x{$request.body#/o}', exchange)).toEqual({ ok: true, value: 'x{"k":[1]}' })
      expect(url('https://h/{$request.body#/o}', exchange)).toEqual({ refused: 'not-scalar-in-url' })
      expect(url('https://h/?o={$request.body#/o}', exchange, { stringify: JSON.stringify })).toBe(
        'https://h/?o=%7B%22k%22%3A%5B1%5D%7D',
      )
    },
  ],
  [
    21,
    'braces always make text, a bare expression keeps its type',
    () => {
      expect(interpolate('{$request.body#/n}', body({ n: 5 }))).toEqual({ ok: true, value: '5' })
      expect(value('$request.body#/n', body({ n: 5 }))).toBe(5)
    },
  ],
  [
    22,
    'values are encoded by their position in a URL',
    () => {
      const exchange = body({ u: 'https://h/p?a=b', s: 'a/b?c&d=e f', host: 'evil.example/x', port: '8080' })
      expect(url('{$request.body#/u}', exchange)).toBe('https://h/p?a=b')
      expect(url('https://h/{$request.body#/s}?q={$request.body#/s}', exchange)).toBe(
        'https://h/a%2Fb%3Fc%26d%3De%20f?q=a%2Fb%3Fc%26d%3De%20f',
      )
      expect(url('https://h:{$request.body#/port}/x', exchange)).toBe('https://h:8080/x')
      expect(url('https://{$request.body#/host}/x', exchange)).toEqual({ refused: 'not-a-host' })
      expect(url('{$request.body#/s}', exchange)).toEqual({ refused: 'not-an-absolute-url' })
      expect(url('{$request.body#/u}', body({ u: 'javascript:alert(1)' }))).toEqual({ refused: 'not-an-absolute-url' })
      expect(url('https://h/a/{$request.body#/s}/b', body({ s: '..' }))).toEqual({ refused: 'dot-segment' })
      expect(url('https://h/{$request.body#/s}', body({ s: '\ud800' }))).toEqual({ refused: 'not-well-formed' })
    },
  ],
  [
    23,
    'values are not read again',
    () => {
      const exchange = { request: { method: 'PUT', body: { t: "{$method}$&$1$'" } } }
      expect(interpolate('{$request.body#/t}{$method}', exchange)).toEqual({ ok: true, value: "{$method}$&$1$'PUT" })
    },
  ],
  [
    24,
    'field lines are combined; Set-Cookie gives its first',
    () => {
      const exchange = { response: { headers: { 'X-A': ['1', '2'], 'x-a': '3', 'set-cookie': ['a=1', 'b=2'] } } }
      expect(value('$response.header.x-A', exchange)).toBe('1, 2, 3')
      expect(value('$response.header.Set-Cookie', exchange)).toBe('a=1')
      expect(evaluate('$response.header.x-a', exchange, { headerLines: 'all' })).toEqual({ ok: true, value: ['1', '2', '3'] })
      expect(evaluate('$response.header.x-a', exchange, { headerLines: 'first' })).toEqual({ ok: true, value: '1' })
    },
  ],
  [
    25,
    'a repeated query parameter is an array, and ambiguous in a URL',
    () => {
      const exchange = { request: { query: { a: ['1', '2'] } } }
      expect(value('$request.query.a', exchange)).toEqual(['1', '2'])
      expect(url('https://h/{$request.query.a}', exchange)).toEqual({ refused: 'ambiguous-value' })
      expect(url('https://h/{$request.query.a}', exchange, { repeatedParameters: 'last' })).toBe('https://h/2')
    },
  ],
  [
    26,
    'parameters are strings unless coerced',
    () => {
      const exchange = { request: { query: { n: '5' } } }
      expect(value('$request.query.n', exchange)).toBe('5')
      expect(
        evaluate('$request.query.n', exchange, { coerce: ({ name }, text) => (name === 'n' ? Number(text) : text) }),
      ).toEqual({
        ok: true,
        value: 5,
      })
    },
  ],
  [
    27,
    '$url is the URL as received',
    () =>
      expect(value('$url', { request: { url: 'HTTP://EXAMPLE.org:80/a/../b?q=%41' } })).toBe(
        'HTTP://EXAMPLE.org:80/a/../b?q=%41',
      ),
  ],
  [28, '$method is upper-case', () => expect(value('$method', { request: { method: 'patch' } })).toBe('PATCH')],
  [
    29,
    '$statusCode is a number, and text in text',
    () => {
      expect(value('$statusCode', { response: { status: 201 } })).toBe(201)
      expect(interpolate('https://h/{$statusCode}', { response: { status: 201 } })).toEqual({ ok: true, value: 'https://h/201' })
    },
  ],
  [
    30,
    'undeclared parameters are read unless told otherwise; three header fields cannot be declared',
    () => {
      const exchange = { request: { query: { a: '1' }, headers: { 'content-type': 'text/plain', 'x-a': '2' } } }
      expect(value('$request.query.a', exchange)).toBe('1')
      const strict = { strictDeclared: { query: ['b'], header: [] } }
      expect(evaluate('$request.query.a', exchange, strict)).toMatchObject({ ok: false, error: { reason: 'not-declared' } })
      expect(evaluate('$request.header.X-A', exchange, strict)).toMatchObject({ ok: false, error: { reason: 'not-declared' } })
      expect(evaluate('$request.header.Content-Type', exchange, strict)).toEqual({ ok: true, value: 'text/plain' })
      expect(evaluate('$request.query.a', exchange, { strictDeclared: { query: ['a'] } })).toEqual({ ok: true, value: '1' })
    },
  ],
  [
    31,
    'the path parameters are those of the parent operation',
    () => expect(value('$request.path.eventType', { request: { path: { eventType: 'myevent' } } })).toBe('myevent'),
  ],
  [
    32,
    'a response has no query and no path',
    () => {
      const exchange = { request: { query: { a: '1' }, path: { a: '1' } }, response: { status: 200 } }
      expect(value('$response.query.a', exchange)).toEqual({ missing: 'response-has-no-parameters' })
      expect(value('$response.path.a', exchange)).toEqual({ missing: 'response-has-no-parameters' })
      expect(reads(parseExpression('$response.query.a')).request.query).toEqual([])
    },
  ],
  [
    33,
    'there is no expression for cookies, query strings or trailers',
    () => {
      for (const text of ['$request.cookie.sid', '$request.querystring', '$response.trailer.x']) {
        expect(safeParseExpression(text)).toMatchObject({ ok: false, error: { reason: 'unknown-source' } })
      }
    },
  ],
  [
    34,
    'bodies that are not JSON',
    () => {
      expect(value('$request.body', body('text', 'text/plain'))).toBe('text')
      expect(value('$request.body#/a', body('text', 'text/plain'))).toEqual({ missing: 'body-has-no-members' })
      expect(value('$request.body#/a', body('{"a":1}', 'application/vnd.x+json;v=1'))).toBe(1)
      expect(value('$request.body#/a', body(new TextEncoder().encode('{"a":1}'), 'application/json'))).toBe(1)
      expect(value('$request.body#/a', body('{"a":', 'application/json'))).toEqual({ missing: 'body-not-parsable' })
      expect(value('$request.body#/a', body('\ufeff{"a":1}', 'application/json'))).toBe(1)
      const changing = { request: { body: '{"a":1}', headers: { 'content-type': 'text/plain' } } }
      expect(value('$request.body#/a', changing)).toEqual({ missing: 'body-has-no-members' })
      changing.request.headers['content-type'] = 'application/json'
      expect(value('$request.body#/a', changing)).toBe(1)
      expect(
        value(
          '$request.body#/hub.callback',
          body('hub.callback=https%3A%2F%2Fc%2F&x=1&x=2', 'application/x-www-form-urlencoded'),
        ),
      ).toBe('https://c/')
      const multipart = body({ jsonData: '{"uri":"https://c/"}', file: 'bytes' }, 'multipart/related; boundary=x')
      expect(value('$request.body#/jsonData/uri', multipart)).toBe('https://c/')
      expect(value('$request.body#/file', multipart)).toBe('bytes')
      expect(evaluate('$request.body#/uri', multipart, { multipartRoot: 'jsonData' })).toEqual({ ok: true, value: 'https://c/' })
      expect(value('$request.body#/file/0', multipart)).toEqual({ missing: 'pointer-not-found' })
    },
  ],
  [
    35,
    'a relative URL is refused unless the caller resolves it',
    () => {
      expect(url('{$request.body#/u}', body({ u: '/cb' }))).toEqual({ refused: 'not-an-absolute-url' })
      expect(url('{$request.body#/u}', body({ u: '/cb' }), { allowRelative: true })).toBe('/cb')
    },
  ],
  [
    36,
    'a literal key is sent as it is',
    () => expect(url('https://hooks.example.com/fixed', {})).toBe('https://hooks.example.com/fixed'),
  ],
  [
    37,
    'the same key read twice gives the same twice: nothing is folded together',
    () => {
      const fired = ['{$request.body#/u}', '{$request.body#/u}'].map((key) => url(key, body({ u: 'https://h/' })))
      expect(fired).toEqual(['https://h/', 'https://h/'])
    },
  ],
  [
    38,
    'an array of URLs is no URL',
    () => expect(url('{$request.body#/urls}', body({ urls: ['https://h/'] }))).toEqual({ refused: 'not-scalar-in-url' }),
  ],
  [
    39,
    '$ref and x- keys are no expressions',
    () => {
      expect(code('$ref')).toBe('reserved-key@0')
      expect(code('x-thing')).toBe('extension-key@0')
      expect(code('X-thing')).toBeUndefined()
    },
  ],
  [
    40,
    'a value of a Link is an expression, a template or a constant',
    () => {
      expect(readLinkValue('$response.body#/id')).toMatchObject({ kind: 'expression' })
      expect(readLinkValue('{"id":"{$response.body#/id}"}')).toMatchObject({ kind: 'template' })
      expect(readLinkValue('$.store.book')).toEqual({ kind: 'constant', value: '$.store.book' })
      expect(readLinkValue(5)).toEqual({ kind: 'constant', value: 5 })
      expect(readLinkValue('$respose.body#/id')).toMatchObject({ kind: 'constant', looksLikeExpression: { offset: 0 } })
      expect(readLinkValue('response.body#/id')).toMatchObject({ kind: 'constant', looksLikeExpression: { offset: 0 } })
      expect(readLinkValue('regex = \\/a\\/(.*);id = href.match(regex)[1];')).not.toHaveProperty('looksLikeExpression')
    },
  ],
  [
    41,
    'what a YAML parser makes of an unquoted key is mended',
    () => expect(repair('{ $request.query.queryUrl }')?.text).toBe('{$request.query.queryUrl}'),
  ],
  [
    42,
    'the draft of 2017 is a dialect of its own, zero-based, and mended in oas3',
    () => {
      const draft = parseExpression('$request.body.a[2]', { dialect: 'draft2017' })
      expect(evaluate(draft, body({ a: [0, 1, 2] }))).toEqual({ ok: true, value: 2 })
      expect(repair('$request.body.a[2]', { kind: 'expression' })?.text).toBe('$request.body#/a/2')
    },
  ],
  [
    43,
    'indexes are zero-based',
    () => expect(value('$request.body#/urls/2', body({ urls: ['fast', 'medium', 'slow'] }))).toBe('slow'),
  ],
  [
    44,
    'code units are compared, without normalisation; header names fold in ASCII only',
    () => {
      expect(value('$request.body#/e\u0301', body({ '\u00e9': 1 }))).toEqual({ missing: 'pointer-not-found' })
      expect(value('$request.header.k', { request: { headers: { '\u212a': 'x' } } })).toEqual({ missing: 'header-not-found' })
    },
  ],
  [
    45,
    'angle delimiters: braces are text, what is open must close',
    () => {
      const angle = { delimiters: 'angle' } as const
      expect(print(parseTemplate('https://h/{x}/<$request.query.u>/<ID>', angle))).toBe('https://h/{x}/<$request.query.u>/<ID>')
      expect(code('https://h/<ID', angle)).toBe('unclosed-expression@10')
      expect(code('<$url>>', angle)).toBe('stray-brace@6')
    },
  ],
  [
    46,
    'the draft: names for its undefined token, no empty index, its erratum is missing',
    () => {
      expect(safeParseExpression('$request.body[]', { dialect: 'draft2017' })).toMatchObject({
        error: { reason: 'bad-index', offset: 14 },
      })
      const huge = parseExpression(`$request.body[${'9'.repeat(400)}]`, { dialect: 'draft2017' })
      expect(evaluate(huge, body({ Infinity: 1 }))).toMatchObject({ ok: false, error: { reason: 'pointer-not-found' } })
      const erratum = parseExpression('$request.body.failed', { dialect: 'draft2017' })
      expect(evaluate(erratum, body({ failedurl: 'x' }))).toMatchObject({ ok: false })
    },
  ],
  [
    47,
    'a tail behind a value with a query: as it is, refused, or joined',
    () => {
      const exchange = body({ u: 'https://h/p?z=1#f', plain: 'https://h/p' })
      expect(interpolate('{$request.body#/u}/data', exchange)).toEqual({ ok: true, value: 'https://h/p?z=1#f/data' })
      expect(url('{$request.body#/u}/data', exchange, { tail: 'refuse' })).toEqual({ refused: 'tail-after-query' })
      expect(url('{$request.body#/u}/data', exchange, { tail: 'join' })).toBe('https://h/p/data?z=1#f')
      expect(url('{$request.body#/u}?a=b', exchange, { tail: 'join' })).toBe('https://h/p?z=1&a=b#f')
      expect(url('{$request.body#/plain}/data', exchange, { tail: 'refuse' })).toBe('https://h/p/data')
      expect(url('{$request.body#/u}&a=b', exchange, { tail: 'refuse' })).toBe('https://h/p?z=1#f&a=b')
    },
  ],
]

describe('decisions', () => {
  test.each(rows)('%i: %s', (_, __, check) => check())

  test('every one of the 47 has its row', () => {
    expect(rows.map(([decision]) => decision)).toEqual(Array.from({ length: 47 }, (_, index) => index + 1))
  })

  // Each took half a minute while places in the URL were looked for from its beginning, or back to it.
  test('many values in one authority or path segment cost no more than their text', () => {
    const long = 'm'.repeat(20_000)
    expect(url(`https://${'{$method}'.repeat(900)}`, { request: { method: long } })).toHaveLength(8 + 900 * 20_000)
    const path = { a: 'a'.repeat(1_000_000), b: '' }
    expect(url(`https://h/{$request.path.a}${'{$request.path.b}'.repeat(450)}`, { request: { path } })).toHaveLength(1_000_010)
  })

  test.each([
    ['encode', () => url('https://h/', {}, { encode: 'URL' })],
    ['tail', () => url('https://h/', {}, { tail: 'cut' })],
    ['mode', () => safeParseTemplate('a', { mode: 'zzz' as never })],
    ['delimiters', () => safeParseTemplate('a', { delimiters: 'zzz' as never })],
    ['dialect', () => safeParseExpression('$url', { dialect: 'oas3.1' as never })],
  ])('a wrong %s is misuse', (option, call) => {
    expect(call).toThrow(new RegExp(`^Expected "${option}" to be one of `))
  })

  test('a compiled template does not remember the exchanges it has seen', () => {
    const compiled = compile(parseTemplate('{$request.body#/u}'), { encode: 'url' })
    expect(compiled(body({ u: 'https://a/' }))).toEqual({ ok: true, value: 'https://a/' })
    expect(compiled(body({}))).toMatchObject({ ok: false })
    expect(compiled(body({ u: 'https://b/' }))).toEqual({ ok: true, value: 'https://b/' })
  })
})

import { lintText } from 'ringback/lint'
import { describe, expect, test } from 'vitest'
import { documentAround, documentWithKey } from './support.ts'

const GUESSES: [key: string, suggestion: string | undefined][] = [
  ["'{$requset.body#/url}'", '{$request.body#/url}'],
  ["'{$resquest.body.url}/x'", '{$request.body#/url}/x'],
  ['$requset.body#/url', '$request.body#/url'],
  ["'{$request.quary.callbackUrl}'", '{$request.query.callbackUrl}'],
  ["'{$request.querystring.callbackUrl}'", '{$request.query.callbackUrl}'],
  ["'{$request.parameters.callbackUrl}'", '{$request.query.callbackUrl}'],
  ["'{$request.params.url}'", '{$request.body#/url}'],
  ["'{$request.params.nowhere}'", undefined],
  ["'{$request.data.url}'", '{$request.body#/url}'],
  ["'{$request.payload#/sub/url}'", '{$request.body#/sub/url}'],
  ["'{$request#/url}'", '{$request.body#/url}'],
  ["'{$request#/nowhere}'", undefined],
  ["'{request#/url}'", '{$request.body#/url}'],
  ["'{$.url}'", '{$request.body#/url}'],
  ["$.sub['url']", '$request.body#/sub/url'],
  ["'{$body.url}'", '{$request.body#/url}'],
  ["'{body.url}'", '{$request.body#/url}'],
  ["'{$nowhere.at.all}'", undefined],
  ["'{$request.body#/sub/}'", '{$request.body#/sub}'],
  ["'{$request.body#/url/}'", '{$request.body#/url}/'],
  ["'{$request.url}'", '{$url}'],
]
test.each(GUESSES)('%s: %s is suggested, and is no fix', (key, suggestion) => {
  const [found] = lintText(documentWithKey(key)).problems.filter(({ severity }) => severity === 'error')
  expect(found).toBeDefined()
  expect(found?.suggestion).toBe(suggestion)
  expect(found?.fix).toBeUndefined()
})

/** Always the whole key, whichever part of it the finding is about. */
const WHOLE_KEYS: [key: string, rule: string, suggestion: string][] = [
  ["'{$request.body#/uri}/data'", 'pointer-not-in-schema', '{$request.body#/url}/data'],
  ["'{request.body#/uri}/data'", 'pointer-not-in-schema', '{$request.body#/url}/data'],
  ["'{request.body#/uri}/data'", 'no-dollar', '{$request.body#/uri}/data'],
  ["'{$request.query.callbackUri}/data'", 'undeclared-query-parameter', '{$request.query.callbackUrl}/data'],
  ["'{$request.query.callbackURL}/data'", 'query-name-case', '{$request.query.callbackUrl}/data'],
  ["'{$request.path.callbackUrl}/data'", 'undeclared-path-parameter', '{$request.query.callbackUrl}/data'],
  ["'{$response.query.callbackUrl}/data'", 'response-query-or-path', '{$request.query.callbackUrl}/data'],
  ["'{$Request.query.callbackUrl}/data'", 'keyword-case', '{$request.query.callbackUrl}/data'],
  ["'{$request.body#/url }/data'", 'whitespace-in-key', '{$request.body#/url}/data'],
  ["'https://example.com/$request.body#/url'", 'bare-expression-inside-text', 'https://example.com/{$request.body#/url}'],
  ["'{callbackUrl}/data'", 'undeclared-path-parameter', '{$request.query.callbackUrl}/data'],
]
test.each(WHOLE_KEYS)('%s: %s suggests %s', (key, rule, suggestion) => {
  const found = lintText(documentWithKey(key)).problems.find((problem) => problem.rule === rule)
  expect(found?.suggestion).toBe(suggestion)
})

describe('in a link', () => {
  const link = (text: string, schema: string): string =>
    documentAround(
      `responses: { '201': { description: C, content: { application/json: { schema: ${schema} } }, links: { l: { operationId: get, parameters: { a: '${text}' } } } } }\n`,
    ).replace(
      '    post:',
      '    get: { operationId: get, responses: {}, parameters: [{ name: a, in: query, schema: {} }] }\n    post:',
    )
  const list = '{ type: array, items: { type: object, properties: { id: { type: string } } } }'
  const one = '{ type: object, properties: { id: { type: string } } }'
  const VALUES: [text: string, schema: string, suggestion: string | undefined][] = [
    ['$response.body#/0/id/', list, '$response.body#/0/id'],
    ['$response.body#/0/ID', list, '$response.body#/0/id'],
    ['$response.body#/id', list, undefined],
    ['$response.body#/id/', one, '$response.body#/id'],
    ['$request.body#/id', one, '$response.body#/id'],
    ['$respones.body#/id', one, '$response.body#/id'],
    ['response.body#/id', one, '$response.body#/id'],
    ['v={$response.body#/ID}', one, 'v={$response.body#/id}'],
    ['{response.body#/id}', one, '$response.body#/id'],
    ['${response.body#/id}', one, '$response.body#/id'],
    [' $response.body#/id', one, '$response.body#/id'],
    ['<$response.body#/id>', one, '$response.body#/id'],
    ['{{$response.body#/id}}', one, '$response.body#/id'],
    ['$body.id', one, '$response.body#/id'],
    ['x/$response.body#/id', one, 'x/{$response.body#/id}'],
  ]
  test.each(VALUES)('%s in %s: %s', (text, schema, suggestion) => {
    const found = lintText(link(text, schema)).problems.find(({ severity }) => severity !== 'info')
    expect(found).toBeDefined()
    expect(found?.suggestion).toBe(suggestion)
  })

  test('a JSONPath is a constant', () => {
    expect(lintText(link('$.id', one)).problems).toEqual([])
  })

  test.each(['See $response.body#/id for it', 'x/$response.body#/nowhere', '$body.nowhere', 'a response.body'])(
    '%s is a constant',
    (text) => {
      expect(lintText(link(text, one)).problems).toEqual([])
    },
  )

  test('an operationRef is read in the file that it stands in', () => {
    const { problems } = lintText(
      link('x', one).replace('operationId: get, param', "operationRef: '#/paths/~1orders/put', param"),
    )
    expect(problems.map(({ message }) => message).join()).toContain('there is nothing at this place')
  })
})

test('the suggestion for the name of a parameter keeps its location', () => {
  const text = documentAround(
    "responses: { '201': { description: C, links: { l: { operationId: get, parameters: { query.callbackUri: x } } } } }\n",
  ).replace(
    '    post:',
    '    get: { operationId: get, responses: {}, parameters: [{ name: callbackUrl, in: query, schema: { type: string } }] }\n    post:',
  )
  expect(lintText(text).problems[0]).toMatchObject({ rule: 'unknown-link-parameter', suggestion: 'query.callbackUrl' })
})

const NAMES: [key: string, rule: string, marked: string][] = [
  ["'{$request.query.nowhere}/x'", 'undeclared-query-parameter', 'nowhere'],
  ["'{$request.path.nowhere}/x'", 'undeclared-path-parameter', 'nowhere'],
  ["'https://example.com/{$request.header.X-Nowhere}'", 'undeclared-request-header', 'X-Nowhere'],
  ["'https://example.com/{$response.header.X-Nowhere}'", 'undeclared-response-header', 'X-Nowhere'],
  ["'{ $request.query.nowhere}/x'", 'undeclared-query-parameter', 'nowhere'],
  ["'{$request.query.}'", 'undeclared-query-parameter', '$request.query.'],
]
test.each(NAMES)('in %s, %s marks the name alone', (key, rule, marked) => {
  const text = documentWithKey(key)
  const { line, column, endColumn } = lintText(text).problems.find((problem) => problem.rule === rule) ?? {
    line: 0,
    column: 0,
    endColumn: 0,
  }
  expect(text.split('\n')[line - 1]?.slice(column - 1, endColumn - 1)).toBe(marked)
})

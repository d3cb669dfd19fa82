import { expect, test } from 'vitest'
import { exchangeFrom } from '../../playground/src/exchange.ts'

const fields = {
  method: 'POST',
  url: 'https://api.example/orders?a=1&a=2&b=%20#top',
  requestHeaders: 'Content-Type: application/json\n\nX-Id:  1 \nX-Id: 2',
  requestBody: '{"a":1}',
  status: '201',
  responseHeaders: '',
  responseBody: '',
}

test('what is typed becomes an exchange', () => {
  expect(exchangeFrom(fields)).toEqual({
    exchange: {
      id: 'playground',
      request: {
        method: 'POST',
        url: 'https://api.example/orders?a=1&a=2&b=%20',
        headers: { 'Content-Type': 'application/json', 'X-Id': ['1', '2'] },
        path: {},
        query: { a: ['1', '2'], b: ' ' },
        body: '{"a":1}',
      },
      response: { status: 201, headers: {} },
    },
    problems: {},
  })
})

test('without a status there is no response yet', () => {
  expect(exchangeFrom({ ...fields, status: ' ', responseBody: 'x' }).exchange.response).toBeUndefined()
})

test('names of headers and query parameters are data', () => {
  const { exchange } = exchangeFrom({ ...fields, url: 'https://h/?__proto__=1&constructor=2', requestHeaders: '__proto__: x' })
  expect(Object.entries(exchange.request.query)).toEqual([
    ['__proto__', '1'],
    ['constructor', '2'],
  ])
  expect(Object.entries(exchange.request.headers)).toEqual([['__proto__', 'x']])
})

const WRONG: [field: keyof typeof fields, text: string, problem: RegExp][] = [
  ['method', 'P OST', /a method such as POST/],
  ['method', '', /a method such as POST/],
  ['url', '/orders', /an absolute URL/],
  ['url', 'ftp://h/x', /an absolute URL/],
  ['url', 'https://', /an absolute URL/],
  ['requestHeaders', 'a: 1\nno colon', /^Line 2: expected "Name: value"/],
  ['requestHeaders', 'two words: x', /^Line 1/],
  ['responseHeaders', ': x', /^Line 1/],
  ['status', '20', /a status code/],
  ['status', 'ok', /a status code/],
  ['status', '900', /a status code/],
]
test.each(WRONG)('%s %j is told to be wrong', (field, text, problem) => {
  const { problems } = exchangeFrom({ ...fields, [field]: text })
  expect(Object.keys(problems)).toEqual([field])
  expect(problems[field]).toMatch(problem)
})

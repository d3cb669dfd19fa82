import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { scratch } from '../support/scratch.ts'
import { type Ran, runCommand } from './run-command.ts'

const { folder, file } = scratch()

const exchange = file(
  'exchange.json',
  JSON.stringify({
    request: {
      method: 'post',
      url: 'https://api.example/streams?token=t',
      headers: { 'Content-Type': 'application/json' },
      query: { token: 't' },
      body: { callbackUrl: 'https://client.example/cb', items: [1, 2, 3], evil: 'a\u001b[31m\u202e\u2066' },
    },
    response: { status: 201, headers: {}, body: { id: 7 } },
  }),
)

const run = (...args: string[]): Promise<Ran> => runCommand(['explain', ...args])

describe('a key with an exchange', () => {
  test('shows each part in words, its value and the URL', async () => {
    expect(await run('{$request.body#/callbackUrl}/data?id={$response.body#/id}', '--exchange', exchange)).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: `{$request.body#/callbackUrl}/data?id={$response.body#/id}

  {$request.body#/callbackUrl}  the member "callbackUrl" of the request body
      = "https://client.example/cb"
  /data?id=  text
  {$response.body#/id}  the member "id" of the response body
      = 7

= "https://client.example/cb/data?id=7"
`,
    })
  })

  const absent: [text: string, reason: string][] = [
    ['$request.body#/items/5', 'An array of 3 items has no item "5" (reference token 2 of the pointer into the request body).'],
    [
      '$request.body#/callbackUrl/x',
      'There is no "x" in a value that is a string (reference token 2 of the pointer into the request body).',
    ],
    ['$request.header.X-None', 'The request has no header field "x-none".'],
    ['$request.query.Token', 'The request has no query parameter "Token" (names are case-sensitive).'],
    ['$response.query.a', 'A response has no query parameters.'],
    ['https://h/{id}', 'No value was given for the path parameter {id}.'],
    ['https://h/{$request.body#/items}', 'The value is an object or an array, which cannot be part of a URL.'],
  ]
  test.each(absent)('%s has no value: %s', async (text, reason) => {
    const { exitCode, stdout } = await run(text, '-x', exchange)
    expect(stdout).toContain(`no value: ${reason}`)
    expect(exitCode).toBe(1)
  })

  test('--param gives values for {name}', async () => {
    expect((await run('https://h/{id}', '-x', exchange, '--param', 'id=a b')).stdout).toContain('= "https://h/a%20b"')
  })

  test('--encode none writes values as they are', async () => {
    expect((await run('https://h/{id}', '-x', exchange, '-p', 'id=a b', '-e', 'none')).stdout).toContain('= "https://h/a b"')
  })

  test('a value cannot speak to the terminal', async () => {
    expect((await run('$request.body#/evil', '-x', exchange)).stdout).toContain('= "a\\u001b[31m\\u202e\\u2066"')
  })
})

describe('a broken text', () => {
  test('has a caret under each wrong character and the repair', async () => {
    expect(await run('{$callback_url}/invoices/{$request.body.id}')).toEqual({
      exitCode: 1,
      stderr: '',
      stdout: `{$callback_url}/invoices/{$request.body.id}
 ^^^^^^^^^^^^^
unknown-root: Expected "$url" or "$method" or "$statusCode" or "$request." or "$response." but found "$callback_url" at offset 1 of "{$callback_url}/invoices/{$request.body.id}".

{$callback_url}/invoices/{$request.body.id}
                                       ^
expected-hash: Expected the end or "#" and a JSON Pointer but found "." at offset 39 of "{$callback_url}/invoices/{$request.body.id}".

Did you mean {$request.query.callback_url}/invoices/{$request.body#/id} ?
`,
    })
  })

  test('has the caret in place behind wide characters', async () => {
    const { stdout } = await run('https://example.com/通知/{request.url}')
    expect(stdout.split('\n').slice(0, 2)).toEqual(['https://example.com/通知/{request.url}', `${' '.repeat(26)}^^^^^^^^^^^`])
  })

  test('of one expression', async () => {
    const { stdout, exitCode } = await run('$request.bdy')
    expect(stdout).toBe(`$request.bdy
         ^
unknown-source: Expected "header." or "query." or "path." or "body" but found "b" at offset 9 of "$request.bdy".
`)
    expect(exitCode).toBe(1)
  })
})

test('a query parameter may stand in the URL only', async () => {
  const bare = file('url.json', '{"request":{"method":"POST","url":"https://api/x?token=a%26b#f"}}')
  expect((await run('$request.query.token', '-x', bare)).stdout).toContain('= "a&b"')
})

test('text that was probably meant as an expression gets a hint', async () => {
  const { stdout, exitCode } = await run('http://$request.query.url')
  expect(stdout).toContain('Did you mean http://{$request.query.url} ?')
  expect(exitCode).toBe(0)
})

test('--delimiters angle', async () => {
  expect((await run('<$request.body#/x>', '--delimiters', 'angle')).stdout).toContain('the member "x" of the request body')
})

test('--json prints the explanation', async () => {
  const { stdout, exitCode } = await run('$request.query.a', '--json')
  expect(JSON.parse(stdout)).toEqual({
    text: '$request.query.a',
    kind: 'expression',
    dialect: 'oas3',
    valid: true,
    parts: [
      {
        kind: 'embedded-expression',
        text: '$request.query.a',
        span: { start: 0, end: 16 },
        words: 'the query parameter "a" of the request',
      },
    ],
    problems: [],
  })
  expect(exitCode).toBe(0)
})

test('--dialect reads another language', async () => {
  expect((await run('$request.body.urls[2]', '-d', 'draft2017', '-x', exchange)).stdout).toContain('.urls[2] of the request body')
  expect((await run('$steps.login.outputs.token', '-d', 'arazzo-1.1.0')).stdout).toContain(
    'the output "token" of the step "login"',
  )
})

const MISUSE: [args: string[], message: string][] = [
  [['$url', '-d', 'oas4'], "argument 'oas4' is invalid. Allowed choices are oas3"],
  [['$url', '-x', join(folder, 'none.json')], 'The file cannot be read: ENOENT'],
  [['$url', '-x', file('broken.json', '{')], 'The file is not JSON'],
  [['$url', '-x', file('array.json', '[]')], 'Expected an object with "request"'],
  [['$url', '-x', file('text.json', '{"request":"POST /"}')], 'Expected an object with "request"'],
  [['$url', '-x', file('headers.json', '{"request":{"headers":"a: b"}}')], 'Expected an object with "request"'],
  [['https://h/{a}', '-p', 'a'], 'Expected name=value.'],
  [[], "missing required argument 'text'"],
]
test.each(MISUSE)('%j is misuse', async (args, message) => {
  const { exitCode, stderr } = await run(...args)
  expect(stderr).toContain(message)
  expect(exitCode).toBe(64)
})

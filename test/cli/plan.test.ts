import { execFileSync } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { scratch } from '../support/scratch.ts'
import { type Ran, runCommand } from './run-command.ts'

const { folder, file } = scratch()

const document = file(
  'openapi.yaml',
  `
openapi: 3.1.0
info: { title: Orders, version: '1' }
paths:
  /orders:
    post:
      operationId: createOrder
      callbacks:
        accepted:
          '{$request.body#/callbackUrl}/orders/{$response.body#/id}':
            post:
              security: [{ hook-auth: [] }, { key: [] }]
              parameters: [{ name: X-Id, in: header }]
              requestBody:
                required: true
                content: { application/json: { schema: { type: object, required: [state], properties: { state: { enum: [accepted] } } } } }
              responses: { '204': { description: ok } }
        shipped:
          '{$request.body#/shippedUrl}': { post: { responses: { '204': { description: ok } } } }
  /broken:
    post:
      callbacks:
        broken:
          '{request.body#/callbackUrl}': { post: { responses: { '204': { description: ok } } } }
        fine:
          '{$request.body#/callbackUrl}': { post: { responses: { '204': { description: ok } } } }
  /relative:
    post: { callbacks: { r: { '{$request.body#/name}': { post: { responses: {} } } } } }
  /none:
    post: { responses: {} }
  /text:
    post: { callbacks: { t: { '{$request.body#/callbackUrl}': { put: { requestBody: { content: { '*/*': {} } } } } } } }
components: { securitySchemes: { hook-auth: { type: http, scheme: bearer }, key: { type: apiKey, in: header, name: X-Key } } }
`,
)
const exchangeOf = (callbackUrl: string, response = true): string =>
  JSON.stringify({
    request: { method: 'POST', url: 'https://api.example/orders', headers: {}, body: { callbackUrl, name: 'x' } },
    ...(response ? { response: { status: 201, headers: {}, body: { id: 7 } } } : {}),
  })
const exchange = file('exchange.json', exchangeOf('https://client.example/cb'))
const early = file('early.json', exchangeOf('https://client.example/cb', false))
const withoutCallbacks = file('without.json', '{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{"/x":{"get":{}}}}')
const hostile = file(
  'hostile.json',
  '{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{"/\\u001b[31m":{"post":{"callbacks":{"c":{"{$request.body}":{"post":{}}}}}}}}',
)
const body = file('body.json', '{"state":"accepted"}')

const run = (...args: string[]): Promise<Ran> => runCommand(['plan', ...args])

describe('a plan', () => {
  test('shows what would be sent, and why the rest would not', async () => {
    expect(
      await run(document, '--operation', 'createOrder', '--exchange', exchange, '--body', body, '--parameter', 'x-id=1'),
    ).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: `accepted  POST {$request.body#/callbackUrl}/orders/{$response.body#/id}
  {$request.body#/callbackUrl} = "https://client.example/cb"  the member "callbackUrl" of the request body
  {$response.body#/id} = 7  the member "id" of the response body
  → https://client.example/cb/orders/7

    POST https://client.example/cb/orders/7
    content-type: application/json
    X-Id: 1
    (with the credential hook-auth, bearer)

    {"state":"accepted"}

shipped  POST {$request.body#/shippedUrl}
  {$request.body#/shippedUrl} no value: There is no member "shippedUrl" (reference token 1 of the pointer into the request body).  the member "shippedUrl" of the request body
  not sent (absent): There is no member "shippedUrl" (reference token 1 of the pointer into the request body).
`,
    })
  })

  test('as JSON is an array', async () => {
    const { stdout } = await run(document, '--operation', 'POST /orders', '--exchange', exchange, '--example', '--json')
    expect(JSON.parse(stdout)).toEqual([
      {
        operation: 'createOrder',
        callback: 'accepted',
        expression: '{$request.body#/callbackUrl}/orders/{$response.body#/id}',
        method: 'POST',
        target: { ok: true, url: 'https://client.example/cb/orders/7' },
        request: {
          id: expect.stringMatching(/^cb_[\w-]{32}$/),
          method: 'POST',
          url: 'https://client.example/cb/orders/7',
          headers: { 'content-type': 'application/json' },
          body: '{"state":"accepted"}',
          metadata: expect.objectContaining({ credentials: [{ name: 'hook-auth', kind: 'bearer' }] }),
        },
      },
      {
        operation: 'createOrder',
        callback: 'shipped',
        expression: '{$request.body#/shippedUrl}',
        method: 'POST',
        target: {
          ok: false,
          reason: 'absent',
          message: expect.stringContaining('There is no member "shippedUrl"'),
          part: '{$request.body#/shippedUrl}',
        },
      },
    ])
  })

  test('is the same twice', async () => {
    const args = [document, '--operation', 'createOrder', '--exchange', exchange, '--example', '--json']
    expect(await run(...args)).toEqual(await run(...args))
  })

  const EXITS: [args: string[], exitCode: number, text: string][] = [
    [['--operation', 'createOrder', '--exchange', early], 0, 'not sent (needs-response): The key reads the response'],
    [
      ['--operation', 'createOrder', '--exchange', exchange],
      0,
      'Give one with --body, or take that of the document with --example.',
    ],
    [['--operation', 'createOrder', '--exchange', exchange, '--callback', 'shipped'], 0, 'not sent (absent)'],
    [['--operation', 'POST /none', '--exchange', exchange], 0, 'POST /none has no callbacks'],
    [['--operation', 'POST /broken', '--exchange', exchange], 1, 'Did you mean "{$request.body#/callbackUrl}"?'],
    [['--operation', 'POST /broken', '--exchange', exchange, '--callback', 'fine'], 0, '→ https://client.example/cb'],
    [['--operation', 'POST /broken', '--exchange', exchange, '--repair'], 0, '→ https://client.example/cb'],
    [['--operation', 'POST /relative', '--exchange', exchange], 1, 'not sent (not-absolute)'],
    [
      ['--operation', 'createOrder', '--exchange', exchange, '--callback', 'accepted', '--body', exchange],
      1,
      'no request (body-invalid)',
    ],
  ]
  test.each(EXITS)('%j exits with %i', async (args, exitCode, text) => {
    const result = await run(document, ...args)
    expect(result.stdout).toContain(text)
    expect(result.exitCode).toBe(exitCode)
  })

  const WRONG: [args: string[], exitCode: number, text: string][] = [
    [[join(folder, 'gone.yaml'), '--operation', 'x', '--exchange', exchange], 2, 'ERR_DOCUMENT_UNREADABLE'],
    [[body, '--operation', 'x', '--exchange', exchange], 2, 'expected a field "openapi"'],
    [[document, '--operation', 'createOrdr', '--exchange', exchange], 64, 'Did you mean "createOrder"?'],
    [
      [document, '--operation', 'createOrdr', '--exchange', exchange],
      64,
      'Operations with callbacks: createOrder, POST /broken, POST /relative, POST /text.',
    ],
    [
      [document, '--operation', 'createOrder', '--exchange', exchange, '--callback', 'x'],
      64,
      'has no callback "x". Its callbacks: accepted, shipped.',
    ],
    [
      [document, '--operation', 'POST /none', '--exchange', exchange, '--callback', 'x'],
      64,
      'has no callback "x". Operations with callbacks: createOrder,',
    ],
    [[withoutCallbacks, '--operation', 'x', '--exchange', exchange], 64, 'The description has no callbacks.'],
    [[hostile, '--operation', 'x', '--exchange', exchange], 64, 'Operations with callbacks: POST /\\u001b[31m'],
    [
      [document, '--operation', 'createOrder', '--exchange', exchange, '--parameter', 'x=1'],
      64,
      'no callback declares the parameter "x"',
    ],
    [[document, '--operation', 'createOrder'], 64, "required option '-x, --exchange <file>'"],
    [[document, '--exchange', exchange], 64, "required option '-o, --operation <name>'"],
    [[document, '--operation', 'createOrder', '--exchange', document], 64, 'The file is not JSON'],
    [[document, '--operation', 'createOrder', '--exchange', exchange, '--body', body, '--example'], 64, 'cannot be used with'],
    [
      [document, '--operation', 'createOrder', '--exchange', exchange, '--body', join(folder, 'gone')],
      64,
      'The file cannot be read',
    ],
  ]
  test.each(WRONG)('%j exits with %i', async (args, exitCode, text) => {
    const result = await run(...args)
    expect(result.stderr).toContain(text)
    expect(result).toMatchObject({ exitCode, stdout: '' })
  })

  test('of what a terminal would obey shows it as text', async () => {
    const evil = file(
      'evil.json',
      JSON.stringify({ request: { body: { callbackUrl: '\u001b[31mhttps://x\n', name: '\u0007' } } }),
    )
    for (const operation of ['createOrder', 'POST /relative']) {
      for (const how of [[], ['--curl']]) {
        const { stdout } = await run(document, '--operation', operation, '--exchange', evil, ...how)
        expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
      }
    }
  })
})

describe('--curl', () => {
  // The command is run by a real shell against a real server.
  const sh = process.platform === 'win32' || !hasCurl() ? test.skip : test
  const CONTENTS: (string | Uint8Array)[] = [
    'it\'s $HOME `id` "x" \\ é @/etc/passwd',
    '@/etc/passwd',
    new Uint8Array([0, 255, 10, 39]),
  ]
  sh.each(CONTENTS)('sends the same request: %o', async (content) => {
    const received: { method?: string | undefined; url?: string | undefined; body: Buffer }[] = []
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      received.push({ method: request.method, url: request.url, body: Buffer.concat(chunks) })
      response.end()
    })
    await promisify(server.listen.bind(server) as (port: number, host: string, done: () => void) => void)(0, '127.0.0.1')
    try {
      const { port } = server.address() as AddressInfo
      const to = file('to.json', exchangeOf(`http://127.0.0.1:${port}/a[1]{b}'$(id)`))
      const sent = file('sent', content)
      const { stdout, exitCode } = await run(document, '--operation', 'POST /text', '--exchange', to, '--body', sent, '--curl')
      expect(exitCode).toBe(0)
      const { exec } = await import('node:child_process')
      await promisify(exec)(stdout.trim().replace('curl ', 'curl --silent --noproxy "*" '))
      expect(received).toEqual([{ method: 'PUT', url: expect.stringMatching(/^\/a(\[1\]|%5B1%5D)/), body: Buffer.from(content) }])
    } finally {
      server.close()
    }
  })

  test('names credentials as variables', async () => {
    const { stdout } = await run(document, '--operation', 'createOrder', '--exchange', exchange, '--example', '--curl')
    expect(stdout).toBe(
      `curl --globoff --request 'POST' --header 'content-type: application/json' --header "Authorization: Bearer $HOOK_AUTH" --data-raw '{"state":"accepted"}' 'https://client.example/cb/orders/7'\n` +
        '# shipped: There is no member "shippedUrl" (reference token 1 of the pointer into the request body).\n',
    )
  })
})

function hasCurl(): boolean {
  try {
    execFileSync('curl', ['--version'])
    return true
  } catch {
    return false
  }
}

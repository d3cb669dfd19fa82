import { createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runCommandLine } from '../../src/cli/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringback-listen-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

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
        onDone:
          '{$request.body#/callbackUrl}/done':
            post:
              operationId: orderDone
              requestBody: { required: true, content: { application/json: { schema: { type: object, required: [state] } } } }
              responses: { '202': { description: ok }, '400': { description: bad } }
`,
)
const schema = file('schema.json', '{"type":"object","required":["ok"]}')

interface Running {
  /** The URL of the endpoint, from the first line. */
  readonly url: Promise<string>
  readonly exitCode: Promise<number>
  readonly out: { stdout: string; stderr: string }
}

function listen(...args: string[]): Running {
  const out = { stdout: '', stderr: '' }
  let told: (url: string) => void = () => {}
  const url = new Promise<string>((resolve) => {
    told = resolve
  })
  const terminal = {
    stdout(text: string) {
      out.stdout += text
      const [first = ''] = out.stdout.split('\n')
      told(first.startsWith('{') ? JSON.parse(first).url : first)
    },
    stderr: (text: string) => (out.stderr += text),
  }
  return { url, exitCode: runCommandLine(['listen', ...args], terminal), out }
}

const post = (
  url: string,
  body: string,
  headers: Record<string, string> = { 'content-type': 'application/json' },
): Promise<Response> => fetch(url, { method: 'POST', body, headers })

const linesOf = ({ out }: Running): Record<string, unknown>[] =>
  out.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

test('O-69 exits with 0 when the call came, and printed the URL first', async () => {
  const run = listen('--count', '1', '--timeout', '10s')
  const url = await run.url
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callbacks\/[\w-]{22}\.[\w-]{43}$/)
  expect((await post(`${url}?a=1`, '{"x":"\\u001b[2J"}')).status).toBe(200)
  expect(await run.exitCode).toBe(0)
  expect(run.out.stdout.split('\n')[1]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} POST \?a=1 received application\/json, 17 bytes$/)
  expect(run.out.stdout).not.toContain('\u001b[2J')
  expect(run.out.stderr).toBe('')
})

test('O-69 exits with 2 when none came in time', async () => {
  const run = listen('--count', '1', '--timeout', '30ms')
  expect(await run.exitCode).toBe(2)
  expect(await listen('--timeout', '30ms').exitCode).toBe(2)
})

test('O-69 exits with 3 when a request breaks the description; --json prints one object a line', async () => {
  const run = listen(
    '--openapi',
    document,
    '-o',
    'createOrder',
    '--callback',
    'onDone',
    '--count',
    '3',
    '--timeout',
    '10s',
    '--json',
  )
  const url = await run.url
  const answers = [
    await post(`${url}/done`, '{"state":"ok"}', { 'content-type': 'application/json', authorization: 'Bearer sesame' }),
    await post(`${url}/done`, '{}'),
    await post(url, '{}'),
  ]
  expect(answers.map(({ status }) => status)).toEqual([202, 400, 404])
  expect(await run.exitCode).toBe(3)
  expect(linesOf(run)).toMatchObject([
    { type: 'listening', url },
    {
      type: 'call',
      seq: 1,
      method: 'POST',
      subPath: '/done',
      body: { state: 'ok' },
      operation: { operationId: 'orderDone' },
      validation: { ok: true },
    },
    { type: 'rejected', status: 400, code: 'schema', detail: "body must have required property 'state'" },
    { type: 'rejected', status: 404, code: 'sub-path' },
  ])
  expect(run.out.stdout).not.toContain('sesame')
  expect(run.out.stdout.split(url).length).toBe(2)
})

test('a schema alone, and another method', async () => {
  const run = listen('--schema', schema, '--method', 'put,patch', '--count', '2', '--timeout', '10s')
  const url = await run.url
  const headers = { 'content-type': 'application/json' }
  expect((await fetch(url, { method: 'PATCH', body: '{"ok":1}', headers })).status).toBe(200)
  expect((await fetch(url, { method: 'PUT', body: '{}', headers })).status).toBe(422)
  expect(await run.exitCode).toBe(3)
  expect(run.out.stdout).toMatch(/PATCH {1,2}fits/)
  expect(run.out.stdout).toMatch(/PUT 422 schema body must have required property 'ok'/)
})

test('--respond answers in turn; an error does not count, and the retry is a call', async () => {
  const har = join(folder, 'calls.har')
  const run = listen('--respond', '503:2,201', '--count', '1', '--timeout', '10s', '--har', har)
  const url = await run.url
  const headers = { 'content-type': 'application/json', 'webhook-id': 'a', cookie: 'sesame' }
  const answers = [await post(url, '{}', headers), await post(url, '{}', headers), await post(url, '{}', headers)]
  expect(answers.map(({ status }) => status)).toEqual([503, 503, 201])
  expect(await run.exitCode).toBe(0)
  expect(run.out.stdout.match(/answered 503/g)).toHaveLength(2)
  const archive = readFileSync(har, 'utf8')
  expect(JSON.parse(archive).log).toMatchObject({
    version: '1.2',
    entries: [{ request: { method: 'POST' }, response: { status: 201 } }],
  })
  expect(archive).not.toContain('sesame')
  expect(archive).not.toContain(url.slice(url.lastIndexOf('.')))
})

test('O-70 --forward passes method, path, query, headers and exact bytes on, and gives the answer back', async () => {
  const seen: { method?: string; url?: string; headers: IncomingMessage['headers']; body: Buffer }[] = []
  const target = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method = '', url = '', headers } = request
    seen.push({ method, url, headers, body: Buffer.concat(chunks) })
    response.writeHead(seen.length === 1 ? 500 : 201, { 'x-target': 'yes', 'content-type': 'text/plain' }).end('from the target')
  })
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = target.address() as AddressInfo
    const run = listen('--forward', `http://127.0.0.1:${port}/base/?k=1`, '--count', '2', '--timeout', '10s', '--json')
    const url = await run.url
    const body = '{ "n": 1.0 }\n'
    const signature = createHmac('sha256', 'key').update(body).digest('hex')
    const headers = { 'content-type': 'application/json', 'x-signature': signature, 'webhook-id': 'm1' }
    const answers = [await post(`${url}?a=b%20c`, body, headers), await post(url, body, headers)]
    expect(await Promise.all(answers.map(async (one) => [one.status, one.headers.get('x-target'), await one.text()]))).toEqual([
      [500, 'yes', 'from the target'],
      [201, 'yes', 'from the target'],
    ])
    expect(await run.exitCode).toBe(0)
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/base?k=1&a=b+c',
      headers: { 'x-signature': signature, host: `127.0.0.1:${port}` },
    })
    expect(
      createHmac('sha256', 'key')
        .update(seen[0]?.body ?? '')
        .digest('hex'),
    ).toBe(signature)
  } finally {
    target.close()
  }
})

test('O-70 a target that is not there is a 502 that says so', async () => {
  const run = listen('--forward', 'http://127.0.0.1:1/', '--count', '1', '--timeout', '10s')
  const answer = await post(await run.url, '{}')
  expect([answer.status, await answer.json()]).toMatchObject([502, { title: 'The call could not be forwarded' }])
  expect(await run.exitCode).toBe(0)
})

test('--public-url is what senders see', async () => {
  const run = listen('--public-url', 'https://hooks.example.org/in', '--timeout', '30ms')
  expect(await run.url).toMatch(/^https:\/\/hooks\.example\.org\/in\/callbacks\/[\w-]+\.[\w-]+$/)
  await run.exitCode
})

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends it, with what there is', async (signal) => {
  const listeners = process.listenerCount(signal)
  const run = listen()
  await run.url
  process.emit(signal)
  expect(await run.exitCode).toBe(0)
  const counting = listen('--count', '1')
  await counting.url
  process.emit(signal)
  expect(await counting.exitCode).toBe(2)
  expect(process.listenerCount(signal)).toBe(listeners)
})

const MISUSE: [args: string[], message: string][] = [
  [['--count', '0'], 'whole number from 1 on'],
  [['--timeout', '60'], 'time with its unit'],
  [['--respond', '99'], 'Expected statuses'],
  [['--respond', '200', '--forward', 'http://a.example'], 'cannot be used with'],
  [['--forward', 'ftp://a.example'], 'absolute http or https URL'],
  [['--schema', join(folder, 'none.json')], 'file with a JSON Schema'],
  [['--method', 'FETCH'], 'Expected method to be one or more of'],
  [['--port', '70000'], 'port from 0 to 65535'],
  [['--operation', 'createOrder'], '--operation and --callback need --openapi'],
  [['--openapi', document], '--openapi needs --operation'],
  [['--openapi', document, '--operation', 'createOrders'], 'Did you mean "createOrder"?'],
  [['--openapi', document, '--operation', 'createOrder', '--callback', 'x'], 'onDone'],
]
test.each(MISUSE)('%j is misuse: 64', async (args, message) => {
  const run = listen(...args)
  expect(await run.exitCode).toBe(64)
  expect(run.out.stderr).toContain(message)
  expect(run.out.stdout).toBe('')
})

test('a document that cannot be read, and a port that is taken', async () => {
  expect(await listen('--openapi', join(folder, 'none.yaml'), '-o', 'a').exitCode).toBe(1)
  const first = listen('--count', '1')
  const { port } = new URL(await first.url)
  const second = listen('--port', port)
  expect([await second.exitCode, second.out.stdout]).toEqual([1, ''])
  expect(second.out.stderr).toContain(`cannot listen on 127.0.0.1:${port}`)
  await post(await first.url, '{}')
  expect(await first.exitCode).toBe(0)
})

test('every refusal is told, also when more came than are kept', async () => {
  const run = listen('--json', '--count', '1100', '--timeout', '20s')
  const url = await run.url
  for (let i = 0; i < 11; i++) await Promise.all(Array.from({ length: 100 }, () => fetch(url, { method: 'PUT' })))
  expect(await run.exitCode).toBe(3)
  expect(linesOf(run).filter(({ type }) => type === 'rejected')).toHaveLength(1100)
})

import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { runCommandLine } from '../../src/cli/index.ts'
import { buildScript, killHard, sourceFile } from '../support/child.ts'
import { scratch } from '../support/scratch.ts'

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
        onDone:
          '{$request.body#/callbackUrl}/done':
            post:
              operationId: orderDone
              requestBody: { required: true, content: { application/json: { schema: { type: object, required: [state] } } } }
              responses: { '202': { description: ok }, '400': { description: bad } }
`,
)
const brokenSchema = file('broken.json', '{"type":"objekt"}')
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
    const query = '?a=b%20c&flag&sig=a~b*&plus=1+2'
    const answers = [await post(`${url}/sub${query}`, body, headers), await post(url, body, headers)]
    expect(await Promise.all(answers.map(async (one) => [one.status, one.headers.get('x-target'), await one.text()]))).toEqual([
      [500, 'yes', 'from the target'],
      [201, 'yes', 'from the target'],
    ])
    expect(await run.exitCode).toBe(0)
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/base/sub?k=1&a=b%20c&flag&sig=a~b*&plus=1+2',
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

test('--forward: nobody gets out of the path of the target', async () => {
  const seen: string[] = []
  const target = createServer((request, response) => {
    seen.push(request.url ?? '')
    response.end()
  })
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = target.address() as AddressInfo
    const run = listen('--forward', `http://127.0.0.1:${port}/hooks/mine`, '--count', '3', '--timeout', '20s')
    const { hostname, port: own, pathname } = new URL(await run.url)
    // Not fetch, which folds dot segments before it sends them.
    const send = (tail: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const sent = request({ host: hostname, port: own, path: pathname + tail, method: 'POST', agent: false }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode))
        })
        sent.on('error', reject).end()
      })
    const OUT = ['/../x', '/..', '/.', '/a/./b', '/%2e%2e/%2E%2e/admin/delete', '/.%2e/x', '/%252e%252e/x', '/a/..;v=1/x']
    const ODD = ['/..\\..\\admin', '/a\\..\\..\\..\\admin', '/..%2f..%2fadmin', '/..%5c..%5cadmin', '/.%09./x', '/..%3b/x']
    for (const tail of [...OUT, ...ODD]) expect([tail, await send(tail)]).toEqual([tail, 404])
    for (const tail of ['//evil', '/a..b/...', '/.well-known/x']) expect([tail, await send(tail)]).toEqual([tail, 200])
    expect(await run.exitCode).toBe(0)
    expect(seen).toEqual(['/hooks/mine//evil', '/hooks/mine/a..b/...', '/hooks/mine/.well-known/x'])
  } finally {
    target.close()
  }
})

test.each([
  ['gzip', gzipSync('{"n":1}')],
  ['gzip', Buffer.from('no gzip')],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0])],
])('O-70 --forward passes a body in %s on as it came', async (coding, sent) => {
  const seen: { coding: string | undefined; body: Buffer }[] = []
  const target = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    seen.push({ coding: request.headers['content-encoding'], body: Buffer.concat(chunks) })
    response.writeHead(202).end()
  })
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = target.address() as AddressInfo
    const run = listen('--forward', `http://127.0.0.1:${port}/`, '--count', '1', '--timeout', '10s')
    const headers = { 'content-type': 'application/json', 'content-encoding': coding }
    expect((await fetch(await run.url, { method: 'POST', headers, body: new Uint8Array(sent) })).status).toBe(202)
    expect(await run.exitCode).toBe(0)
    expect(seen).toEqual([{ coding, body: sent }])
  } finally {
    target.close()
  }
})

test('a gzip body is shown and checked as what it is', async () => {
  const run = listen('--schema', schema, '--count', '2', '--timeout', '10s')
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
  const send = async (body: string): Promise<number> =>
    (await fetch(await run.url, { method: 'POST', headers, body: new Uint8Array(gzipSync(body)) })).status
  expect([await send('{"ok":1}'), await send('{}')]).toEqual([200, 422])
  expect(await run.exitCode).toBe(3)
  expect(run.out.stdout).toContain('{"ok":1}')
})

test('O-70 a target that is not there is a 502 that says so', async () => {
  const run = listen('--forward', 'http://127.0.0.1:1/', '--count', '1', '--timeout', '10s')
  const answer = await post(await run.url, '{}')
  expect([answer.status, await answer.json()]).toMatchObject([502, { title: 'The call could not be forwarded' }])
  expect(await run.exitCode).toBe(0)
  expect(run.out.stderr).toMatch(/^error: a call was not forwarded: .+\n$/)
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
  [['--forward', 'http://ann:sesame@a.example/'], 'URL without user and password'],
  [['--schema', join(folder, 'none.json')], 'file with a JSON Schema'],
  [['--method', 'FETCH'], 'Expected method to be one or more of'],
  [['--port', '70000'], 'port from 0 to 65535'],
  [['--public-url', 'https://h.example/x?y=1'], 'without user, query and fragment'],
  [['--host', 'no host'], 'baseUrl'],
  [['--har', join(folder, 'none', 'x.har')], 'no such file or directory'],
  [['--schema', brokenSchema], 'schema'],
  [['--openapi', join(folder, 'none.yaml'), '-o', 'a'], 'none.yaml'],
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

test('--har leaves no file where nothing could be received', async () => {
  const har = join(folder, 'untouched.har')
  const first = listen('--count', '1')
  const { port } = new URL(await first.url)
  const RUNS = [
    ['--schema', brokenSchema],
    ['--method', 'FETCH'],
    ['--openapi', document],
    ['--host', 'no host'],
    ['--port', port],
  ]
  for (const args of RUNS) expect(await listen('--har', har, ...args).exitCode).not.toBe(0)
  expect(existsSync(har)).toBe(false)
  await post(await first.url, '{}')
  expect(await first.exitCode).toBe(0)
})

test('--har: a folder that is gone, or a disk that is full, is no bug of ours', async () => {
  const gone = mkdtempSync(join(folder, 'gone-'))
  for (const har of [join(gone, 'calls.har'), ...(existsSync('/dev/full') ? ['/dev/full'] : [])]) {
    const run = listen('--count', '1', '--har', har)
    const url = await run.url
    rmSync(gone, { recursive: true, force: true })
    await post(url, '{}')
    expect([har, await run.exitCode]).toEqual([har, 1])
    expect(run.out.stderr).toContain(`error: the calls came, but cannot be written to ${har}: `)
  }
})

test('a port that is taken', async () => {
  const first = listen('--count', '1')
  const { port } = new URL(await first.url)
  const second = listen('--port', port)
  expect([await second.exitCode, second.out.stdout]).toEqual([1, ''])
  expect(second.out.stderr).toContain(`cannot listen on 127.0.0.1:${port}`)
  await post(await first.url, '{}')
  expect(await first.exitCode).toBe(0)
})

test('every refusal is told, also when more came than are kept', async () => {
  const run = listen('--schema', schema, '--json', '--count', '1100', '--timeout', '60s')
  const url = await run.url
  for (let i = 0; i < 11; i++) await Promise.all(Array.from({ length: 100 }, () => post(url, '{}')))
  expect(await run.exitCode).toBe(3)
  expect(linesOf(run).filter(({ type }) => type === 'rejected')).toHaveLength(1100)
}, 60_000)

test('without a description or a schema there is nothing to break: other methods and paths are told, and do not count', async () => {
  const run = listen('--count', '1', '--timeout', '10s')
  const url = await run.url
  expect([(await fetch(url)).status, (await fetch(`${url}/favicon.ico`)).status]).toEqual([405, 404])
  expect((await post(url, '{}')).status).toBe(200)
  expect(await run.exitCode).toBe(0)
  expect(run.out.stdout).toMatch(/GET 405 method/)
})

test('with a schema alone a browser that looks breaks nothing', async () => {
  const run = listen('--schema', schema, '--count', '1', '--timeout', '10s')
  const url = await run.url
  expect((await fetch(url)).status).toBe(405)
  expect((await post(url, '{"ok":1}')).status).toBe(200)
  expect(await run.exitCode).toBe(0)
})

test('--respond with an error alone never counts, and the retry is never a replay', async () => {
  const run = listen('--respond', '503', '--count', '1', '--timeout', '2s')
  const url = await run.url
  const headers = { 'content-type': 'application/json', 'webhook-id': 'a' }
  for (let i = 0; i < 3; i++) {
    const answer = await post(url, '{}', headers)
    expect([answer.status, answer.headers.get('idempotency-replayed')]).toEqual([503, null])
  }
  expect(await run.exitCode).toBe(2)
  expect(run.out.stdout.match(/answered 503/g)).toHaveLength(3)
})

test('--respond that has an end goes on with 200', async () => {
  const run = listen('--respond', '503:1', '--count', '1', '--timeout', '10s')
  const url = await run.url
  expect([(await post(url, '{}')).status, (await post(url, '{}')).status]).toEqual([503, 200])
  expect(await run.exitCode).toBe(0)
})

test.each([[], ['--json']])('a body that is nested too deep to show does not end it %j', async (...flags) => {
  const har = join(folder, `deep${flags.length}.har`)
  const run = listen('--count', '2', '--timeout', '10s', '--har', har, ...flags)
  const url = await run.url
  const deep = '['.repeat(100_000) + ']'.repeat(100_000)
  expect([(await post(url, deep)).status, (await post(url, '{"after":1}')).status]).toEqual([200, 200])
  expect(await run.exitCode).toBe(0)
  expect(run.out.stderr).toBe('')
  expect(run.out.stdout).toContain('"after":1')
  if (flags.length === 0) expect(run.out.stdout).toContain('nested too deep to show')
  else expect(linesOf(run)[1]).toMatchObject({ bodyKind: 'json', bodyBase64: Buffer.from(deep).toString('base64') })
  expect(JSON.parse(readFileSync(har, 'utf8')).log.entries[0].request.postData.text).toBe(deep)
})

test('--har has every call, also when they were more than the store keeps', async () => {
  const har = join(folder, 'many.har')
  const run = listen('--count', '1200', '--timeout', '60s', '--har', har)
  const url = await run.url
  for (let i = 0; i < 12; i++) await Promise.all(Array.from({ length: 100 }, (_, n) => post(url, String(i * 100 + n))))
  expect(await run.exitCode).toBe(0)
  const { entries } = JSON.parse(readFileSync(har, 'utf8')).log as { entries: { request: { postData: { text: string } } }[] }
  const bodies = entries.map(({ request }) => Number(request.postData.text)).sort((a, b) => a - b)
  expect(bodies).toEqual(Array.from({ length: 1200 }, (_, n) => n))
}, 60_000)

test('the token is in no field of what --json and --har show, and no credential of a query', async () => {
  const har = join(folder, 'proxied.har')
  const run = listen('--json', '--count', '1', '--timeout', '10s', '--har', har)
  const url = await run.url
  const headers = { 'x-original-url': url, 'x-forwarded-uri': new URL(url).pathname, referer: url }
  await post(`${url}?api_key=sesame&a=1`, '{}', headers)
  expect(await run.exitCode).toBe(0)
  const shown = run.out.stdout.split('\n').slice(1).join('\n') + readFileSync(har, 'utf8')
  expect(shown.includes(url.slice(url.lastIndexOf('.')))).toBe(false)
  expect(shown).not.toContain('sesame')
  expect(linesOf(run)[1]).toMatchObject({
    query: [
      ['api_key', 'REDACTED'],
      ['a', '1'],
    ],
  })
  const pretty = listen('--count', '1', '--timeout', '10s')
  await post(`${await pretty.url}?api_key=sesame&a=1`, '{}')
  await pretty.exitCode
  expect(pretty.out.stdout).toContain('?api_key=REDACTED&a=1 ')
})

test.each([
  [[], '{"ok":1}', 0],
  [['--schema', schema], '{}', 3],
] as const)(
  'a script that reads the URL and closes the pipe changes nothing but the output %j',
  async (flags, second, exitCode) => {
    const script = await buildScript(`await import(${sourceFile('cli/main.ts')})`)
    const har = join(folder, `closed${exitCode}.har`)
    const args = [script.path, 'listen', '--count', '3', '--timeout', '60s', '--har', har, ...flags]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    try {
      const errors: Buffer[] = []
      child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
      const ended = once(child, 'exit')
      const [first] = (await once(child.stdout, 'data')) as [Buffer]
      const url = first.toString('utf8').trim()
      child.stdout.destroy()
      const statuses: number[] = []
      for (const body of ['{"ok":0}', second, '{"ok":2}']) statuses.push((await post(url, body)).status)
      expect(statuses).toEqual([200, exitCode === 0 ? 200 : 422, 200])
      expect(await ended).toEqual([exitCode, null])
      expect(Buffer.concat(errors).toString('utf8')).toBe('')
      expect(JSON.parse(readFileSync(har, 'utf8')).log.entries).toHaveLength(exitCode === 0 ? 3 : 2)
    } finally {
      await killHard(child)
      script.remove()
    }
  },
  60_000,
)

import { createSecretKey } from 'node:crypto'
import {
  type CredentialsFor,
  createDispatcher,
  type Dispatcher,
  type DispatcherOptions,
  httpMessageSignatures,
  publicInternet,
  retrySchedule,
} from 'ringback/dispatcher'
import { createTestDispatcher } from 'ringback/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { manualClock } from '../support/manual-clock.ts'
import { answered, callbackRequest, fakeTransport, testReceiver } from './support.ts'

const url = 'https://a.example/cb?x=1#f'
const secret = 's3cret/value+'
const running: Dispatcher[] = []
afterEach(async () => {
  for (const dispatcher of running.splice(0)) await dispatcher.stop({ drainMs: 0 })
})

function dispatcherWith(options: DispatcherOptions): Dispatcher {
  const dispatcher = createDispatcher({ clock: manualClock(), ...options })
  running.push(dispatcher)
  return dispatcher
}

const requestWith = (credentials: unknown, target = url, headers = {}) =>
  callbackRequest('a', target, { headers, metadata: { credentials } })

const USES: [name: string, use: object, credential: Awaited<ReturnType<CredentialsFor>>, expected: object][] = [
  ['bearer', { kind: 'bearer' }, secret, { headers: { authorization: `Bearer ${secret}` } }],
  ['basic, as a text', { kind: 'basic' }, 'dTpw', { headers: { authorization: 'Basic dTpw' } }],
  ['basic, with a name', { kind: 'basic' }, { username: 'u', password: 'p:ü' }, { headers: { authorization: 'Basic dTpwOsO8' } }],
  ['another scheme', { kind: 'http', scheme: 'hoba' }, 'result="x"', { headers: { authorization: 'hoba result="x"' } }],
  ['a header', { kind: 'apiKey', in: 'header', field: 'X-Key' }, secret, { headers: { 'x-key': secret } }],
  ['a cookie', { kind: 'apiKey', in: 'cookie', field: 'sid' }, 'abcd', { headers: { cookie: 'own=1; sid=abcd' } }],
  [
    'the query',
    { kind: 'apiKey', in: 'query', field: 'k&y' },
    secret,
    { url: 'https://a.example/cb?x=1&k%26y=s3cret%2Fvalue%2B#f' },
  ],
]

test.each(USES)('%s', async (_name, use, credential, expected) => {
  const transport = fakeTransport()
  const asked: unknown[] = []
  const credentials: CredentialsFor = async (name, { refresh }) => {
    asked.push([name, refresh])
    return credential
  }
  const dispatcher = dispatcherWith({ transport, credentials })
  await dispatcher.enqueue(requestWith([{ name: 'scheme', ...use }], url, { Cookie: 'own=1' }))
  await dispatcher.runDue()
  expect(transport.sent).toMatchObject([expected])
  expect(asked).toEqual([['scheme', false]])
})

test('is asked before every attempt, and the first 401 asks for fresh ones, once', async () => {
  const clock = manualClock()
  const asked: boolean[] = []
  const tokens: unknown[] = []
  const answers = [401, 500, 401, 401, 401, 200]
  const transport = fakeTransport(({ headers }) => {
    tokens.push(headers.authorization)
    return answered(answers[tokens.length - 1] ?? 0)
  })
  const credentials: CredentialsFor = (_name, { refresh }) => {
    asked.push(refresh)
    return `t${asked.length}`
  }
  const dispatcher = dispatcherWith({ transport, clock, credentials, retry: retrySchedule([0, 1, 1, 1], { jitter: 0 }) })
  await dispatcher.enqueue(requestWith([{ name: 'n', kind: 'bearer' }]))
  for (let i = 0; i < 3; i++) {
    await dispatcher.runDue()
    await clock.advance(1)
  }
  expect(asked).toEqual([false, true, false, true, false, true])
  expect(tokens).toEqual(['t1', 't2', 't3', 't4', 't5', 't6'].map((token) => `Bearer ${token}`))
  const record = await dispatcher.get('a')
  expect(record?.attempts.map(({ outcome }) => outcome.kind === 'response' && outcome.status)).toEqual([500, 401, 200])
  expect(record?.delivery.state).toBe('delivered')
})

test('without credentials a 401 is sent once', async () => {
  const transport = fakeTransport(() => answered(401))
  const dispatcher = dispatcherWith({ transport, credentials: () => secret })
  await dispatcher.enqueue(callbackRequest('a', url))
  await dispatcher.runDue()
  expect(transport.sent).toHaveLength(1)
})

test('a signature covers the URL with its key, as it is sent', async () => {
  const key = { keyid: 'k', alg: 'hmac-sha256', key: createSecretKey(Buffer.alloc(32, 1)) } as const
  const signer = httpMessageSignatures({ keys: [key] })
  const clock = manualClock()
  const transport = fakeTransport()
  const dispatcher = dispatcherWith({ transport, clock, signer, credentials: () => secret })
  await dispatcher.enqueue(requestWith([{ name: 'n', kind: 'apiKey', in: 'query', field: 'key' }]))
  await dispatcher.runDue()
  const [sent] = transport.sent
  if (sent?.body === undefined) throw new Error('Expected a request.')
  const received = { method: sent.method, targetUri: sent.url, headers: sent.headers, body: sent.body }
  expect(signer.verify(received, clock.now()).ok).toBe(true)
  expect(signer.verify({ ...received, targetUri: url }, clock.now()).ok).toBe(false)
})

describe('trouble of ours: nothing is sent, nothing is counted', () => {
  test.each<[name: string, credentials: CredentialsFor]>([
    ['throws', () => Promise.reject(new Error(`no ${secret}`))],
    [
      'throws at once',
      () => {
        throw new Error(secret)
      },
    ],
  ])('%s', async (_name, credentials) => {
    const transport = fakeTransport()
    const dispatcher = dispatcherWith({ transport, credentials })
    const told: unknown[] = []
    dispatcher.on('attempt:end', (payload) => told.push(payload))
    await dispatcher.enqueue(requestWith([{ name: 'n', kind: 'bearer' }]))
    await dispatcher.runDue()
    expect(transport.sent).toEqual([])
    expect((await dispatcher.get('a'))?.delivery).toMatchObject({ state: 'pending', attempts: 0 })
    expect(told).toMatchObject([{ recorded: false, attempt: { outcome: { cause: 'local', code: 'ERR_CREDENTIALS_FAILED' } } }])
    expect(JSON.stringify(told)).not.toContain('s3cret')
  })
})

describe('an answer that is no secret: nothing is sent, and it ends with the schedule', () => {
  test.each<[name: string, credentials: CredentialsFor]>([
    ['nothing', () => undefined as unknown as string],
    ['an empty text', () => ''],
    ['a line break', () => `${secret}\r\nx: y`],
    ['user name and password for bearer', () => ({ username: 'u', password: secret })],
  ])('%s', async (_name, credentials) => {
    await using dispatcher = createTestDispatcher({ credentials })
    await dispatcher.enqueue(requestWith([{ name: 'n', kind: 'bearer' }]))
    await dispatcher.runUntilIdle()
    const stored = await dispatcher.get('a')
    expect(dispatcher.sent).toEqual([])
    expect(stored?.delivery).toMatchObject({ state: 'dead', reason: 'exhausted', attempts: 10 })
    const outcome = { kind: 'failed', code: 'ERR_CREDENTIALS_UNUSABLE', message: expect.stringContaining('the credentials "n"') }
    expect(stored?.attempts[0]).toMatchObject({ outcome, sent: 'no' })
    expect(JSON.stringify(stored)).not.toContain('s3cret')
  })

  test('one that comes later is used', async () => {
    const answers = ['', '', secret]
    await using dispatcher = createTestDispatcher({ credentials: () => answers.shift() ?? secret })
    await dispatcher.enqueue(requestWith([{ name: 'n', kind: 'bearer' }]))
    await dispatcher.runUntilIdle()
    expect((await dispatcher.get('a'))?.delivery).toMatchObject({ state: 'delivered', attempts: 3 })
  })

  test('a hook that throws for ever ends runUntilIdle, with the delivery named', async () => {
    await using dispatcher = createTestDispatcher({ credentials: () => Promise.reject(new Error('down')) })
    await dispatcher.enqueue(requestWith([{ name: 'n', kind: 'bearer' }]))
    await expect(dispatcher.runUntilIdle()).rejects.toThrow(/a is pending after 0 attempts/)
  })
})

test.each<[name: string, credentials: unknown, target: string]>([
  ['over plain HTTP', [{ name: 'n', kind: 'bearer' }], 'http://a.example/cb'],
  ['to a name that only looks local', [{ name: 'n', kind: 'bearer' }], 'http://127.0.0.1.example.com/cb'],
  ['in an unknown way', [{ name: 'n', kind: 'unknown' }], url],
  ['in a field that is none', [{ name: 'n', kind: 'apiKey', in: 'header', field: 'a b' }], url],
  ['not a list', 'bearer', url],
])('no secret goes out %s', async (_name, credentials, target) => {
  const transport = fakeTransport()
  const dispatcher = dispatcherWith({ transport, credentials: () => secret })
  await dispatcher.enqueue(requestWith(credentials, target))
  await dispatcher.runDue()
  expect(transport.sent).toEqual([])
  expect((await dispatcher.get('a'))?.delivery).toMatchObject({ state: 'dead', reason: 'refused' })
})

test('what a receiver echoes of a secret is neither stored nor told, wherever it stands', async () => {
  const encoded = encodeURIComponent(secret)
  const echo = new TextEncoder().encode(`${'x'.repeat(4090)}${secret} ☃ ${encoded}`)
  const transport = fakeTransport(() => ({
    ...answered(302),
    outcome: {
      kind: 'response',
      status: 302,
      headers: { location: `/?key=${encoded}`, server: secret },
      body: echo,
      completeness: 'complete',
    },
  }))
  const dispatcher = dispatcherWith({ transport, credentials: () => secret })
  const told: unknown[] = []
  for (const name of ['attempt:start', 'attempt:end'] as const) dispatcher.on(name, (payload) => told.push(payload))
  await dispatcher.enqueue(requestWith([{ name: 'n', kind: 'apiKey', in: 'query', field: 'key' }]))
  await dispatcher.runDue()
  const record = await dispatcher.get('a')
  const outcome = record?.attempts[0]?.outcome
  if (outcome?.kind !== 'response') throw new Error('Expected a response.')
  expect(outcome.headers).toEqual({ location: '/?key=***', server: '***' })
  expect(new TextDecoder().decode(outcome.body.subarray(4085))).toMatch(/^x{5}\*{3} /)
  expect(JSON.stringify([record, told])).not.toMatch(/s3cret/)
})

test('over a real connection, and the policy still judges the URL', async () => {
  const receiver = await testReceiver((response, n) => response.writeHead(n === 1 ? 401 : 204).end())
  const policy = publicInternet({ devLoopback: true })
  const dispatcher = createDispatcher({ policy, credentials: (_name, { refresh }) => (refresh ? 'fresh' : 'stale') })
  running.push(dispatcher)
  await dispatcher.enqueue(requestWith([{ name: 'n', kind: 'bearer' }], `${receiver.url}/cb`))
  await dispatcher.runDue()
  expect(receiver.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer stale', 'Bearer fresh'])
  expect((await dispatcher.get('a'))?.delivery).toMatchObject({ state: 'delivered', attempts: 1 })
  await receiver.close()
})

import { buildCallbackRequest, type Exchange, resolveCallbacks } from 'ringback'
import { createDispatcher, memoryStore, publicInternet } from 'ringback/dispatcher'
import { createTestReceiver, ExpectationError, type ExpectedCallback, expectCallback } from 'ringback/testing'
import { expect, test } from 'vitest'
import { exchange, streams } from './support.ts'

const target = { description: streams, operation: 'createStream', callback: 'onData' }
const post = (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } })

const missed = async (promise: Promise<unknown>): Promise<string> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ExpectationError)
  expect(error).toMatchObject({ name: 'AssertionError', code: 'ERR_EXPECTATION_FAILED' })
  return (error as Error).message
}

test('one line gives a receiver that is ready, and closes it', async () => {
  let url = ''
  {
    await using receiver = await createTestReceiver()
    const endpoint = await receiver.create()
    url = endpoint.url
    expect(url.startsWith(receiver.url)).toBe(true)
    expect((await post(url, {})).status).toBe(200)
    expect((await endpoint.next()).body).toEqual({})
  }
  await expect(fetch(url)).rejects.toThrow()
  const receiver = await createTestReceiver()
  await receiver.close()
  await receiver.close()
})

const headers = {}
const REFUSED: [name: string, answer: unknown][] = [
  ['a Response', new Response('{}', { status: 400 })],
  ['what supertest and axios give', { status: 400, headers, body: {} }],
  ['what undici gives', { statusCode: 400, headers, body: {} }],
  ['what Playwright gives', { status: () => 400, headers: () => ({}) }],
  ['an exchange', { id: 'x', request: {}, response: { status: 400 } }],
]
test.each(REFUSED)('once what sets it off is refused nobody waits: %s', async (_, answer) => {
  await using receiver = await createTestReceiver()
  // A wait of this length would be noticed.
  const text = await missed(expectCallback(receiver, { ...target, trigger: () => answer, timeout: Number.POSITIVE_INFINITY }))
  expect(text).toMatch(/^Expected the callback onData of createStream at callback [\s\S]*set it off was answered 400\.$/)
})

const OTHERS: [name: string, answer: unknown, told: boolean][] = [
  ['what may be something else', { status: 400 }, true],
  ['a good Response', new Response('{}', { status: 201 }), false],
  ['a status of another kind', { status: 'failed', headers }, false],
  ['nothing', undefined, false],
  ['null', null, false],
]
test.each(OTHERS)('the wait goes on after %s', async (_, answer, told) => {
  await using receiver = await createTestReceiver()
  const text = await missed(expectCallback(receiver, { ...target, trigger: () => answer, timeout: '50ms' }))
  expect(text).toContain('within 50ms')
  expect(text.includes('What should have set it off was answered 400.')).toBe(told)
})

test('a call that came before the refusal counts', async () => {
  await using receiver = await createTestReceiver()
  const call = await expectCallback(receiver, {
    ...target,
    async trigger(url) {
      await post(`${url}/data`, { stream: '1', value: 1 })
      return new Response('{}', { status: 402 })
    },
  })
  expect(call.subPath).toBe('/data')
})

test('the callback comes, sent by a real dispatcher', async () => {
  await using receiver = await createTestReceiver()
  const dispatcher = createDispatcher({ store: memoryStore(), policy: publicInternet({ devLoopback: true }) })
  dispatcher.start()
  const call = await expectCallback(receiver, {
    ...target,
    async trigger(callbackUrl) {
      const exchange: Exchange = {
        id: 'x1',
        request: {
          method: 'POST',
          url: 'https://api.example/streams?token=t',
          headers: { 'content-type': 'application/json' },
          path: {},
          query: { token: 't' },
          body: { callbackUrl },
        },
        response: { status: 201, headers: {}, body: { id: '1' } },
      }
      for (const resolved of resolveCallbacks(streams, 'createStream', exchange)) {
        if (resolved.callback === 'onData' && resolved.target.ok)
          await dispatcher.enqueue(buildCallbackRequest(resolved.target.value, { body: { stream: '1', value: 21.5 } }))
      }
      return exchange
    },
  })
  expect(call).toMatchObject({
    subPath: '/data',
    body: { stream: '1', value: 21.5 },
    operation: { name: 'onData' },
    validation: { ok: true },
  })
  await dispatcher.stop()
})

test('nothing came: says so', async () => {
  await using receiver = await createTestReceiver()
  const message = await missed(expectCallback(receiver, { ...target, trigger: () => {}, timeout: '30ms' }))
  expect(message).toMatch(
    /^Expected the callback onData of createStream within 30ms at callback .* which takes POST\.\nNo call was accepted\.\nNothing has come to its URL at all/,
  )
})

test('what came was refused: says what, and why', async () => {
  await using receiver = await createTestReceiver()
  const message = await missed(
    expectCallback(receiver, {
      ...target,
      timeout: '500ms',
      async trigger(url) {
        await post(`${url}/elsewhere`, {})
        await fetch(`${url}/data`, { method: 'PUT' })
      },
    }),
  )
  expect(message).toMatch(/2 requests were refused:\n {2}POST was answered 404 \(sub-path\)/)
  expect(message).toMatch(/PUT was answered 405 \(method\)/)
})

test('it came and breaks the description: fails at once, and says where', async () => {
  await using receiver = await createTestReceiver()
  const startedAt = performance.now()
  const message = await missed(
    expectCallback(receiver, {
      ...target,
      timeout: '10s',
      trigger: (url) => void post(`${url}/data`, { stream: '1', value: 'high' }),
    }),
  )
  expect(performance.now() - startedAt).toBeLessThan(5000)
  expect(message).toMatch(/One call was accepted:\n.*POST \/data for onData, which breaks the description: body \/value/)
})

test('what sets it off fails: its error is in the message, and the cause', async () => {
  await using receiver = await createTestReceiver()
  const message = await missed(
    expectCallback(receiver, { ...target, trigger: () => Promise.reject(new Error('500 from the service')) }),
  )
  expect(message).toContain('What should have set it off failed: Error: 500 from the service')
})

test('what sets it off does not end: the time is over for both, and the message says so', async () => {
  await using receiver = await createTestReceiver()
  const endless = (): Promise<never> => new Promise(() => {})
  const nothing = await missed(expectCallback(receiver, { ...target, timeout: '30ms', trigger: endless }))
  expect(nothing).toMatch(
    /within 30ms at callback .*\nNo call was accepted\.[\s\S]*\nWhat should have set it off has not ended yet\.$/,
  )
  const called = await missed(
    expectCallback(receiver, {
      ...target,
      timeout: '200ms',
      async trigger(url) {
        await post(`${url}/data`, { stream: '1', value: 1 })
        await endless()
      },
    }),
  )
  expect(called).toMatch(/One call was accepted:[\s\S]*\nWhat should have set it off has not ended yet\.$/)
})

test('what sets it off goes on, and the call breaks the description: fails at once', async () => {
  await using receiver = await createTestReceiver()
  const message = await missed(
    expectCallback(receiver, {
      ...target,
      timeout: '1h',
      async trigger(url) {
        await post(`${url}/data`, { stream: '1', value: 'high' })
        await new Promise(() => {})
      },
    }),
  )
  expect(message).toContain('which breaks the description: body /value')
})

test('an exchange that asks for calls elsewhere is told as what it is', async () => {
  await using receiver = await createTestReceiver()
  const message = await missed(expectCallback(receiver, { ...target, timeout: '1h', trigger: () => exchange }))
  expect(message).toMatch(/asks for it elsewhere: .*https:\/\/client\.example\/cb/)
})

test('misuse is told in words', async () => {
  await using receiver = await createTestReceiver()
  const trigger = (): void => {}
  const MISUSE: [options: object, message: string][] = [
    [{}, 'Expected trigger to be a function'],
    [{ trigger, timeOut: 1 }, 'did you mean "timeout"?'],
    [{ trigger, timeout: '5' }, 'Expected timeout to be'],
    [{ trigger, nowhere: 1 }, 'trigger, timeout, where, endpoint'],
    [{ trigger, endpoint: { slots: 1 } }, 'endpoint of expectCallback() to have no "slots"'],
  ]
  for (const [options, message] of MISUSE) {
    await expect(expectCallback(receiver, { ...target, ...options } as ExpectedCallback)).rejects.toThrow(message)
  }
  await expect(createTestReceiver({ prot: 1 } as object)).rejects.toThrow('did you mean "port"?')
  for (const port of [99_999, -1, 1.5, '80'])
    await expect(createTestReceiver({ port: port as number })).rejects.toThrow('Expected port to be a whole number')
})

test('calls that are not meant pass by', async () => {
  await using receiver = await createTestReceiver()
  const call = await expectCallback(receiver, {
    ...target,
    async trigger(url) {
      for (const value of [1, 2, 3]) await post(`${url}/data`, { stream: '1', value })
    },
    where: ({ body }) => (body as { value: number }).value === 3,
  })
  expect(call.body).toEqual({ stream: '1', value: 3 })
})

import { buildCallbackRequest, resolveCallbacks } from 'ringback'
import {
  assertCallbackOf,
  assertReceivedCallback,
  assertResolvesTo,
  createTestDispatcher,
  createTestReceiver,
  ExpectationError,
} from 'ringback/testing'
import { matchers } from 'ringback/vitest'
import { describe, expect, test } from 'vitest'
import { exchange, streams } from './support.ts'

expect.extend(matchers)

const wanted = { description: streams, operation: 'createStream' }
const onData = { ...wanted, callback: 'onData' }
const sent = {
  method: 'POST',
  url: 'https://client.example/cb/data',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ stream: '1', value: 1.5 }),
}
const failure = (run: () => void): string => {
  try {
    run()
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('Expected a failure.')
}

describe('toResolveTo', () => {
  test('keys and expressions', () => {
    expect('{$request.body#/callbackUrl}/data').toResolveTo('https://client.example/cb/data', exchange)
    expect('$response.body#/id').toResolveTo('17', exchange)
    expect('$request.body').toResolveTo({ callbackUrl: 'https://client.example/cb' }, exchange)
    expect('{$request.body#/callbackUrl}').not.toResolveTo('https://client.example/', exchange)
  })

  test.each([
    ['$request.body#/nothing', 'x', /Expected "\$request\.body#\/nothing" to resolve to "x" but it has no value: .*nothing/],
    ['$request.bdy', 'x', /but it cannot be parsed: Expected .* at offset 9/],
    ['$response.body#/id', 17, /to resolve to 17 but found "17"/],
    [7, 'x', /it is no text but number/],
  ])('%s is not %s', (text, expected, message) => {
    expect(failure(() => expect(text).toResolveTo(expected, exchange))).toMatch(message)
    expect(failure(() => assertResolvesTo(text, expected, exchange))).toMatch(message)
  })

  test('the opposite has a message of its own', () => {
    expect(failure(() => expect('$method').not.toResolveTo('POST', exchange))).toContain('not to resolve to "POST"')
  })
})

describe('toBeCallbackOf', () => {
  test('what is planned, and what a dispatcher sends', async () => {
    await using dispatcher = createTestDispatcher()
    for (const { callback, target } of resolveCallbacks(streams, 'createStream', { id: 'x', ...exchange })) {
      if (!target.ok || callback === 'onClosed') continue
      const request = buildCallbackRequest(target.value, { example: true })
      expect(request).toBeCallbackOf({ ...wanted, callback, exchange })
      await dispatcher.enqueue(request)
    }
    await dispatcher.runUntilIdle()
    expect(dispatcher.sent).toHaveLength(2)
    for (const request of dispatcher.sent) expect(request).toBeCallbackOf({ ...wanted, exchange })
    expect(dispatcher.sent[0]).not.toBeCallbackOf({ ...wanted, callback: 'onStatus', exchange })
  })

  const broken: [name: string, request: object, message: RegExp][] = [
    ['method', { method: 'PUT' }, /expected the method POST but found PUT/],
    ['URL', { url: 'https://client.example/cb/other' }, /is no URL that .* can lead to/],
    ['body', { body: '{"stream":"1","value":"x"}' }, /the body at \/value/],
    ['no JSON', { body: '{' }, /expected JSON but found/],
    ['no body', { body: '' }, /expected a body, which is required/],
    [
      'media type',
      { headers: { 'content-type': 'text/plain' } },
      /expected the media type application\/json but found text\/plain/,
    ],
  ]
  test.each(broken)('a wrong %s is told', (_name, change, message) => {
    const request = { ...sent, ...change }
    expect(sent).toBeCallbackOf(onData)
    expect(failure(() => expect(request).toBeCallbackOf(onData))).toMatch(message)
    expect(failure(() => assertCallbackOf(request, onData))).toMatch(
      /^Expected \S+ \S+ to be the callback onData of createStream but it is not:\n {2}onData \(POST/,
    )
  })

  test('the URL of another exchange is not this one', () => {
    const other = { ...exchange, request: { ...exchange.request, body: { callbackUrl: 'https://other.example/' } } }
    expect(failure(() => expect(sent).toBeCallbackOf({ ...onData, exchange: other }))).toContain(
      'expected the URL https://other.example//data but found https://client.example/cb/data',
    )
    const none = { ...exchange, request: { ...exchange.request, body: {} } }
    expect(failure(() => expect(sent).toBeCallbackOf({ ...onData, exchange: none }))).toContain(
      'expected no request, since the key has no URL in the exchange',
    )
  })

  test.each([[{ ...wanted, operation: 'createSteam' }], [{ ...wanted, callback: 'onDate' }]])(
    'a name that there is not is a mistake',
    (other) => {
      expect(() => assertCallbackOf(sent, other)).toThrow(TypeError)
    },
  )
})

describe('toHaveReceivedCallback', () => {
  test('now, later, and not', async () => {
    await using receiver = await createTestReceiver()
    const endpoint = await receiver.createFromOpenAPI(onData)
    await expect(endpoint).not.toHaveReceivedCallback()
    const arrives = expect(endpoint).toHaveReceivedCallback({ callback: 'onData', timeout: '5s' })
    await fetch(`${endpoint.url}/data`, { method: 'POST', headers: sent.headers, body: sent.body })
    await arrives
    await assertReceivedCallback(endpoint, { method: 'POST', where: ({ body }) => (body as { value: number }).value === 1.5 })
    await expect(assertReceivedCallback(endpoint, { callback: 'onStatus' })).rejects.toThrow(ExpectationError)
    await expect(expect(endpoint).not.toHaveReceivedCallback()).rejects.toThrow(/but found .*POST \/data for onData/)
    expect((await endpoint.next()).body).toMatchObject({ value: 1.5 })
  })

  test('what was refused is told', async () => {
    await using receiver = await createTestReceiver()
    const endpoint = await receiver.createFromOpenAPI(onData)
    await fetch(`${endpoint.url}/data`, { method: 'POST', headers: sent.headers, body: '{}' })
    await expect(expect(endpoint).toHaveReceivedCallback({ callback: 'onData' })).rejects.toThrow(
      /One request was refused:\n {2}POST was answered 422 \(schema\)/,
    )
  })
})

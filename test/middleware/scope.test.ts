import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CallbackRequest, type CallbackTarget, parseDescription, readDescription } from 'ringback'
import { createDispatcher } from 'ringback/dispatcher'
import { expressCallbacks } from 'ringback/express'
import { type CallbackOptions, nodeCallbacks, type StartSummary } from 'ringback/node'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Behaviour } from './app.ts'
import { benchOf, created, echo, hook, order } from './bench.ts'
import { document } from './document.ts'
import { nodeHarness } from './node-app.ts'
import { jsonPost, rawRequest, talk } from './raw-client.ts'
import { Sink } from './sink.ts'
import { deferred } from './wait.ts'

afterEach(() => vi.restoreAllMocks())

const listener = (): void => {}
const quiet = { fire: () => {}, onStart: () => {} }

/** A document with one operation, whose callback operation is given. */
function documentWith(callbackOperation: object, key = '{$request.body#/callbackUrl}/{kind}'): object {
  const post = {
    operationId: 'create',
    requestBody: { content: { 'application/json': {} } },
    responses: { 200: { description: 'Yes.' } },
    callbacks: { done: { [key]: { post: callbackOperation } } },
  }
  const securitySchemes = { token: { type: 'http', scheme: 'bearer' } }
  return { openapi: '3.1.0', info: { title: 'A', version: '1' }, paths: { '/things': { post } }, components: { securitySchemes } }
}

function fail(error: unknown = new Error('no tea')): never {
  throw error
}
const thing: Behaviour = { answer: { kind: 'json', status: 200, body: {} } }

describe('options that cannot be meant', () => {
  const WRONG: [name: string, options: object, message: string][] = [
    ['no dispatcher', { description: document }, 'Expected a "dispatcher" that delivers'],
    ['an unknown way', { description: document, fire: 'now' }, 'Expected "fire" to be "enqueue" or "dry-run", found now'],
    ['a number as text', { description: document, ...quiet, holdMs: '1' }, 'Expected "holdMs" from 0, found 1'],
    ['an unknown validation', { description: document, ...quiet, validateOutgoing: 'no' }, 'Expected "validateOutgoing"'],
    ['a base path with a slash', { description: document, ...quiet, basePath: '/v1/' }, 'Expected "basePath"'],
    ['an origin with a path', { description: document, ...quiet, origin: 'http://x/y' }, 'Expected "origin"'],
    ['no description', { ...quiet }, 'Expected a "description"'],
    [
      'no operation of that name',
      { description: document, ...quiet, handlers: { createOrdr: {} } },
      'Did you mean "createOrder"',
    ],
    [
      'no callback of that name',
      { description: document, ...quiet, handlers: { createOrder: { orderAcepted: echo } } },
      'Did you mean "orderAccepted"',
    ],
    [
      'no handler',
      { description: document, ...quiet, handlers: { createOrder: { orderAccepted: { body: 'x' } } } },
      "{ body: 'example' }",
    ],
  ]
  test.each(WRONG)('%s', (_name, options, message) => {
    expect(() => nodeCallbacks(listener, options as CallbackOptions)).toThrow(message)
    expect(() => nodeCallbacks(listener, options as CallbackOptions)).toThrow(TypeError)
  })
})

describe('the description', () => {
  const summaryOf = async (description: CallbackOptions['description']): Promise<string> => {
    const { operations, callbacks } = await nodeCallbacks(listener, { description, ...quiet }).ready
    return `${operations} operations, ${callbacks} callbacks`
  }

  test('as an object, a text, a path, a URL, or read already', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ringback-'))
    const path = join(folder, 'openapi.json')
    const text = JSON.stringify(document)
    writeFileSync(path, text)
    const all = [document, text, path, new URL(`file://${path}`), parseDescription(text), await readDescription(path)]
    const found = await Promise.all(all.map(summaryOf))
    expect(new Set(found)).toEqual(new Set(['8 operations, 9 callbacks']))
    await rm(folder, { recursive: true })
  })

  test('one that cannot be read is told, and requests pass', async () => {
    const sink = new Sink()
    const answered = deferred<string | undefined>()
    const handle = nodeCallbacks((_request, _response, callbacks) => answered.resolve(callbacks.operation), {
      description: './no-such-file.yaml',
      fire: sink.fire,
      onError: sink.onError,
    })
    await expect(handle.ready).rejects.toThrow('no-such-file.yaml')
    handle({ method: 'GET', url: '/' } as never, {} as never)
    expect(await answered.promise).toBeUndefined()
    expect(sink.kinds()).toEqual(['description'])
  })

  test('requests that come before it is read wait for it', async () => {
    const answered = deferred<string | undefined>()
    const handle = nodeCallbacks((_request, _response, callbacks) => answered.resolve(callbacks.operation), {
      description: JSON.stringify(document, null, 1),
      ...quiet,
    })
    const request = { method: 'GET', url: '/v1/feed', headers: {}, socket: {} }
    handle(request as never, { on() {} } as never)
    expect(await answered.promise).toBe('feed')
  })

  const broken = documentWith({ responses: {} }, '{$request.bdy#/url}')

  test('what the linter finds is in the summary', async () => {
    const started: StartSummary[] = []
    const callbacks = expressCallbacks({ description: broken, fire: () => {}, onStart: (summary) => started.push(summary) })
    const summary = await callbacks.ready
    expect(started).toEqual([summary])
    expect(summary.text.split('\n')[0]).toBe('<object>: 1 operation, 1 callback, 1 problem')
    expect(summary.problems).toMatchObject([{ severity: 'error', key: '{$request.bdy#/url}' }])
    expect(summary.text).toContain('$request.bdy')
  })

  test('a schedule that cannot be followed is in the summary, and no error', async () => {
    const description = documentWith(
      { 'x-ringback-delivery': { schedule: ['5 s'] }, responses: {} },
      'https://h.example.com/?u={$url}',
    )
    const { problems } = await expressCallbacks({ description, strict: true, ...quiet }).ready
    expect(problems).toMatchObject([{ rule: 'bad-delivery-setting', severity: 'warning' }])
    expect(problems[0]?.message).toContain('found "5 s"')
  })

  test('"strict" refuses errors', async () => {
    const { ready } = expressCallbacks({ description: broken, fire: () => {}, strict: true })
    await expect(ready).rejects.toMatchObject({ code: 'ERR_CALLBACKS_BROKEN', summary: { operations: 1 } })
    const sound = documentWith({ responses: { 200: { description: 'Thanks.' } } }, 'https://h.example.com/?u={$url}')
    expect(await expressCallbacks({ description: sound, strict: true, ...quiet }).ready).toMatchObject({ operations: 1 })
  })

  const FAILING: [how: string, fail: () => unknown][] = [
    ['throw', () => fail()],
    ['reject', async () => fail()],
    [
      'reject without being a promise',
      () => ({ then: (_: unknown, reject: (error: Error) => void) => reject(new Error('no tea')) }),
    ],
    ['throw what has no text', () => fail(Object.create(null))],
  ]
  test.each(FAILING)('"onStart" and "onError" that %s are a warning, and the server goes on', async (_how, failing) => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const started = nodeCallbacks(listener, { description: document, fire: () => {}, onStart: failing as () => void })
    expect(await started.ready).toMatchObject({ operations: 8 })
    nodeCallbacks(listener, { description: './no-such-file.yaml', fire: () => {}, onError: failing as () => void })
    await vi.waitFor(() => expect(warned).toHaveBeenCalledTimes(2))
    expect(warned.mock.calls).toEqual([
      [expect.stringMatching(/^"onStart" failed: (?:Error: no tea|something)/), expect.objectContaining({ code: 'on-start' })],
      [expect.stringMatching(/^"onError" failed: (?:Error: no tea|something)/), expect.objectContaining({ code: 'on-error' })],
    ])
  })

  test('it is printed where nobody asks for it', async () => {
    const info = vi.spyOn(console, 'info').mockImplementation(() => {})
    await expressCallbacks({ description: document, fire: () => {} }).ready
    expect(info.mock.calls).toEqual([[expect.stringMatching(/^ringback: <object>: 8 operations, 9 callbacks, \d+ problems?/)]])
  })

  test('where text must not become code, bodies are not validated, and that is said', async () => {
    vi.stubGlobal('Function', () => {
      throw new EvalError('Code generation from strings disallowed')
    })
    const summary = expressCallbacks({ description: document, ...quiet })
    vi.unstubAllGlobals()
    expect((await summary.ready).notes).toEqual([expect.stringContaining('not validated')])
  })
})

describe('what is sent', () => {
  const bench = benchOf(nodeHarness)
  const parameters = [
    { name: 'X-Kind', in: 'header', required: true, schema: { type: 'string', example: 'sample' } },
    { name: 'at', in: 'query', schema: { type: 'integer' } },
    { name: 'kind', in: 'path', required: true, schema: { type: 'string' } },
  ]
  const schema = { type: 'object', required: ['n'], properties: { n: { type: 'integer', minimum: 3 } } }
  const operation = { parameters, requestBody: { required: true, content: { 'application/json': { schema } } }, responses: {} }
  const fire = async (callbacks: Partial<CallbackOptions>, url = '/things'): Promise<void> => {
    const port = await bench.begin(
      [['POST', '/things', thing]],
      { description: documentWith(operation), ...callbacks },
      { mount: '' },
    )
    await talk(port, jsonPost(url, order))
    await bench.sink.reaches(1)
  }
  test('parameters of the handler have their places', async () => {
    const path = { kind: 'a b' }
    await fire(handlersOf(() => ({ body: { n: 5 }, header: { 'X-Kind': 'h' }, query: { at: 7 }, path })))
    expect(bench.sink.problems).toEqual([])
    expect(bench.sink.requests).toMatchObject([
      { url: `${hook}/a%20b?at=7`, headers: { 'X-Kind': 'h', 'content-type': 'application/json' } },
    ])
  })

  test('what a request is for, and where its callbacks lead, is told on channels', async () => {
    const told: unknown[] = []
    const listen = (message: unknown): void => void told.push(message)
    for (const name of ['matched', 'resolved']) subscribe(`ringback:${name}`, listen)
    await fire(handlersOf(() => ({ body: { n: 5 }, header: { 'X-Kind': 'h' }, path: { kind: 'k' } })))
    for (const name of ['matched', 'resolved']) unsubscribe(`ringback:${name}`, listen)
    const exchangeId = expect.stringMatching(/./)
    expect(told).toMatchObject([
      { operation: 'create', exchangeId },
      { operation: 'create', exchangeId, callbacks: [{ callback: 'done', target: { ok: false } }] },
    ])
  })

  test('an example fits the schema', async () => {
    await fire(handlersOf({ body: 'example', path: { kind: 'k' } }))
    expect(bench.sink.requests).toMatchObject([{ url: `${hook}/k`, headers: { 'X-Kind': 'sample' } }])
    expect((bench.sink.bodies()[0] as { n: number }).n).toBeGreaterThanOrEqual(3)
  })

  const wrong = { body: { n: 1 }, header: { 'X-Kind': 'h' }, path: { kind: 'k' } }
  test('a body that does not fit is not sent', async () => {
    await fire(handlersOf(() => wrong))
    expect(bench.sink.requests).toEqual([])
    expect(bench.sink.problems).toMatchObject([{ kind: 'unbuildable', callback: 'done', problem: { reason: 'body-invalid' } }])
  })

  test('or it is sent with a warning, or without', async () => {
    await fire({ ...handlersOf(() => wrong), validateOutgoing: 'warn' })
    await bench.sink.reaches(2)
    expect(bench.sink.problems).toMatchObject([{ kind: 'invalid', problem: { reason: 'body-invalid' } }])
    expect(bench.sink.bodies()).toEqual([{ n: 1 }])
    await fire({ ...handlersOf(() => wrong), validateOutgoing: 'off' })
    await bench.sink.reaches(3)
    expect(bench.sink.kinds()).toEqual(['invalid'])
  })

  test('"not now", and a missing value for {name}', async () => {
    await fire(handlersOf(() => ({ body: { n: 5 }, header: { 'X-Kind': 'h' } })))
    expect(bench.sink.problems).toMatchObject([{ kind: 'unresolved', reason: { reason: 'missing-parameter' } }])
    const port = await bench.begin([['POST', '/orders', created]], {
      handlers: { createOrder: { orderAccepted: () => undefined } },
    })
    await talk(port, jsonPost('/v1/orders', order))
    await bench.canary(port)
    expect(bench.sink.count).toBe(2)
  })

  test('credentials go by name', async () => {
    const description = documentWith({ ...operation, security: [{ token: [] }] })
    await fire({ ...handlersOf(() => ({ ...wrong, body: { n: 4 } })), description, credentials: ['token'] })
    expect(bench.sink.requests).toMatchObject([{ metadata: { credentials: [{ name: 'token', kind: 'bearer' }] } }])
  })

  test('a dry run only tells, without the secrets of a query', async () => {
    const info = vi.spyOn(console, 'info').mockImplementation(() => {})
    const port = await bench.begin([], { fire: 'dry-run', handlers: { listOrders: { listed: () => ({ body: {} }) } } })
    await talk(port, rawRequest('GET', `/v1/orders?callback=${encodeURIComponent('http://x.example.com/h?token=secret')}`))
    await vi.waitFor(() => expect(info).toHaveBeenCalled())
    expect(info.mock.calls).toEqual([['dry run: POST http://x.example.com/h?… (listed of listOrders, 2 bytes)']])
  })

  test('what a request has is taken from it one by one', async () => {
    const use: Behaviour['use'] = async ({ send, target, targets }) => {
      const found = [await target('orderAccepted'), ...(await targets('orderAccepted'))]
      send('orderAccepted', { body: { found: found.length } })
    }
    const port = await bench.begin([['POST', '/orders', { ...created, use }]])
    await talk(port, jsonPost('/v1/orders', order))
    await bench.sink.reaches(1)
    expect(bench.sink.problems).toEqual([])
    expect(bench.sink.urls()).toEqual([hook])
    expect(bench.sink.bodies()).toEqual([{ found: 2 }])
  })

  test('a stored target is fired where "fire" says, dispatcher or not', async () => {
    let stored: CallbackTarget | undefined
    const use: Behaviour['use'] = async (callbacks) => {
      stored = await callbacks.target('orderAccepted')
    }
    const port = await bench.begin([['POST', '/orders', { ...created, use }]])
    await talk(port, jsonPost('/v1/orders', order))
    const dispatcher = createDispatcher()
    const given: CallbackRequest[] = []
    const options = { description: parseDescription(JSON.stringify(document)), onStart() {} }
    const giving = expressCallbacks({ ...options, dispatcher, fire: (request) => void given.push(request) })
    const { id } = await giving.fire(stored as CallbackTarget, { body: { state: 'shipped' } })
    const info = vi.spyOn(console, 'info').mockImplementation(() => {})
    const telling = expressCallbacks({ ...options, dispatcher, fire: 'dry-run' })
    expect(await telling.fire(stored as CallbackTarget, { body: {} }, { id: 'mine' })).toEqual({ id: 'mine', isNew: true })
    expect(info).toHaveBeenCalledOnce()
    expect(given).toMatchObject([{ id, url: hook }])
    expect(await dispatcher.list()).toEqual([])
  })

  test('a stored target is fired days later, by another process', async () => {
    let stored = ''
    const use: Behaviour['use'] = async (callbacks) => {
      stored = JSON.stringify(await callbacks.target('orderAccepted'))
    }
    const port = await bench.begin([['POST', '/orders', { ...created, use }]])
    await talk(port, jsonPost('/v1/orders', order))
    const dispatcher = createDispatcher()
    const later = expressCallbacks({ description: parseDescription(JSON.stringify(document)), dispatcher, onStart() {} })
    const target = JSON.parse(stored) as CallbackTarget
    const first = await later.fire(target, { body: { state: 'shipped' } })
    expect(await later.fire(target, { body: { state: 'shipped' } })).toEqual({ id: first.id, isNew: false })
    expect(await later.fire(target, { body: { state: 'arrived' } }, { id: 'second' })).toEqual({ id: 'second', isNew: true })
    expect((await dispatcher.list()).map(({ request }) => request.url)).toEqual([hook, hook])
    await expect(later.fire(target, { body: 'no object' })).rejects.toMatchObject({ code: 'ERR_CALLBACK_UNBUILDABLE' })
  })

  const BASES: [basePath: string, url: string, fires: boolean][] = [
    ['', '/orders', true],
    ['', '/v1/orders', false],
    ['/api', '/api/orders', true],
    ['/api', '/orders', false],
    ['/api', '/apiorders', false],
  ]
  test.each(BASES)('with the base path %j, %s', async (basePath, url, fires) => {
    const mount = url.slice(0, -'/orders'.length)
    const handled = { createOrder: { orderAccepted: echo } }
    const port = await bench.begin([['POST', '/orders', created]], { basePath, handlers: handled }, { mount })
    await talk(port, jsonPost(url, order))
    const other = await bench.begin([])
    await bench.canary(other)
    expect(bench.sink.requests).toHaveLength(fires ? 2 : 1)
  })

  test('$url is what was asked, below the origin that is given', async () => {
    const description = documentWith(operation, 'http://h.example.com/?u={$url}&k={kind}')
    const handled = handlersOf(() => ({ ...wrong, body: { n: 4 } }))
    await fire({ ...handled, description }, '/things?q=1')
    await fire({ ...handled, description, origin: 'https://api.example.com' }, '/things?q=1')
    await bench.sink.reaches(2)
    const urls = bench.sink.urls().map((url) => new URL(url).searchParams.get('u'))
    expect(urls).toEqual(['http://127.0.0.1/things?q=1', 'https://api.example.com/things?q=1'])
  })

  function handlersOf(done: unknown): Partial<CallbackOptions> {
    return { handlers: { create: { done } } as never }
  }
})

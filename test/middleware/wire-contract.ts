import { createDispatcher, type DeliveryStore, memoryStore } from 'ringback/dispatcher'
import type { CallbackOptions, RequestCallbacks } from 'ringback/node'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { Answer, AppOptions, Behaviour, Harness } from './app.ts'
import { benchOf, created, echo, hook, order, type Routes } from './bench.ts'
import { jsonPost, meaning, rawRequest, talk, undated } from './raw-client.ts'

/** That the bytes of a response are those without the middleware, whatever happens behind it. */
export function wireContract(harness: Harness, { isWhole }: { readonly isWhole: boolean }): void {
  const lacks = (what: string): boolean => harness.lacks?.some((one) => one === what) ?? false
  const form = lacks('framing') ? meaning : undated
  const text = { 'content-type': 'text/plain' }
  const answers: [name: string, answer: Answer][] = [
    ['JSON', { kind: 'json', status: 200, headers: { Location: '/o/1', 'X-Two': 'a, b' }, body: { id: 'ü' } }],
    ['text', { kind: 'text', status: 200, body: 'ü'.repeat(5000) }],
    ['bytes', { kind: 'bytes', status: 200, body: Uint8Array.from({ length: 70_000 }, (_, i) => i % 256) }],
    ['nothing', { kind: 'empty', status: 204 }],
    ['a stream', { kind: 'stream', status: 200, headers: text, chunks: () => chunks('a', 'bc', 'd'.repeat(40_000)) }],
    [
      'a stream of known length',
      { kind: 'stream', status: 200, headers: { ...text, 'content-length': '3' }, chunks: () => chunks('a', 'bc') },
    ],
    ['an error status', { kind: 'json', status: 422, body: { wrong: true } }],
    ['an error', { kind: 'throw', message: 'no tea' }],
    ['one past the framework', { kind: 'hijack', status: 200, body: 'mine' }],
  ]
  const ways: [name: string, callbacks: () => Partial<CallbackOptions>][] = [
    ['all is well', () => ({})],
    ['stored before', () => ({ fire: 'enqueue', dispatcher: createDispatcher({ store: durable(memoryStore()) }) })],
    ['handlers throw', () => ({ handlers: handlers(() => fail('thrown')) })],
    ['handlers reject', () => ({ handlers: handlers(() => Promise.reject(new Error('rejected'))) })],
    [
      'handlers reject before the response',
      () => ({ ...broken(), handlers: handlers(() => Promise.reject(new Error('rejected'))) }),
    ],
    ['handlers are too slow', () => ({ ...broken(), handlers: handlers(() => new Promise(() => {})), commitTimeoutMs: 5 })],
    ['every call of the store fails', broken],
    ['every call of the store throws', () => ({ fire: 'enqueue', dispatcher: createDispatcher({ store: throwing() }) })],
    ['"fire" throws', () => ({ fire: () => fail('fire') })],
    ['"when" throws', () => ({ when: () => fail('when') })],
    ['"onError" throws', () => ({ fire: () => fail('fire'), onError: () => fail('onError') })],
    ['"onError" rejects', () => ({ fire: () => fail('fire'), onError: () => Promise.reject(new Error('onError')) })],
    ['bodies do not fit', () => ({ handlers: handlers(() => ({ body: 'no object' })) })],
  ]

  describe(`${harness.name}: the bytes of the response`, () => {
    const bench = benchOf(harness)
    // One of the ways has "onError" itself fail.
    beforeEach(() => {
      vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    })

    const same = async (
      routes: Routes,
      callbacks: Partial<CallbackOptions>,
      requests: readonly Uint8Array[],
      app: Partial<AppOptions> = {},
    ): Promise<void> => {
      const [bare, followed] = await Promise.all([bench.bare(routes, app), bench.begin(routes, callbacks, app)])
      for (const request of requests) {
        const [wanted, got] = await Promise.all([talk(bare, request), talk(followed, request)])
        expect(form(got)).toEqual(form(wanted))
        expect(got).toMatch(/^HTTP\/1.1 \d{3} /)
      }
    }
    const asked = rawRequest('POST', '/v1/echo', { headers: { 'Content-Type': 'text/plain' }, body: 'hello' })

    describe.each(ways)('%s', (way, callbacks) => {
      const some = answers.filter(
        ([name]) => isWhole || way === 'stored before' || ['JSON', 'a stream', 'an error'].includes(name),
      )
      test.each(some.filter(([, { kind }]) => !lacks(kind)))('answered with %s', async (_name, answer) => {
        // There is none without the middleware.
        const use: Behaviour['use'] = (scope: RequestCallbacks | undefined) => scope?.send('echoed', { body: {} })
        await same([['POST', '/echo', { answer, use }]], { handlers: handlers(echo), ...callbacks() }, [asked])
      })
    })

    const HOSTILE = [
      ...[
        'javascript:alert(1)',
        'http://127.0.0.1:1/',
        'http://[::1',
        '//x',
        '',
        ' ',
        'http://a b/',
        `http://${'a'.repeat(9000)}/`,
      ],
      ...['http://x/\r\nSet-Cookie: a=b', 'file:///etc/passwd', 'http://user:pass@x/', '\ud800', 'http://x/{$request.body}'],
      ...[null, 7, true, [], {}, ['http://x/'], { __proto__: null, a: 1 }],
    ]
    test('hostile URLs in the body', async () => {
      const requests = HOSTILE.map((callbackUrl) => jsonPost('/v1/orders', { callbackUrl }))
      requests.push(
        rawRequest('POST', '/v1/orders', {
          headers: { 'Content-Type': 'application/json' },
          body: '{"__proto__":{"callbackUrl":"http://x/"}}',
        }),
      )
      const callbacks = { handlers: { createOrder: { orderAccepted: echo, orderShipped: echo } }, resolve: { fanOut: true } }
      await same([['POST', '/orders', created]], callbacks, requests)
    })

    test.skipIf(lacks('framing'))('keep-alive, pipelined, compressed', async () => {
      const one = (n: number, keepAlive: boolean): Buffer =>
        rawRequest('POST', '/v1/orders', {
          headers: { 'Content-Type': 'application/json', 'Accept-Encoding': 'gzip' },
          body: JSON.stringify({ callbackUrl: hook, n }),
          keepAlive,
        })
      const requests = Buffer.concat([
        one(1, true),
        rawRequest('GET', '/v1/nowhere', { keepAlive: true }),
        one(2, true),
        one(3, false),
      ])
      for (const compression of ['before', 'after'] as const) {
        if (lacks(`compression-${compression}`)) continue
        const dispatcher = createDispatcher({ store: durable(memoryStore()) })
        const handled = { createOrder: { orderAccepted: echo } }
        await same([['POST', '/orders', created]], { fire: 'enqueue', dispatcher, handlers: handled }, [requests], {
          compression,
        })
      }
    })

    const STRANGE: [what: string, bytes: string][] = [
      ['is no request', 'none\r\n\r\n'],
      ['has a head that is too long', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
    ]
    // One whose response cannot be held has not begun it then.
    test.skipIf(lacks('hijack')).each(STRANGE)('followed by what %s', async (_what, bytes) => {
      const dispatcher = createDispatcher({ store: durable(memoryStore()) })
      const answer: Answer = { kind: 'hijack', status: 200, body: 'mine' }
      const handled = { echo: { echoed: { body: 'example' } } } as const
      const first = rawRequest('POST', '/v1/echo', {
        headers: { 'Content-Type': 'text/plain' },
        body: 'hello',
        keepAlive: true,
      })
      await same([['POST', '/echo', { answer, reads: 'nothing' }]], { fire: 'enqueue', dispatcher, handlers: handled }, [
        Buffer.concat([first, Buffer.from(bytes)]),
      ])
    })

    test('an order whose callbacks are stored before', async () => {
      const dispatcher = createDispatcher({ store: durable(memoryStore()) })
      await same(
        [['POST', '/orders', created]],
        { fire: 'enqueue', dispatcher, handlers: { createOrder: { orderAccepted: echo } } },
        [jsonPost('/v1/orders', order)],
      )
    })
  })
}

function handlers(handler: typeof echo | (() => never) | (() => unknown)): NonNullable<CallbackOptions['handlers']> {
  return { echo: { echoed: handler as typeof echo } }
}

function fail(message: string): never {
  throw new Error(message)
}

/** A store that says that it is durable, so that deliveries are stored before the response. */
export function durable(store: DeliveryStore): DeliveryStore {
  return { ...store, durable: true, leasesAtInsert: false }
}

function broken(): Partial<CallbackOptions> {
  const fails = (): Promise<never> => Promise.reject(new Error('the store is down'))
  const store = Object.fromEntries(Object.keys(memoryStore()).map((name) => [name, fails])) as unknown as DeliveryStore
  return { fire: 'enqueue', dispatcher: createDispatcher({ store: { ...store, durable: true, leasesAtInsert: false } }) }
}

function throwing(): DeliveryStore {
  const throws = (): never => fail('the store is down')
  const store = Object.fromEntries(Object.keys(memoryStore()).map((name) => [name, throws])) as unknown as DeliveryStore
  return { ...store, durable: true, leasesAtInsert: false }
}

async function* chunks(...texts: string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

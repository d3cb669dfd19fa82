import {
  type CallbackRequest,
  createDispatcher,
  type DeliveryStore,
  type Dispatcher,
  type EnqueueOptions,
  memoryStore,
  sqliteStore,
} from 'ringback/dispatcher'
import { afterEach, describe, expect, test } from 'vitest'
import { callbackRequest, fakeTransport } from './support.ts'

const url = 'https://a.example/cb'
const cleanUp: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

function dispatcherOn(store: DeliveryStore): Dispatcher {
  const dispatcher = createDispatcher({ store, transport: fakeTransport() })
  cleanUp.push(
    () => store.close(),
    () => dispatcher.stop({ drainMs: 0 }),
  )
  return dispatcher
}

const STORES: [name: string, open: () => DeliveryStore][] = [
  ['memory', () => memoryStore()],
  ['SQLite', () => sqliteStore({ path: ':memory:' })],
]

describe.each(STORES)('%s', (_name, open) => {
  const circular: Record<string, unknown> = {}
  circular.self = circular

  test.each<[name: string, options: EnqueueOptions]>([
    ['a BigInt', { metadata: { n: 1n } }],
    ['a circle', { metadata: circular }],
    ['an endless delay', { delayMs: 1e300 }],
    ['a delay before now', { delayMs: -1 }],
    ['metadata that are a list', { metadata: ['a'] as never }],
    ['metadata that are written as text', { metadata: { toJSON: () => 'a' } }],
    ['a delay in text', { delayMs: '5' as never }],
    ['an option that there is not', { orderingkey: 'k' } as never],
    ['the transaction under another name', { tx: {} } as never],
    ['a key that is too long', { orderingKey: 'x'.repeat(501) }],
    ['a key with U+0000', { orderingKey: 'a\0' }],
    ['a key with half a surrogate pair', { orderingKey: 'a\ud800' }],
  ])('%s is the mistake of that call alone', async (_what, options) => {
    const dispatcher = dispatcherOn(open())
    const [first, bad, last] = await Promise.allSettled([
      dispatcher.enqueue(callbackRequest('a', url)),
      dispatcher.enqueue(callbackRequest('b', url), options),
      dispatcher.enqueue(callbackRequest('c', url)),
    ])
    expect([first, last]).toMatchObject([{ value: { isNew: true } }, { value: { isNew: true } }])
    expect(bad).toMatchObject({ status: 'rejected', reason: expect.any(TypeError) })
    expect((await dispatcher.list()).map(({ id }) => id)).toEqual(['a', 'c'])
  })

  test('Headers would lose every field, and one id cannot be for all', async () => {
    const dispatcher = dispatcherOn(open())
    const headers = new Headers({ 'content-type': 'application/json' }) as never
    await expect(dispatcher.enqueue(callbackRequest('a', url, { headers }))).rejects.toThrow('Object.fromEntries()')
    await expect(dispatcher.enqueueAll([callbackRequest('a', url)], { id: 'x' } as object)).rejects.toThrow('no "id"')
    expect(await dispatcher.list()).toEqual([])
  })

  test('a delivery is frozen: neither the request nor what is handed out changes it', async () => {
    const dispatcher = dispatcherOn(open())
    const lines = ['1', '2']
    const nested = { n: 1 }
    const authority = { kind: 'exact', host: 'a.example', port: '' } as const
    const request = callbackRequest('a', url, {
      headers: { 'x-a': lines },
      metadata: { nested },
      constraint: { scheme: 'https', authority },
    })
    await dispatcher.enqueue(request)
    const before = structuredClone(await dispatcher.get('a'))
    lines.push('3')
    nested.n = 2
    Object.assign(authority, { host: 'b.example' })
    request.body?.fill(0)
    for (const found of [(await dispatcher.get('a'))?.delivery, (await dispatcher.list())[0]]) {
      expect(found).toEqual(before?.delivery)
      Object.assign(found?.metadata.nested ?? {}, { n: 3 })
      found?.request.body?.fill(0)
    }
    expect(await dispatcher.get('a')).toEqual(before)
  })

  test('a fraction of a millisecond is rounded', async () => {
    const dispatcher = dispatcherOn(open())
    await dispatcher.enqueue(callbackRequest('a', url), { delayMs: 1000.4 })
    const [delivery] = await dispatcher.list()
    expect(delivery && delivery.dueAt - delivery.createdAt).toBe(1000)
  })
})

// For those who write JavaScript.
test.each<[nonsense: unknown, message: RegExp]>([
  [undefined, /a request to be an object, found nothing/],
  [null, /a request to be an object, found null/],
  ['https://a.example', /a request to be an object, found string/],
  [{}, /"id" of a request to be a text, found nothing/],
  [{ id: 5 }, /"id"/],
  [{ method: {} }, /"method" of a request to be a text, found object/],
  [{ url: undefined }, /"url"/],
  [{ url: 5 }, /"url" of a request to be a text, found number/],
  [{ headers: null }, /"headers" of a request to be an object, found null/],
  [{ headers: [['a', 'b']] }, /"headers" of a request to be an object, found an array/],
  [{ headers: new Headers({ a: 'b' }) }, /"headers" of a request to be an object, as Object.fromEntries\(\) makes one/],
  [{ headers: new Map() }, /"headers" of a request/],
  [{ headers: { a: 5 } }, /field "a" of a request to be a text, found number/],
  [{ headers: { a: ['b', null] } }, /field "a" of a request to be a text, found null/],
  [{ body: 'text' }, /"body" of a request to be a Uint8Array, found string/],
  [{ metadata: 'text' }, /"metadata"/],
  [{ metadata: { toJSON: () => [] } }, /"metadata", written as JSON, to be an object, found an array/],
  [{ constraint: 5 }, /"constraint"/],
])('enqueue(%j) says what is missing', async (nonsense, message) => {
  const dispatcher = dispatcherOn(memoryStore())
  const isChange = typeof nonsense === 'object' && nonsense !== null && Object.keys(nonsense).length > 0
  const request = (isChange ? { ...callbackRequest('a', url), ...nonsense } : nonsense) as CallbackRequest
  await expect(dispatcher.enqueue(request)).rejects.toThrow(message)
  await expect(dispatcher.enqueue(request)).rejects.toThrow(TypeError)
})

test.each([{ orderingKey: 5 }, { id: 5 }, { id: null }])('so does enqueue(request, %j)', async (options) => {
  const enqueued = dispatcherOn(memoryStore()).enqueue(callbackRequest('a', url), options as unknown as EnqueueOptions)
  await expect(enqueued).rejects.toThrow(/^Expected "(?:id|orderingKey)" to be a text, found/)
})

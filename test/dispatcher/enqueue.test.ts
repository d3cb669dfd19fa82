import {
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

  test('a fraction of a millisecond is rounded', async () => {
    const dispatcher = dispatcherOn(open())
    await dispatcher.enqueue(callbackRequest('a', url), { delayMs: 1000.4 })
    const [delivery] = await dispatcher.list()
    expect(delivery && delivery.dueAt - delivery.createdAt).toBe(1000)
  })
})

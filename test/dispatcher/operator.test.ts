import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDispatcher, type DeliveryStore, memoryStore, postgresStore, sqliteStore } from 'ringback/dispatcher'
import { createTestDispatcher } from 'ringback/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { newDelivery } from '../../src/testing/store-contract/bench.ts'
import { deferred } from '../middleware/wait.ts'
import { testSchemas } from '../support/postgres-schema.ts'
import { answered, callbackRequest, fakeTransport } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringback-'))
const schemas = testSchemas()
afterAll(() => schemas.drop())
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0

interface Counted {
  readonly store: DeliveryStore
  /** Statements so far, where they can be counted. */
  readonly statements: () => number
}

async function postgres(): Promise<Counted> {
  const { pool, close } = await schemas.open()
  let statements = 0
  const counting = {
    query: (text: string, values?: unknown[]) => {
      statements++
      return pool.query(text, values)
    },
    async connect() {
      const client = await pool.connect()
      return {
        query: (text: string, values?: unknown[]) => {
          statements++
          return client.query(text, values)
        },
        release: (error?: Error | boolean) => client.release(error),
      }
    },
  }
  return { store: { ...postgresStore({ pool: counting }), close }, statements: () => statements }
}

const STORES: [name: string, open: () => Counted | Promise<Counted>][] = [
  ['memory', () => ({ store: memoryStore({ keepSettled: 10_000 }), statements: () => 0 })],
  [
    'sqlite',
    () => ({ store: sqliteStore({ path: join(folder, `${files++}.sqlite`), synchronous: 'normal' }), statements: () => 0 }),
  ],
  ['postgres', postgres],
]

const { dueAt: t0 } = newDelivery('a')
const url = 'https://a.example/cb'

describe.each(STORES)('%s', (_name, open) => {
  test('ids that cannot exist are not there', async () => {
    const { store } = await open()
    const dispatcher = createDispatcher({ store, transport: fakeTransport() })
    await dispatcher.enqueue(callbackRequest('a', url))
    const odd = ['a\0', '\0', '', '\uD800', '\u{1F600}', 'a b', 'x'.repeat(10_000)]
    for (const id of odd) {
      expect(await dispatcher.get(id)).toBeUndefined()
      expect(await dispatcher.list({ after: id })).toEqual([])
      expect(await dispatcher.destinations.get(`${url}${id}`)).toBeUndefined()
      expect(await dispatcher.destinations.get(id)).toBeUndefined()
    }
    const noText = [undefined, null, 5, 5n, true, Symbol('a'), {}, ['a'], Object('a')] as never[]
    await store.insert([newDelivery('5')])
    for (const id of noText) {
      expect(await dispatcher.get(id)).toBeUndefined()
      expect(await dispatcher.destinations.get(id)).toBeUndefined()
      expect(await dispatcher.destinations.enable(id)).toBe(false)
    }
    const both = [...odd, ...noText, 'a', ...odd]
    expect((await dispatcher.list({ ids: both })).map(({ id }) => id)).toEqual(['a'])
    for (const filter of [{ origin: 'a\0' }, { callback: 'a\0' }, { operation: 'a\0' }])
      expect(await dispatcher.list(filter)).toEqual([])
    expect(await dispatcher.hold(...both)).toEqual(['a'])
    expect(await dispatcher.resume(...both)).toEqual(['a'])
    expect(await dispatcher.reschedule(both)).toEqual(['a'])
    expect(await dispatcher.reschedule(both, 10)).toEqual(['a'])
    expect(await dispatcher.cancel(...both)).toEqual(['a'])
    expect(await dispatcher.requeue(...both)).toEqual(['a'])
    await store.close()
  })

  test('what no text of a database can hold takes nothing else with it', async () => {
    const { store } = await open()
    const dispatcher = createDispatcher({ store, transport: fakeTransport() })
    const metadata = { callback: 'done\0', operationId: '\0', other: '\0' }
    await Promise.all(['a', 'b'].map((id) => dispatcher.enqueue(callbackRequest(id, url, id === 'a' ? { metadata } : {}))))
    expect((await dispatcher.list()).map((one) => one.metadata)).toEqual([metadata, {}])
    await store.close()
  })

  test('an id that is named twice is changed once; whoever is rescheduled is rescheduled twice', async () => {
    const { store } = await open()
    await store.insert([newDelivery('b'), newDelivery('a')])
    const twice = ['a', 'b', 'a', 'nobody', 'b']
    expect(await store.change(twice, 'reschedule', t0)).toEqual(['a', 'b', 'a', 'b'])
    for (const how of ['hold', 'resume', 'cancel', 'requeue'] as const)
      expect([how, await store.change(twice, how, t0)]).toEqual([how, ['a', 'b']])
    await store.change(twice, 'cancel', t0)
    expect(await store.change(twice, 'forget', t0)).toEqual(['a', 'b'])
    expect(await store.list({ limit: 9 })).toEqual([])
    await store.close()
  })

  test('many of one line at once: the first that is left goes, and one at a time', async () => {
    const { store } = await open()
    const names = ['a', 'b', 'c', 'd', 'e']
    await store.insert(names.map((id) => newDelivery(id, { orderingKey: id === 'e' ? 'other' : 'line' })))
    const claim = { now: t0 + 1, limit: 9, perOrigin: 9, taken: new Map<string, number>(), leaseUntil: t0 + 10 }
    const claimed = async (token: string): Promise<readonly string[]> => {
      const leased = await store.claim({ ...claim, token })
      await store.release(leased.map(({ lease }) => ({ lease, dueAt: t0 })))
      return leased.map(({ delivery }) => delivery.id).sort()
    }
    expect(await claimed('1')).toEqual(['a', 'e'])
    await store.change(['b', 'a'], 'cancel', t0)
    expect(await claimed('2')).toEqual(['c', 'e'])
    await store.change(['a', 'b'], 'requeue', t0)
    expect(await claimed('3')).toEqual(['c', 'e'])
    await store.change(names, 'cancel', t0)
    expect(await claimed('4')).toEqual([])
    await store.change(names, 'requeue', t0)
    expect(await claimed('5')).toEqual(['a', 'e'])
    await store.change(['a', 'c', 'd'], 'cancel', t0)
    expect(await claimed('6')).toEqual(['b', 'e'])
    await store.close()
  })

  test('thousands of ids are changed in a few steps, whatever their ordering keys', async () => {
    const { store, statements } = await open()
    const dispatcher = createDispatcher({ store, transport: fakeTransport() })
    const ids = Array.from({ length: 9000 }, (_, i) => `d${i}`)
    await store.insert(ids.map((id) => newDelivery(id, { orderingKey: id })))
    const before = statements()
    expect(await dispatcher.cancel(...ids)).toEqual(ids)
    expect(await dispatcher.requeue(...ids)).toEqual(ids)
    expect(await dispatcher.hold(...ids)).toEqual(ids)
    expect(await dispatcher.resume(...ids)).toEqual(ids)
    expect(statements() - before).toBeLessThan(9 * 4 * 8)
    expect((await store.stats()).counts).toMatchObject({ pending: 9000, held: 0, cancelled: 0 })
    await store.close()
  })
})

test('runDue() says that it did nothing while stop() is under way, and makes its round when that is over', async () => {
  const { promise, resolve } = deferred<ReturnType<typeof answered>>()
  const dispatcher = createDispatcher({
    transport: fakeTransport((_request, n) => (n === 1 ? promise : answered(200))),
    perOriginConcurrency: 1,
  })
  dispatcher.start()
  await dispatcher.enqueue(callbackRequest('a', url))
  await dispatcher.enqueue(callbackRequest('b', url))
  const stopped = [dispatcher.stop(), dispatcher.stop()]
  await expect(dispatcher.runDue()).rejects.toThrow('Expected stop() to be over')
  resolve(answered(200))
  await Promise.all(stopped)
  expect((await dispatcher.get('b'))?.delivery).toMatchObject({ state: 'pending', attempts: 0 })
  expect(await dispatcher.runDue()).toBe(1)
  await expect(dispatcher.stop({ drainMs: -1 })).rejects.toThrow(TypeError)
  expect(await dispatcher.runDue()).toBe(0)
  await dispatcher.stop()
})

describe('createTestDispatcher', () => {
  const day = 86_400_000

  test('forgets what is old, also when nothing else is to be done', async () => {
    const dispatcher = createTestDispatcher()
    await dispatcher.enqueue(callbackRequest('a', url))
    await dispatcher.advance('6d')
    expect(await dispatcher.get('a')).toBeDefined()
    await dispatcher.advance('2d')
    expect(await dispatcher.get('a')).toBeUndefined()
    expect(dispatcher.clock.nextTimerAt()).toBeUndefined()
    await dispatcher.stop()
  })

  test('does not while it is not started, and not after stop()', async () => {
    const dispatcher = createTestDispatcher({ started: false })
    await dispatcher.enqueue(callbackRequest('a', url))
    await dispatcher.runDue()
    await dispatcher.advance(8 * day)
    expect(await dispatcher.get('a')).toBeDefined()
    dispatcher.start()
    await dispatcher.stop()
    await dispatcher.enqueue(callbackRequest('b', url))
    await dispatcher.advance(30 * day)
    expect(dispatcher.sent).toHaveLength(1)
  })
})

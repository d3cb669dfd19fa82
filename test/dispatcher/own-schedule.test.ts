import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CallbackTarget } from 'ringback'
import {
  createDispatcher,
  type DeliveryStore,
  type Dispatcher,
  type EnqueueOptions,
  memoryStore,
  postgresStore,
  retrySchedule,
  sqliteStore,
} from 'ringback/dispatcher'
import { withCallbacks } from 'ringback/fetch'
import { createTestDispatcher, type TestDispatcher, type TestDispatcherOptions } from 'ringback/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { newDelivery } from '../../src/testing/store-contract/bench.ts'
import { manualClock } from '../support/manual-clock.ts'
import { testSchemas } from '../support/postgres-schema.ts'
import { answered, callbackRequest, fakeTransport } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringback-'))
const schemas = testSchemas()
afterAll(() => schemas.drop())
afterAll(() => rmSync(folder, { recursive: true }))

const middle = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(0).with(0, 128)
const url = 'https://a.example/cb'
const refusing = (): ReturnType<typeof fakeTransport> => fakeTransport(() => answered(500))

const dispatcherOf = (store: DeliveryStore, options: TestDispatcherOptions = {}): TestDispatcher =>
  createTestDispatcher({ store, random: middle, respond: () => ({ status: 500 }), retry: retrySchedule([0, '7s']), ...options })

/** Milliseconds from the enqueueing to each attempt. */
async function times(store: DeliveryStore, options: EnqueueOptions, metadata = {}): Promise<readonly number[]> {
  const dispatcher = dispatcherOf(store)
  const startedAt = dispatcher.clock.now()
  await dispatcher.enqueue(callbackRequest('a', url, { metadata }), options)
  await dispatcher.runUntilIdle()
  const record = await dispatcher.get('a')
  expect(record?.delivery).toMatchObject({ state: 'dead', reason: 'exhausted' })
  await dispatcher.stop()
  return (record?.attempts ?? []).map((attempt) => attempt.startedAt - startedAt)
}

const WAYS: [name: string, options: EnqueueOptions, metadata: object, times: readonly number[]][] = [
  ['the dispatcher’s', {}, {}, [0, 7000]],
  ['the option', { schedule: [0, '5s', 250] }, {}, [0, 5000, 5250]],
  ['metadata of the request', {}, { schedule: ['1m', '1h'] }, [60_000, 3_660_000]],
  ['metadata of the call', { metadata: { schedule: ['3s'] } }, { schedule: [0, 0] }, [3000]],
  ['the option before both', { schedule: ['2s'], metadata: { schedule: [0] } }, { schedule: [0, 0] }, [2000]],
  ['with a delay before the first wait', { schedule: ['2s', '3s'], delayMs: 500 }, {}, [2500, 5500]],
  ['one attempt at once', { schedule: [0] }, {}, [0]],
]

describe('when attempts are made, by', () => {
  test.each(WAYS)('%s', async (_name, options, metadata, expected) =>
    expect(await times(memoryStore(), options, metadata)).toEqual(expected),
  )

  test('the same in SQLite, sealed, and in PostgreSQL', async () => {
    const keyring = { keys: [{ kid: 'k', key: new Uint8Array(32).fill(1) }] } as const
    const sqlite = sqliteStore({ path: join(folder, 'times.sqlite'), keyring })
    const { pool, close } = await schemas.open()
    const way: EnqueueOptions = { schedule: ['1m', '5s', '1d'] }
    expect(await times(sqlite, way)).toEqual([60_000, 65_000, 86_465_000])
    expect(await times(postgresStore({ pool }), way)).toEqual([60_000, 65_000, 86_465_000])
    await sqlite.close()
    await close()
  })

  test('jitter is that of retrySchedule', async () => {
    for (const [byte, ms] of [
      [0, 8000],
      [255, 12_000],
    ] as const) {
      const { enqueue } = createDispatcher({ random: (bytes) => new Uint8Array(bytes).fill(byte), transport: refusing() })
      expect(Math.round((await enqueue(callbackRequest('a', url), { schedule: ['10s'] })).waitMs ?? 0)).toBe(ms)
    }
  })
})

const BAD: unknown[] = ['5s', [], ['5 s'], [-1], [Number.NaN], { 0: '5s' }, true, ['366d'], Array.from({ length: 101 }, () => 0)]

test.each(BAD)('%j is refused where it is given', async (schedule) => {
  const dispatcher = createDispatcher({ transport: refusing() })
  const given = { schedule } as EnqueueOptions
  const message = 'Expected "schedule" to be 1 to 100 waits'
  await expect(dispatcher.enqueue(callbackRequest('a', url), given)).rejects.toThrow(message)
  await expect(dispatcher.enqueue(callbackRequest('a', url), { metadata: { schedule } })).rejects.toThrow(TypeError)
  await expect(dispatcher.enqueueAll([callbackRequest('a', url, { metadata: { schedule } })])).rejects.toThrow(TypeError)
  expect(await dispatcher.list()).toEqual([])
})

const SHOWN: [schedule: unknown, shown: string][] = [
  [[0, Number.NaN, '5 s'], '[0,NaN,"5 s"]'],
  [[Number.POSITIVE_INFINITY, [-1], { a: 1 }], '[Infinity,[-1],{"a":1}]'],
  [Number.NaN, 'NaN'],
  [null, 'null'],
  ['5s', '"5s"'],
  [[], '[]'],
]

test.each(SHOWN)('%j is told as it was given', async (schedule, shown) => {
  const { enqueue } = createDispatcher({ transport: refusing() })
  const found = `found ${shown}.`
  const option = { schedule } as EnqueueOptions
  const other = callbackRequest('a', url, { metadata: { schedule: [1] } })
  await expect(enqueue(other, option)).rejects.toThrow(found)
  await expect(enqueue(other, { ...option, metadata: { schedule: [2] } })).rejects.toThrow(found)
  await expect(enqueue(other, { metadata: { schedule } })).rejects.toThrow(found)
  await expect(enqueue(callbackRequest('a', url, { metadata: { schedule } }))).rejects.toThrow(found)
})

test.each([...BAD, null])(
  '%j that is stored all the same loses nothing: the schedule of the dispatcher holds',
  async (schedule) => {
    const store = memoryStore()
    const delivery = newDelivery('a')
    await store.insert([{ ...delivery, metadata: { schedule } }])
    const clock = manualClock(delivery.dueAt)
    const dispatcher = createTestDispatcher({ store, clock, transport: refusing(), retry: retrySchedule([0, '7s', '7s']) })
    await dispatcher.runUntilIdle()
    expect((await dispatcher.get('a'))?.delivery).toMatchObject({ state: 'dead', attempts: 3 })
    await dispatcher.stop()
  },
)

test('it holds after a restart, in another process, and for a requeued delivery', async () => {
  const path = join(folder, 'restart.sqlite')
  const clock = manualClock()
  let store = sqliteStore({ path })
  const open = (): TestDispatcher => dispatcherOf(store, { clock, retry: retrySchedule([0]), started: false })
  const round = async (): Promise<readonly unknown[]> => {
    const dispatcher = open()
    await dispatcher.runDue()
    const { delivery, attempts } = (await dispatcher.get('a')) ?? {}
    const before = attempts?.at(-1)?.startedAt ?? delivery?.createdAt ?? 0
    await dispatcher.stop()
    await store.close()
    store = sqliteStore({ path })
    return [delivery?.state, delivery?.attempts, (delivery?.dueAt ?? 0) - before]
  }

  await open().enqueue(callbackRequest('a', url), { schedule: ['10s', '1m', '1h'] })
  expect(await round()).toEqual(['pending', 0, 10_000])
  await clock.advance('10s')
  expect(await round()).toEqual(['pending', 1, 60_000])
  await clock.advance('60s')
  expect(await round()).toEqual(['pending', 2, 3_600_000])
  await clock.advance('1h')
  expect((await round()).slice(0, 2)).toEqual(['dead', 3])

  // From the beginning, but for the wait before the first attempt: an operator asks for it now.
  expect(await open().requeue('a')).toEqual(['a'])
  expect(await round()).toEqual(['pending', 4, 60_000])
  await clock.advance('60s')
  expect(await round()).toEqual(['pending', 5, 3_600_000])
  await clock.advance('1h')
  expect((await round()).slice(0, 2)).toEqual(['dead', 6])
  await store.close()
})

const document = {
  openapi: '3.1.0',
  info: { title: 'A', version: '1' },
  paths: {
    '/things': {
      post: {
        operationId: 'create',
        requestBody: { content: { 'application/json': {} } },
        responses: { 200: { description: 'Yes.' } },
        callbacks: {
          done: {
            '{$request.body#/url}': {
              post: {
                'x-ringback-delivery': { schedule: ['10s', '1m'] },
                requestBody: { content: { 'application/json': {} } },
                responses: { 200: { description: 'Thanks.' } },
              },
            },
          },
        },
      },
    },
  },
}

describe.each(['before-response', 'after-response'] as const)('sent by a middleware, stored %s', (commit) => {
  async function served(): Promise<{
    readonly dispatcher: ReturnType<typeof createTestDispatcher>
    readonly target: CallbackTarget | undefined
    fire(target: CallbackTarget): Promise<unknown>
  }> {
    const clock = manualClock()
    const store: DeliveryStore = { ...memoryStore(), durable: true, leasesAtInsert: false }
    const dispatcher = createTestDispatcher({ store, clock, random: middle, respond: () => ({ status: 500 }) })
    let target: CallbackTarget | undefined
    const pending: Promise<unknown>[] = []
    const handle = withCallbacks(async () => Response.json({}), {
      description: document,
      dispatcher,
      clock,
      commit,
      onStart() {},
      onError: ({ message }) => {
        throw new Error(message)
      },
      waitUntil: (work) => pending.push(work),
      handlers: {
        create: {
          done: (context) => {
            target = context.target
            return { body: {} }
          },
        },
      },
    })
    const body = JSON.stringify({ url })
    const headers = { 'content-type': 'application/json' }
    const response = await handle(new Request('http://h.example/things', { method: 'POST', headers, body }))
    await response.text()
    await Promise.all(pending)
    return { dispatcher, target, fire: (one) => handle.fire(one, { body: {} }, { id: 'later' }) }
  }
  const attemptsOf = async (dispatcher: Dispatcher, id: string): Promise<readonly number[]> => {
    const record = await dispatcher.get(id)
    return (record?.attempts ?? []).map(({ startedAt }) => startedAt - (record?.delivery.createdAt ?? 0))
  }

  test('it waits as the description says, also before the first attempt', async () => {
    const { dispatcher } = await served()
    await dispatcher.runUntilIdle()
    const [delivery] = await dispatcher.list()
    expect(delivery).toMatchObject({ state: 'dead', metadata: { callback: 'done', schedule: ['10s', '1m'] } })
    expect(await attemptsOf(dispatcher, delivery?.id ?? '')).toEqual([10_000, 70_000])
    await dispatcher.stop()
  })

  test('and so it does for a target that was stored', async () => {
    const { dispatcher, target, fire } = await served()
    await dispatcher.advance('3d')
    await fire(JSON.parse(JSON.stringify(target)))
    await dispatcher.runUntilIdle()
    expect(await attemptsOf(dispatcher, 'later')).toEqual([10_000, 70_000])
    await dispatcher.stop()
  })
})

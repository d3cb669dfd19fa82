import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DeliveryStore, type Keyring, memoryStore, postgresStore, sqliteStore } from 'ringback/dispatcher'
import { claimCheckContract, destinationContract, storeContract } from 'ringback/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { newDelivery } from '../../src/testing/store-contract/bench.ts'
import { testSchemas } from '../support/postgres-schema.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringback-'))
let files = 0
const freshFile = (): string => join(folder, `${files++}.sqlite`)
const schemas = testSchemas()
afterAll(() => schemas.drop())
afterAll(() => rmSync(folder, { recursive: true }))

const keyring: Keyring = { keys: [{ kid: 'k1', key: new Uint8Array(32).fill(1) }] }

async function postgres(options: { readonly keyring?: Keyring } = {}): Promise<DeliveryStore> {
  const { pool, close } = await schemas.open()
  return { ...postgresStore({ pool, ...options }), close }
}

const STORES: [name: string, open: () => DeliveryStore | Promise<DeliveryStore>][] = [
  ['memory', () => memoryStore()],
  ['sqlite', () => sqliteStore({ path: freshFile(), synchronous: 'normal' })],
  ['sqlite, sealed', () => sqliteStore({ path: freshFile(), synchronous: 'normal', keyring })],
  ['postgres', () => postgres()],
  ['postgres, sealed', () => postgres({ keyring })],
]

describe.each(STORES)('%s', (_name, open) => {
  const cases = [...storeContract(open), ...destinationContract(async () => open()), ...claimCheckContract(async () => open())]
  for (const { name, run } of cases) test(name, run)
})

test('the memory store forgets the oldest of the settled ones', async () => {
  const store = memoryStore({ keepSettled: 2 })
  await store.insert(['a', 'b', 'c', 'd'].map((id) => newDelivery(id)))
  await store.change(['b', 'a', 'c'], 'cancel', 0)
  expect((await store.list({ limit: 10 })).map(({ id }) => id)).toEqual(['a', 'c', 'd'])
})

test('a SQLite file outlives the store, and two stores share it', async () => {
  const path = freshFile()
  const first = sqliteStore({ path })
  const second = sqliteStore({ path })
  await first.insert([newDelivery('a')])
  const claim = {
    now: newDelivery('a').dueAt,
    limit: 9,
    perOrigin: 9,
    taken: new Map<string, number>(),
    leaseUntil: Number.MAX_SAFE_INTEGER,
  }
  const claims = await Promise.all([first.claim({ ...claim, token: 'x' }), second.claim({ ...claim, token: 'y' })])
  expect(claims.flat()).toHaveLength(1)
  await first.close()
  await second.close()
  const third = sqliteStore({ path })
  expect(await third.get('a')).toMatchObject({ delivery: { state: 'leased' } })
  await third.close()
})

/** Breaks one promise of a store. */
const BROKEN: [what: string, broken: (store: DeliveryStore) => Partial<DeliveryStore>, finds: RegExp][] = [
  ['an id that is stored twice', (store) => ({ insert: async (all) => (await store.insert(all)).map(() => true) }), /known/],
  [
    'claims without a turn',
    (store) => ({ claim: (claim) => store.claim({ ...claim, perOrigin: 100, taken: new Map() }) }),
    /turn/,
  ],
  ['leases that never end', () => ({ claimExpired: async () => [] }), /leases that end|go to whoever asks/],
  ['attempts that are not kept', (store) => ({ get: async (id) => withoutAttempts(await store.get(id)) }), /records the attempt/],
  ['a filter that is ignored', (store) => ({ list: ({ limit }) => store.list({ limit }) }), /list asks/],
  [
    'settled ones that cannot be requeued',
    (store) => ({ change: (ids, how, now) => store.change(how === 'requeue' ? [] : ids, how, now) }),
    /requeue/,
  ],
]

function withoutAttempts(stored: Awaited<ReturnType<DeliveryStore['get']>>): typeof stored {
  return stored === undefined ? undefined : { ...stored, attempts: [] }
}

test.each(BROKEN)('the contract finds %s', async (_what, broken, finds) => {
  const open = (): DeliveryStore => {
    const store = memoryStore()
    return { ...store, ...broken(store) }
  }
  const failed: string[] = []
  for (const { name, run } of storeContract(open)) {
    await run().catch((error: Error) => failed.push(`${name}: ${error.name}`))
  }
  expect(failed.filter((line) => finds.test(line))).not.toEqual([])
  expect(failed.length).toBeLessThan(storeContract(open).length / 2)
})

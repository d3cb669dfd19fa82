import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryStore, sqliteStore } from 'ringback/dispatcher'
import { afterAll, expect, test } from 'vitest'
import { destinationContract } from './destination-contract.ts'
import { newDelivery, storeContract } from './store-contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringback-'))
let files = 0
const freshFile = (): string => join(folder, `${files++}.sqlite`)
afterAll(() => rmSync(folder, { recursive: true }))

storeContract('memory', async () => memoryStore())
storeContract('sqlite', async () => sqliteStore({ path: freshFile(), synchronous: 'normal' }))
destinationContract('memory', async () => memoryStore())
destinationContract('sqlite', async () => sqliteStore({ path: freshFile(), synchronous: 'normal' }))

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

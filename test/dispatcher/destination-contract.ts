import type { Destination, DestinationStore } from 'ringback/dispatcher'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const t0 = 1_700_000_000_000

function destination(id: string, changes: Partial<Destination> = {}): Destination {
  return { id, version: 1, createdAt: t0, changedAt: t0, secrets: [], ...changes }
}

/** The promises of `DestinationStore`, for every implementation. `open` gives a store that is empty. */
export function destinationContract(
  name: string,
  open: () => Promise<{ readonly destinations?: DestinationStore; close(): Promise<void> }>,
): void {
  describe(`destination contract: ${name}`, () => {
    let owner: Awaited<ReturnType<typeof open>>
    let store: DestinationStore
    beforeEach(async () => {
      owner = await open()
      if (owner.destinations === undefined) throw new Error('Expected a store that keeps destinations.')
      store = owner.destinations
    })
    afterEach(() => owner.close())

    test('keeps what it was given, and what is there already', async () => {
      const full = destination("https://a.example/cb';--\u2603", {
        secrets: [{ key: 'whsec_new' }, { key: 'whsec_old', expiresAt: t0 + 1 }],
        disabled: { at: t0, reason: 'gone' },
        failing: { since: t0, attempts: 3, warned: 50 },
      })
      expect(await store.insert(full)).toBe(true)
      expect(await store.insert(destination(full.id))).toBe(false)
      expect(await store.get(full.id)).toEqual(full)
      expect(await store.get('https://b.example/')).toBeUndefined()
    })

    test('replaces only the version before', async () => {
      await store.insert(destination('a'))
      const next = destination('a', { version: 2, disabled: { at: t0, reason: 'operator' } })
      expect(await store.update(next)).toBe(true)
      expect(await store.update(next)).toBe(false)
      expect(await store.update(destination('a', { version: 4 }))).toBe(false)
      expect(await store.update(destination('nobody', { version: 2 }))).toBe(false)
      expect(await store.get('a')).toEqual(next)
    })

    test('of many who change it at once, one wins', async () => {
      await store.insert(destination('a'))
      const all = await Promise.all(Array.from({ length: 9 }, () => store.update(destination('a', { version: 2 }))))
      expect(all.filter(Boolean)).toHaveLength(1)
    })

    test('lists by id, and goes on behind one', async () => {
      for (const id of ['c', 'a', 'b']) await store.insert(destination(id))
      const ids = async (filter: Parameters<DestinationStore['list']>[0]) => (await store.list(filter)).map(({ id }) => id)
      expect(await ids({ limit: 9 })).toEqual(['a', 'b', 'c'])
      expect(await ids({ limit: 1 })).toEqual(['a'])
      expect(await ids({ limit: 9, after: 'a' })).toEqual(['b', 'c'])
    })

    test('purge forgets only what nobody would miss', async () => {
      await store.insert(destination('old1'))
      await store.insert(destination('old2'))
      await store.insert(destination('young', { changedAt: t0 + 10 }))
      await store.insert(destination('signed', { secrets: [{ key: 'whsec_x' }] }))
      await store.insert(destination('disabled', { disabled: { at: t0, reason: 'gone' } }))
      expect(await store.purge({ changedBefore: t0, limit: 9 })).toBe(0)
      expect(await store.purge({ changedBefore: t0 + 1, limit: 1 })).toBe(1)
      expect(await store.purge({ changedBefore: t0 + 1, limit: 9 })).toBe(1)
      expect((await store.list({ limit: 9 })).map(({ id }) => id)).toEqual(['disabled', 'signed', 'young'])
    })
  })
}

import type { Destination, DestinationStore } from '../../dispatcher/index.ts'
import { t0 } from './bench.ts'
import { equal } from './expectation.ts'
import type { ContractCase } from './store-contract.ts'

function destination(id: string, changes: Partial<Destination> = {}): Destination {
  return { id, version: 1, createdAt: t0, changedAt: t0, secrets: [], ...changes }
}

const cases: Readonly<Record<string, (store: DestinationStore) => Promise<void>>> = {
  'keeps what it was given, and what is there already': async (store) => {
    const full = destination("https://a.example/cb';--\u2603", {
      secrets: [{ key: 'whsec_new' }, { key: 'whsec_old', expiresAt: t0 + 1 }],
      disabled: { at: t0, reason: 'gone' },
      failing: { since: t0, attempts: 3, warned: 50 },
    })
    equal(await store.insert(full), true)
    equal(await store.insert(destination(full.id)), false)
    equal(await store.get(full.id), full)
    equal(await store.get('https://b.example/'), undefined)
  },

  'replaces only the version before': async (store) => {
    await store.insert(destination('a', { secrets: [{ key: 'whsec_x' }] }))
    const next = destination('a', { version: 2, disabled: { at: t0, reason: 'operator' } })
    equal(await store.update(next), true)
    equal(await store.update(next), false)
    equal(await store.update(destination('a', { version: 4 })), false)
    equal(await store.update(destination('nobody', { version: 2 })), false)
    equal(await store.get('a'), next)
  },

  'of many who change it at once, one wins': async (store) => {
    await store.insert(destination('a'))
    const all = await Promise.all(Array.from({ length: 9 }, () => store.update(destination('a', { version: 2 }))))
    equal(all.filter(Boolean).length, 1)
  },

  'of many who make it at once, one wins': async (store) => {
    const all = await Promise.all(Array.from({ length: 9 }, () => store.insert(destination('a'))))
    equal(all.filter(Boolean).length, 1)
  },

  'lists by id, and goes on behind one': async (store) => {
    for (const id of ['c', 'a', 'B', 'b']) await store.insert(destination(id))
    const ids = async (filter: Parameters<DestinationStore['list']>[0]): Promise<string[]> =>
      (await store.list(filter)).map(({ id }) => id)
    equal(await ids({ limit: 9 }), ['B', 'a', 'b', 'c'])
    equal(await ids({ limit: 1 }), ['B'])
    equal(await ids({ limit: 9, after: 'a' }), ['b', 'c'])
  },

  'given as unreadable it keeps the secrets that are stored': async (store) => {
    await store.insert(destination('a', { secrets: [{ key: 'whsec_x' }] }))
    const unreadable = { code: 'ERR_KEY_MISSING', message: 'm' } as const
    equal(await store.update(destination('a', { version: 2, disabled: { at: t0, reason: 'gone' }, unreadable })), true)
    equal(
      await store.get('a'),
      destination('a', { version: 2, disabled: { at: t0, reason: 'gone' }, secrets: [{ key: 'whsec_x' }] }),
    )
  },

  'purge forgets only what nobody would miss': async (store) => {
    await store.insert(destination('old1'))
    await store.insert(destination('old2'))
    await store.insert(destination('young', { changedAt: t0 + 10 }))
    await store.insert(destination('signed', { secrets: [{ key: 'whsec_x' }] }))
    await store.insert(destination('disabled', { disabled: { at: t0, reason: 'gone' } }))
    equal(await store.purge({ changedBefore: t0, limit: 9 }), 0)
    equal(await store.purge({ changedBefore: t0 + 1, limit: 1 }), 1)
    equal(await store.purge({ changedBefore: t0 + 1, limit: 9 }), 1)
    equal(
      (await store.list({ limit: 9 })).map(({ id }) => id),
      ['disabled', 'signed', 'young'],
    )
  },
}

/** The promises of `DestinationStore`, for every implementation. `open` gives what keeps none yet. */
export function destinationContract(
  open: () => Promise<{ readonly destinations?: DestinationStore; close(): Promise<void> }>,
): readonly ContractCase[] {
  return Object.entries(cases).map(([name, run]) => ({
    name: `destinations: ${name}`,
    async run() {
      const owner = await open()
      try {
        if (owner.destinations === undefined) throw new Error('Expected a store that keeps destinations.')
        await run(owner.destinations)
      } finally {
        await owner.close()
      }
    },
  }))
}

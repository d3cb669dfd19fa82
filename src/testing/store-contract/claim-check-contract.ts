import type { ClaimCheckStore, NewClaimCheck } from '../../dispatcher/index.ts'
import { t0 } from './bench.ts'
import { equal } from './expectation.ts'
import type { ContractCase } from './store-contract.ts'

const body = new Uint8Array([0, 255, 10, 13])

function claimCheck(hash: string, deliveryId: string, changes: Partial<NewClaimCheck> = {}): NewClaimCheck {
  return { hash, deliveryId, once: true, expiresAt: t0 + 100, renew: true, contentType: 'text/x; a="ü"', body, ...changes }
}

const payload = { contentType: 'text/x; a="ü"', body }

const cases: Readonly<Record<string, (store: ClaimCheckStore) => Promise<void>>> = {
  'gives what it was given, byte for byte': async (store) => {
    await store.put(claimCheck('h', 'a'))
    equal(await store.find('h', t0), 'a')
    equal(await store.take('h', t0), payload)
    await store.put(claimCheck('empty', 'b', { contentType: '', body: new Uint8Array(0) }))
    equal(await store.take('empty', t0), { contentType: '', body: new Uint8Array(0) })
    const { contentType: _, ...untyped } = claimCheck('untyped', "c';--\u2603")
    await store.put(untyped)
    equal(await store.find('untyped', t0), "c';--\u2603")
    equal(await store.take('untyped', t0), { body })
  },

  'of an unknown hash it knows nothing': async (store) => {
    await store.put(claimCheck('h', 'a'))
    equal(await store.find('', t0), undefined)
    equal(await store.find('H', t0), undefined)
    equal(await store.take('a', t0), undefined)
    await store.restore('unknown')
  },

  'what may be fetched once is gone then, under every hash': async (store) => {
    await store.put(claimCheck('h1', 'a'))
    await store.put(claimCheck('h2', 'a', { renew: false }))
    equal(await store.take('h1', t0), payload)
    for (const hash of ['h1', 'h2']) equal([await store.find(hash, t0), await store.take(hash, t0)], [undefined, undefined])
  },

  'of many who take it at once, one gets it': async (store) => {
    await store.put(claimCheck('h', 'a'))
    const all = await Promise.all(Array.from({ length: 9 }, () => store.take('h', t0)))
    equal(all.filter((one) => one !== undefined).length, 1)
  },

  'what may be fetched often stays': async (store) => {
    await store.put(claimCheck('h', 'a', { once: false }))
    for (let i = 0; i < 3; i++) equal(await store.take('h', t0), payload)
    equal(await store.find('h', t0), 'a')
  },

  'what could not be handed over can be taken again': async (store) => {
    await store.put(claimCheck('h1', 'a'))
    await store.put(claimCheck('h2', 'a'))
    await store.take('h1', t0)
    await store.restore('h1')
    equal(await store.take('h2', t0), payload)
  },

  'another call of the same attempts brings nothing back; a fresh start does': async (store) => {
    await store.put(claimCheck('h1', 'a'))
    await store.take('h1', t0)
    await store.put(claimCheck('h2', 'a', { renew: false }))
    equal(await store.take('h2', t0), undefined)
    await store.put(claimCheck('h3', 'a', { renew: true }))
    equal(await store.take('h3', t0), payload)
  },

  'every hash expires at its own time': async (store) => {
    await store.put(claimCheck('h1', 'a', { once: false, expiresAt: t0 + 10 }))
    await store.put(claimCheck('h2', 'a', { once: false, expiresAt: t0 + 30, renew: false }))
    await store.put(claimCheck('h3', 'a', { once: false, expiresAt: t0 + 20, renew: false }))
    equal(await store.find('h1', t0 + 9), 'a')
    equal([await store.find('h1', t0 + 10), await store.take('h1', t0 + 10)], [undefined, undefined])
    equal(await store.take('h3', t0 + 19), payload)
    equal([await store.take('h3', t0 + 20), await store.find('h2', t0 + 29)], [undefined, 'a'])
  },

  'purge forgets what has expired': async (store) => {
    for (const [i, id] of ['a', 'b', 'c'].entries()) await store.put(claimCheck(`h${i}`, id, { expiresAt: t0 + i }))
    await store.put(claimCheck('late', 'a', { expiresAt: t0 + 50, renew: false }))
    equal(await store.purge({ expiredBefore: t0, limit: 9 }), 0)
    equal(await store.purge({ expiredBefore: t0 + 3, limit: 1 }), 1)
    equal(await store.purge({ expiredBefore: t0 + 3, limit: 9 }), 2)
    equal(await store.purge({ expiredBefore: t0 + 3, limit: 9 }), 0)
    equal(await store.take('late', t0), payload)
    equal(await store.take('h2', t0), undefined)
    // The id can be used again.
    await store.put(claimCheck('h2', 'c'))
    equal(await store.find('h2', t0), 'c')
  },
}

/** The promises of `ClaimCheckStore`, for every implementation. `open` gives what keeps none yet. */
export function claimCheckContract(
  open: () => Promise<{ readonly claimChecks?: ClaimCheckStore; close(): Promise<void> }>,
): readonly ContractCase[] {
  return Object.entries(cases).map(([name, run]) => ({
    name: `claim checks: ${name}`,
    async run() {
      const owner = await open()
      try {
        if (owner.claimChecks === undefined) throw new Error('Expected a store that keeps claim checks.')
        await run(owner.claimChecks)
      } finally {
        await owner.close()
      }
    },
  }))
}

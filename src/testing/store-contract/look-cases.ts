import type { DeliveryFilter } from '../../dispatcher/index.ts'
import { attempt, newDelivery, type StoreCases, t0 } from './bench.ts'
import { equal } from './expectation.ts'

export const lookCases: StoreCases = {
  'list filters and goes on behind an id': async ({ store }) => {
    await store.insert(['a', 'b', 'c', 'd'].map((id) => newDelivery(id, id === 'c' ? { origin: 'https://c.example' } : {})))
    await store.change(['d'], 'hold', t0)
    const list = async (filter: DeliveryFilter): Promise<string[]> => (await store.list(filter)).map(({ id }) => id)
    equal(await list({ limit: 10 }), ['a', 'b', 'c', 'd'])
    equal(await list({ limit: 2 }), ['a', 'b'])
    equal(await list({ limit: 2, after: 'b' }), ['c', 'd'])
    equal(await list({ limit: 10, state: 'held' }), ['d'])
    equal(await list({ limit: 10, origin: 'https://c.example' }), ['c'])
  },

  'list asks for all that is given at once': async ({ store, claim }) => {
    const metadata = { callback: 'onDone', operationId: 'createOrder', operation: '#/paths/~1orders/post' }
    await store.insert([
      newDelivery('a', { metadata }),
      newDelivery('b', { metadata: { callback: 'onDone', operation: '#/paths/~1orders/post' }, createdAt: t0 + 10 }),
      newDelivery('c', { metadata: { ...metadata, callback: 'on\u0000Done' }, createdAt: t0 + 20 }),
      newDelivery('d', { metadata: {}, createdAt: t0 + 30 }),
    ])
    const [a, b] = await claim({ limit: 2 })
    if (a === undefined || b === undefined) throw new Error('Expected two leases.')
    await store.settle([
      { lease: a.lease, attempt: attempt(1), consequence: { kind: 'dead', at: t0 + 50, reason: 'gone' } },
      { lease: b.lease, attempt: attempt(1), consequence: { kind: 'dead', at: t0 + 60, reason: 'refused' } },
    ])
    const list = async (filter: Partial<DeliveryFilter>): Promise<string[]> =>
      (await store.list({ limit: 10, ...filter })).map(({ id }) => id)
    equal(await list({ ids: ['d', 'a', 'nobody', 'a'] }), ['a', 'd'])
    equal(await list({ ids: [] }), [])
    equal(await list({ callback: 'onDone' }), ['a', 'b', 'c'])
    equal(await list({ operation: 'createOrder' }), ['a', 'c'])
    equal(await list({ operation: '#/paths/~1orders/post' }), ['b'])
    equal(await list({ reason: 'gone' }), ['a'])
    equal(await list({ createdFrom: t0 + 10, createdBefore: t0 + 30 }), ['b', 'c'])
    equal(await list({ settledBefore: t0 + 60 }), ['a'])
    equal(await list({ settledBefore: t0 + 61, state: 'dead', callback: 'onDone' }), ['a', 'b'])
    equal(await list({ callback: 'onDone', operation: 'createOrder', state: 'pending', origin: 'https://a.example' }), ['c'])
    equal(await list({ callback: "' OR 1=1 --" }), [])
    equal(await list({ callback: 'onDone', after: 'a', limit: 1 }), ['b'])
    equal(await list({ after: 'nobody' }), [])
    equal(await list({ newestFirst: true, limit: 2 }), ['d', 'c'])
    equal(await list({ newestFirst: true, after: 'c', callback: 'onDone' }), ['b', 'a'])
  },

  'stats and the next instant': async ({ store, claimOne }) => {
    equal(await store.nextWakeAt(), undefined)
    await store.insert([
      newDelivery('a', { dueAt: t0 + 30 }),
      newDelivery('b', { dueAt: t0 + 10 }),
      newDelivery('c', { dueAt: t0 }),
    ])
    equal(await store.nextWakeAt(), t0)
    await claimOne({ leaseUntil: t0 + 20 })
    equal(await store.nextWakeAt(), t0 + 10)
    await store.change(['b'], 'cancel', t0)
    equal(await store.nextWakeAt(), t0 + 20)
    equal(await store.stats(), {
      counts: { pending: 1, leased: 1, delivered: 0, dead: 0, cancelled: 1, held: 0 },
      oldestDueAt: t0 + 30,
    })
  },

  'purge forgets what was settled before, at most so many, and lets the id be used again': async ({ store, claim }) => {
    await store.insert(['a', 'b', 'c', 'd', 'e'].map((id) => newDelivery(id)))
    const [a, b, c] = await claim({ limit: 3 })
    if (a === undefined || b === undefined || c === undefined) throw new Error('Expected three leases.')
    await store.settle([
      { lease: a.lease, attempt: attempt(1), consequence: { kind: 'delivered', at: t0 + 10 } },
      { lease: b.lease, attempt: attempt(1), consequence: { kind: 'delivered', at: t0 + 20 } },
      { lease: c.lease, attempt: attempt(1), consequence: { kind: 'dead', at: t0 + 10, reason: 'gone' } },
    ])
    await store.change(['d'], 'cancel', t0 + 10)
    const left = async () => (await store.list({ limit: 10 })).map(({ id }) => id)
    equal(await store.purge({ deliveredBefore: t0 + 10, othersBefore: t0 + 10, limit: 10 }), 0)
    equal(await store.purge({ deliveredBefore: t0 + 20, othersBefore: t0 + 10, limit: 10 }), 1)
    equal(await left(), ['b', 'c', 'd', 'e'])
    equal(await store.purge({ deliveredBefore: 0, othersBefore: t0 + 11, limit: 1 }), 1)
    equal(await store.purge({ deliveredBefore: 0, othersBefore: t0 + 11, limit: 1 }), 1)
    equal(await left(), ['b', 'e'])
    equal(await store.insert([newDelivery('a')]), [true])
    equal((await store.get('a'))?.attempts, [])
  },

  'an unknown id is nothing': async ({ store }) => {
    equal(await store.get('nobody'), undefined)
    equal(await store.change(['nobody'], 'cancel', t0), [])
  },
}

import type { NewDelivery } from '../../dispatcher/index.ts'
import { attempt, delivered, each, endOf, ids, newDelivery, type StoreCases, t0 } from './bench.ts'
import { equal } from './expectation.ts'

const inOrder = (...names: string[]): NewDelivery[] => names.map((name) => newDelivery(name, { orderingKey: 'k' }))

/** Deliveries with one key arrive in the order of enqueueing. */
export const orderingCases: StoreCases = {
  'the next one waits until the one before it is delivered': async ({ store, claim }) => {
    await store.insert([...inOrder('a', 'b', 'c'), newDelivery('free')])
    equal(ids(await claim()).sort(), ['a', 'free'])
    equal(await claim(), [])
  },

  ...each(['delivered', 'dead'] as const, (kind) => [
    `${kind} lets the next one go, and only that`,
    async ({ store, claim, claimOne }) => {
      await store.insert(inOrder('a', 'b', 'c'))
      const { lease } = await claimOne()
      await store.settle([{ lease, attempt: attempt(1), consequence: endOf(kind) }])
      equal(ids(await claim()), ['b'])
    },
  ]),

  'a retry keeps the others waiting': async ({ store, claim, claimOne }) => {
    await store.insert(inOrder('a', 'b'))
    const { lease } = await claimOne()
    await store.settle([{ lease, attempt: attempt(1), consequence: { kind: 'retry', dueAt: t0 + 50 } }])
    equal(await claim(), [])
    equal(ids(await claim({ now: t0 + 50 })), ['a'])
  },

  'a held one keeps the others waiting, a cancelled one lets them go': async ({ store, claim }) => {
    await store.insert(inOrder('a', 'b', 'c'))
    await store.change(['a'], 'hold', t0)
    equal(await claim(), [])
    await store.change(['a'], 'cancel', t0)
    equal(ids(await claim()), ['b'])
  },

  'to cancel one that waits lets nobody pass': async ({ store, claim }) => {
    await store.insert(inOrder('a', 'b', 'c'))
    equal(ids(await claim()), ['a'])
    await store.change(['b'], 'cancel', t0)
    equal(await claim(), [])
  },

  'a requeued one waits for the one under way, then goes before those that came after it': async ({ store, claim, claimOne }) => {
    await store.insert(inOrder('a', 'b', 'c'))
    await store.settle([delivered(await claimOne())])
    const b = await claimOne()
    await store.change(['a'], 'requeue', t0)
    equal(await claim(), [])
    await store.settle([delivered(b)])
    const a = await claimOne()
    equal(a.delivery.id, 'a')
    await store.settle([delivered(a)])
    equal(ids(await claim()), ['c'])
  },

  'waiting ones do not wake anybody': async ({ store, claimOne }) => {
    await store.insert(inOrder('a', 'b'))
    await claimOne({ leaseUntil: t0 + 99 })
    equal(await store.nextWakeAt(), t0 + 99)
  },
}

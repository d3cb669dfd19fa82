import { attempt, type Bench, delivered, each, endOf, ids, newDelivery, type StoreCases, t0 } from './bench.ts'
import { equal, matches } from './expectation.ts'

async function settleOne({ store, claimOne }: Bench, kind: 'delivered' | 'dead'): Promise<void> {
  const { lease } = await claimOne()
  await store.settle([{ lease, attempt: attempt(1), consequence: endOf(kind) }])
}

export const operatorCases: StoreCases = {
  'cancel, hold and resume': async ({ store, claim, stateOf }) => {
    await store.insert([newDelivery('a'), newDelivery('b')])
    equal(await store.change(['a', 'nobody'], 'hold', t0), ['a'])
    equal(ids(await claim()), ['b'])
    equal(await store.change(['a', 'b'], 'cancel', t0), ['a'])
    equal(await store.change(['a'], 'resume', t0), [])
    equal(await stateOf('a'), 'cancelled')
    await store.insert([newDelivery('c')])
    await store.change(['c'], 'hold', t0)
    equal(await store.change(['c'], 'resume', t0), ['c'])
    equal(ids(await claim()), ['c'])
  },

  ...each(['delivered', 'dead'] as const, (kind) => [
    `requeue takes up a ${kind} one again, and keeps its attempts`,
    async (bench) => {
      const { store, claimOne } = bench
      await store.insert([newDelivery('a')])
      await settleOne(bench, kind)
      equal(await store.change(['a'], 'requeue', t0 + 5), ['a'])
      const again = await store.get('a')
      matches(again, { delivery: { state: 'pending', attempts: 1, attemptsBefore: 1, dueAt: t0 + 5 } })
      equal('reason' in (again?.delivery ?? {}), false)
      equal('settledAt' in (again?.delivery ?? {}), false)
      equal(again?.attempts.length, 1)
      const second = await claimOne({ now: t0 + 5 })
      equal(await store.settle([delivered(second)]), [true])
      equal(
        (await store.get('a'))?.attempts.map(({ n }) => n),
        [1, 2],
      )
    },
  ]),

  'requeue leaves alone what is on its way': async ({ store, claimOne }) => {
    await store.insert([newDelivery('a'), newDelivery('b', { dueAt: t0 + 1 })])
    await claimOne()
    equal(await store.change(['a', 'b'], 'requeue', t0), [])
  },

  'reschedule moves a pending one to another instant, and no other': async ({ store, claim }) => {
    await store.insert([newDelivery('a', { dueAt: t0 + 60_000 }), newDelivery('b')])
    await store.change(['b'], 'hold', t0)
    equal(await store.change(['a', 'b', 'nobody'], 'reschedule', t0), ['a'])
    equal(await store.nextWakeAt(), t0)
    equal(ids(await claim()), ['a'])
    equal(await store.change(['a'], 'reschedule', t0), [])
    await store.change(['b'], 'resume', t0)
    await store.change(['b'], 'reschedule', t0 + 5)
    equal(ids(await claim()), [])
    matches(await store.get('b'), { delivery: { state: 'pending', dueAt: t0 + 5, attempts: 0 } })
  },

  'forget takes away what is settled, its attempts too, and nothing else': async (bench) => {
    const { store, claimOne } = bench
    await store.insert(['a', 'b', 'c', 'd'].map((id) => newDelivery(id)))
    await settleOne(bench, 'dead')
    const leased = await claimOne()
    await store.change(['c'], 'hold', t0)
    equal(await store.change(['a', 'b', 'c', 'd', 'nobody'], 'forget', t0), ['a'])
    equal(await store.get('a'), undefined)
    equal(await store.settle([delivered(leased)]), [true])
    equal(await store.insert([newDelivery('a')]), [true])
    equal((await store.get('a'))?.attempts, [])
  },
}

import type { LeasedDelivery } from '../../dispatcher/index.ts'
import { delivered, ids, newDelivery, type StoreCases, t0 } from './bench.ts'
import { equal, holds } from './expectation.ts'

const lease = { id: 'a', token: 'mine', until: t0 + 1000 }

/** For stores with `leasesAtInsert`; the others only have to say that they have not. */
export const leaseAtInsertCases: StoreCases = {
  'leases from the start, to whoever holds the token, until it ends': async ({ store, claim }) => {
    if (store.leasesAtInsert !== true) return equal(store.leasesAtInsert ?? false, false)
    equal(await store.insert([newDelivery('a'), newDelivery('b')], [lease, undefined]), [true, true])
    equal(await store.get('a'), {
      delivery: { ...newDelivery('a'), state: 'leased', attempts: 0, attemptsBefore: 0 },
      attempts: [],
    })
    equal(ids(await claim({ now: t0 + 10_000 })), ['b'])
    const expired = await store.claimExpired({ now: t0 + 1000, token: 'next', leaseUntil: t0 + 9000, limit: 9 })
    holds(ids(expired).includes('a'))
    const [taken] = expired.filter(({ delivery }) => delivery.id === 'a')
    if (taken === undefined) throw new Error('Expected the lease to have ended.')
    equal(await store.settle([delivered({ ...taken, lease })]), [false])
  },

  'settles and releases as any other': async ({ store, claim, stateOf }) => {
    if (store.leasesAtInsert !== true) return equal(store.leasesAtInsert ?? false, false)
    await store.insert([newDelivery('a'), newDelivery('b')], [lease, { ...lease, id: 'b' }])
    equal(await store.nextWakeAt(), t0 + 1000)
    equal(await store.release([{ lease, dueAt: t0 + 5 }]), [true])
    const b = { delivery: (await store.get('b'))?.delivery, lease: { ...lease, id: 'b' } } as LeasedDelivery
    equal(await store.settle([delivered(b)]), [true])
    equal([await stateOf('a'), await stateOf('b')], ['pending', 'delivered'])
    equal(ids(await claim({ now: t0 + 5 })), ['a'])
  },

  'an id that is known keeps its state': async ({ store, stateOf }) => {
    if (store.leasesAtInsert !== true) return equal(store.leasesAtInsert ?? false, false)
    await store.insert([newDelivery('a')])
    equal(await store.insert([newDelivery('a')], [lease]), [false])
    equal(await stateOf('a'), 'pending')
  },
}

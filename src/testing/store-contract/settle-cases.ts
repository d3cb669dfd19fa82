import { attempt, delivered, ids, newDelivery, type StoreCases, t0 } from './bench.ts'
import { equal, matches } from './expectation.ts'

export const settleCases: StoreCases = {
  'records the attempt and its consequence': async ({ store, claimOne }) => {
    await store.insert([newDelivery('a')])
    const first = await claimOne()
    const retry = { kind: 'retry', dueAt: t0 + 50 } as const
    equal(await store.settle([{ lease: first.lease, attempt: attempt(1, { nextAt: t0 + 50 }), consequence: retry }]), [true])
    matches(await store.get('a'), {
      delivery: { state: 'pending', attempts: 1, dueAt: t0 + 50 },
      attempts: [attempt(1, { nextAt: t0 + 50 })],
    })
    const refused = attempt(2, { outcome: { kind: 'refused', rule: 'special-v4', message: 'm', detail: 'd' }, sent: 'no' })
    const second = await claimOne({ now: t0 + 50 })
    await store.settle([{ lease: second.lease, attempt: refused, consequence: { kind: 'dead', at: t0 + 60, reason: 'refused' } }])
    matches(await store.get('a'), {
      delivery: { state: 'dead', reason: 'refused', settledAt: t0 + 60, attempts: 2 },
      attempts: [attempt(1, { nextAt: t0 + 50 }), refused],
    })
  },

  'a receiver that has moved is found at its new place from then on': async ({ store, claim, claimOne }) => {
    await store.insert([newDelivery('a', { orderingKey: 'k' })])
    await store.insert([newDelivery('b')])
    const { delivery, lease } = await claimOne()
    const url = 'https://moved.example/x?y=1'
    const moved = { ...delivery, request: { ...delivery.request, url }, origin: 'https://moved.example' }
    const settlement = { lease, attempt: attempt(1), consequence: { kind: 'retry', dueAt: t0 }, moved } as const
    equal(await store.settle([{ ...settlement, lease: { ...lease, token: 'stale' } }]), [false])
    equal((await store.get('a'))?.delivery.request.url, 'https://a.example/cb')
    equal(await store.settle([settlement]), [true])
    equal(
      (await store.list({ limit: 9, origin: 'https://moved.example' })).map(({ id }) => id),
      ['a'],
    )
    const [again] = await claim({ taken: new Map([['https://a.example', Number.POSITIVE_INFINITY]]) })
    equal(again?.delivery, { ...moved, state: 'leased', attempts: 1 })
  },

  'with an old token writes nothing': async ({ store, claim }) => {
    await store.insert([newDelivery('a'), newDelivery('b')])
    const leased = await claim({ leaseUntil: t0 + 10 })
    const [old] = leased
    if (old === undefined) throw new Error('Expected a lease.')
    await store.claimExpired({ now: t0 + 10, token: 'new', leaseUntil: t0 + 20, limit: 1 })
    const taken = leased.filter(({ lease }) => lease.id === 'a' || lease.id === 'b')
    const results = await store.settle(taken.map(delivered))
    equal(results.filter(Boolean).length, 1)
    const lost = taken[results.indexOf(false)]?.lease.id ?? ''
    matches(await store.get(lost), { delivery: { state: 'leased', attempts: 0 }, attempts: [] })
  },

  'a second time writes nothing': async ({ store, claimOne }) => {
    await store.insert([newDelivery('a')])
    const leased = await claimOne()
    equal(await store.settle([delivered(leased), delivered(leased)]), [true, false])
    equal(await store.settle([delivered(leased)]), [false])
    equal((await store.get('a'))?.attempts.length, 1)
  },

  'a lease whose time is over but that nobody has taken is not lost': async ({ store, claimOne }) => {
    await store.insert([newDelivery('a')])
    equal(await store.settle([delivered(await claimOne({ leaseUntil: t0 - 1 }))]), [true])
  },

  'of a lease that nobody has ever had writes nothing': async ({ store }) => {
    const lease = { id: 'nobody', token: 't', until: t0 }
    equal(await store.settle([{ lease, attempt: attempt(1), consequence: { kind: 'delivered', at: t0 } }]), [false])
  },

  'go to whoever asks, once, and no earlier': async ({ store, claimOne }) => {
    await store.insert([newDelivery('a')])
    await claimOne({ leaseUntil: t0 + 10 })
    const ask = (now: number, token: string) => store.claimExpired({ now, token, leaseUntil: now + 10, limit: 10 })
    equal(await ask(t0 + 9, 'x'), [])
    matches(await ask(t0 + 10, 'x'), [{ lease: { id: 'a', token: 'x', until: t0 + 20 } }])
    equal(await ask(t0 + 10, 'y'), [])
  },

  'released ones are pending again without an attempt': async ({ store, claim, claimOne }) => {
    await store.insert([newDelivery('a')])
    const { lease } = await claimOne()
    equal(await store.release([{ lease, dueAt: t0 + 5 }]), [true])
    equal(await store.release([{ lease, dueAt: t0 + 6 }]), [false])
    matches(await store.get('a'), { delivery: { state: 'pending', attempts: 0, dueAt: t0 + 5 }, attempts: [] })
    equal(await claim(), [])
    equal(ids(await claim({ now: t0 + 5 })), ['a'])
  },

  'or held, and due when they were': async ({ store, claim, claimOne }) => {
    await store.insert([newDelivery('a'), newDelivery('b', { orderingKey: 'k' }), newDelivery('c', { orderingKey: 'k' })])
    const leases = [await claimOne(), await claimOne()].map(({ lease }) => lease)
    equal(
      await store.release(leases.map((lease) => ({ lease, dueAt: t0, isHeld: true as const }))),
      leases.map(() => true),
    )
    matches(await store.get('a'), { delivery: { state: 'held', attempts: 0, dueAt: t0 } })
    equal(await claim(), [])
    equal(await store.change(['a', 'b'], 'resume', t0), ['a', 'b'])
    equal(ids(await claim()).sort(), ['a', 'b'])
  },
}

import type { NewDelivery } from '../../dispatcher/index.ts'
import { ids, newDelivery, type StoreCases, t0 } from './bench.ts'
import { equal, holds, matches } from './expectation.ts'

export const claimCases: StoreCases = {
  'takes what is due, the longest due first, and no more than the limit': async ({ store, claim }) => {
    await store.insert([
      newDelivery('late', { dueAt: t0 - 1 }),
      newDelivery('future', { dueAt: t0 + 1 }),
      newDelivery('later', { dueAt: t0 - 5 }),
      newDelivery('now'),
    ])
    equal(ids(await claim({ limit: 2 })), ['later', 'late'])
    equal(ids(await claim()), ['now'])
    equal(ids(await claim()), [])
    equal(ids(await claim({ now: t0 + 1 })), ['future'])
  },

  'what is leased is leased once': async ({ store, claim, claimOne }) => {
    await store.insert([newDelivery('a')])
    const leased = await claimOne({ token: 'mine', leaseUntil: t0 + 7 })
    equal(leased.lease, { id: 'a', token: 'mine', until: t0 + 7 })
    matches(leased.delivery, { id: 'a', state: 'leased', attempts: 0, request: newDelivery('a').request })
    equal(await claim({ now: t0 + 100_000 }), [])
  },

  'goes by origin in turn, and keeps to what one origin may have': async ({ store, claim }) => {
    const of = (host: string, n: number): NewDelivery[] =>
      Array.from({ length: n }, (_, i) => newDelivery(`${host}${i}`, { origin: `https://${host}.example`, dueAt: t0 - 100 + i }))
    await store.insert([...of('a', 50), ...of('b', 3), ...of('c', 1)])
    equal(new Set(ids(await claim({ limit: 3 }))), new Set(['a0', 'b0', 'c0']))
    equal(ids(await claim({ perOrigin: 2, taken: new Map([['https://a.example', 1]]) })).sort(), ['a1', 'b1', 'b2'])
    equal(ids(await claim({ perOrigin: 2, taken: new Map([['https://a.example', Number.POSITIVE_INFINITY]]) })), [])
    equal(ids(await claim({ limit: 2 })), ['a2', 'a3'])
  },

  'one origin with a long queue hides nobody': async ({ store, claim }) => {
    await store.insert(
      Array.from({ length: 3000 }, (_, i) => newDelivery(`dead${i}`, { origin: 'https://dead.example', dueAt: t0 - 10_000 })),
    )
    await store.insert(Array.from({ length: 30 }, (_, i) => newDelivery(`h${i}`, { origin: `https://h${i}.example` })))
    const first = ids(await claim({ limit: 20, perOrigin: 4 }))
    const second = ids(await claim({ limit: 20, perOrigin: 4, taken: new Map([['https://dead.example', 4]]) }))
    holds(first.filter((id) => id.startsWith('dead')).length <= 4)
    equal(
      second.filter((id) => id.startsWith('dead')),
      [],
    )
    equal(new Set([...first, ...second].filter((id) => id.startsWith('h'))).size, 30)
  },
}

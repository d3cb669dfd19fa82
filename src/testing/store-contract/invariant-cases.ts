import type { LeasedDelivery } from '../../dispatcher/index.ts'
import { attempt, newDelivery, type StoreCases, t0 } from './bench.ts'
import { equal, holds } from './expectation.ts'

export const invariantCases: StoreCases = {
  'whatever is done, every delivery is in one state, and leased by one token': async ({ store, claim }) => {
    const held = new Map<string, LeasedDelivery>()
    let seed = 42
    const random = (n: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
      return Math.floor((seed / 2 ** 31) * n)
    }
    await store.insert(
      Array.from({ length: 40 }, (_, i) =>
        newDelivery(`d${i}`, { origin: `https://o${i % 5}.example`, ...(i % 3 === 0 && { orderingKey: `k${i % 6}` }) }),
      ),
    )
    for (let step = 0, now = t0; step < 300; step++, now += 10) {
      const leased = [...held.values()]
      const some = leased[random(leased.length)]
      switch (random(5)) {
        case 0:
        case 1:
          for (const got of await claim({ now, limit: 3, leaseUntil: now + 100 })) {
            equal(held.has(got.delivery.id), false)
            held.set(got.delivery.id, got)
          }
          break
        case 2:
          for (const got of await store.claimExpired({ now, token: `s${step}`, leaseUntil: now + 100, limit: 3 })) {
            holds((held.get(got.delivery.id)?.lease.until ?? now) <= now)
            held.set(got.delivery.id, got)
          }
          break
        case 3:
          if (some === undefined) break
          equal(
            await store.settle([
              {
                lease: some.lease,
                attempt: attempt(some.delivery.attempts + 1),
                consequence: random(3) === 0 ? { kind: 'delivered', at: now } : { kind: 'retry', dueAt: now + random(100) },
              },
            ]),
            [true],
          )
          held.delete(some.delivery.id)
          break
        default:
          await store.change([`d${random(40)}`], (['hold', 'resume', 'requeue'] as const)[random(3)] ?? 'hold', now)
      }
      const keys = [...held.values()].flatMap(({ delivery }) => delivery.orderingKey ?? [])
      equal(new Set(keys).size, keys.length)
    }
    const { counts } = await store.stats()
    equal(
      Object.values(counts).reduce((sum, count) => sum + count, 0),
      40,
    )
    equal(counts.leased, held.size)
    holds(counts.delivered > 0)
  },
}

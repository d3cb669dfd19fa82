import { createDispatcher, type DeliveryStore, memoryStore, sqliteStore } from 'ringback/dispatcher'
import { expect, test } from 'vitest'
import { newDelivery } from '../../src/testing/store-contract/bench.ts'
import { manualClock } from '../support/manual-clock.ts'
import { fakeTransport } from './support.ts'

const t0 = newDelivery('a').dueAt
const dayMs = 86_400_000

test.each([
  ['memory', () => memoryStore({ keepSettled: 10_000 })],
  ['sqlite', () => sqliteStore({ path: ':memory:' })],
] as const)(
  '%s: what is older than its retention is forgotten, thousands in one sweep, and nothing else',
  async (_name, open) => {
    const store: DeliveryStore = open()
    const many = Array.from({ length: 3200 }, (_, i) => `old${i}`)
    await store.insert([...many, 'cancelled', 'waiting', 'young'].map((id) => newDelivery(id, { dueAt: t0 + 365 * dayMs })))
    await store.change([...many, 'young'], 'reschedule', t0)
    const leased = await store.claim({ now: t0, limit: 5000, perOrigin: 5000, taken: new Map(), token: 't', leaseUntil: t0 + 1 })
    const outcome = { kind: 'response', status: 200, headers: {}, body: new Uint8Array(0) } as const
    const attempt = {
      n: 1,
      startedAt: t0,
      phase: 'body',
      sent: 'yes',
      outcome,
      reusedConnection: false,
      timings: { total: 1 },
    } as const
    await store.settle(
      leased.map(({ lease }) => ({
        lease,
        attempt,
        consequence: { kind: 'delivered', at: lease.id === 'young' ? t0 + 2 * dayMs : t0 },
      })),
    )
    await store.change(['cancelled'], 'cancel', t0)
    const clock = manualClock(t0 + 8 * dayMs)
    const dispatcher = createDispatcher({ store, clock, transport: fakeTransport() })
    await dispatcher.runDue()
    expect((await store.list({ limit: 9 })).map(({ id }) => id)).toEqual(['cancelled', 'waiting', 'young'])
    await clock.advance(30 * dayMs)
    await dispatcher.runDue()
    expect((await store.list({ limit: 9 })).map(({ id }) => id)).toEqual(['waiting'])
    await store.close()
  },
)

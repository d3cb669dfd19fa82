import type { Attempt, Claim, DeliveryStore, LeasedDelivery, NewDelivery, Settlement } from 'ringback/dispatcher'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const t0 = 1_700_000_000_000

export function newDelivery(id: string, changes: Partial<NewDelivery> = {}): NewDelivery {
  return {
    id,
    request: {
      id,
      method: 'POST',
      url: 'https://a.example/cb',
      headers: { 'content-type': 'text/plain', 'x-two': ['1', '2'] },
      body: new Uint8Array([0, 255, 10]),
      constraint: { scheme: 'https', authority: { kind: 'exact', host: 'a.example', port: '' } },
      metadata: { callback: 'onEvent' },
    },
    origin: 'https://a.example',
    metadata: { callback: 'onEvent', n: 1 },
    createdAt: t0,
    dueAt: t0,
    ...changes,
  }
}

function attempt(n: number, changes: Partial<Attempt> = {}): Attempt {
  return {
    n,
    startedAt: t0 + n,
    phase: 'body',
    sent: 'yes',
    outcome: { kind: 'response', status: 503, headers: { 'retry-after': '5' }, body: new Uint8Array([1, 2, 3]) },
    remoteAddress: '93.184.215.14',
    reusedConnection: false,
    timings: { dns: 1, total: 2.5 },
    ...changes,
  }
}

/** The promises of `DeliveryStore`, for every implementation. `open` gives a store that is empty. */
export function storeContract(name: string, open: () => Promise<DeliveryStore>): void {
  describe(`store contract: ${name}`, () => {
    let store: DeliveryStore
    let tokens = 0
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    const claim = (changes: Partial<Claim> = {}): Promise<readonly LeasedDelivery[]> =>
      store.claim({
        now: t0,
        limit: 100,
        perOrigin: 100,
        taken: new Map(),
        token: `t${tokens++}`,
        leaseUntil: t0 + 1000,
        ...changes,
      })
    const claimOne = async (changes: Partial<Claim> = {}): Promise<LeasedDelivery> => {
      const [leased] = await claim({ limit: 1, ...changes })
      if (leased === undefined) throw new Error('Expected something to claim.')
      return leased
    }
    const ids = (leased: readonly LeasedDelivery[]): string[] => leased.map(({ delivery }) => delivery.id)
    const stateOf = async (id: string): Promise<string | undefined> => (await store.get(id))?.delivery.state
    const delivered = ({ delivery, lease }: LeasedDelivery): Settlement => ({
      lease,
      attempt: attempt(delivery.attempts + 1),
      consequence: { kind: 'delivered', at: t0 },
    })

    describe('insert', () => {
      test('stores what it was given, byte for byte', async () => {
        expect(await store.insert([newDelivery('a', { orderingKey: 'k' })])).toEqual([true])
        expect(await store.get('a')).toEqual({
          delivery: { ...newDelivery('a', { orderingKey: 'k' }), state: 'pending', attempts: 0, attemptsBefore: 0 },
          attempts: [],
        })
      })

      test('a request without a body stays without one', async () => {
        const { body: _, ...request } = newDelivery('a').request
        await store.insert([newDelivery('a', { request })])
        expect((await store.get('a'))?.delivery.request).toEqual(request)
      })

      test('an id that is known is left alone, also within one call', async () => {
        expect(await store.insert([newDelivery('a'), newDelivery('a', { dueAt: 1 }), newDelivery('b')])).toEqual([
          true,
          false,
          true,
        ])
        expect(await store.insert([newDelivery('b', { origin: 'https://other.example' })])).toEqual([false])
        expect((await store.get('b'))?.delivery.origin).toBe('https://a.example')
      })

      test('text that looks like SQL or is not ASCII is only text', async () => {
        const metadata = { "';--": '\u0000\u2603 "quoted"', __proto__x: 1 }
        await store.insert([newDelivery("x';DROP", { metadata, origin: "https://'a.example" })])
        expect((await store.get("x';DROP"))?.delivery.metadata).toEqual(metadata)
      })
    })

    describe('insert with a lease', () => {
      const lease = { id: 'a', token: 'mine', until: t0 + 1000 }

      test('leases from the start, to whoever holds the token, until it ends', async () => {
        if (store.leasesAtInsert !== true) return expect(store.leasesAtInsert ?? false).toBe(false)
        expect(await store.insert([newDelivery('a'), newDelivery('b')], [lease, undefined])).toEqual([true, true])
        expect(await store.get('a')).toEqual({
          delivery: { ...newDelivery('a'), state: 'leased', attempts: 0, attemptsBefore: 0 },
          attempts: [],
        })
        expect(ids(await claim({ now: t0 + 10_000 }))).toEqual(['b'])
        const expired = await store.claimExpired({ now: t0 + 1000, token: 'next', leaseUntil: t0 + 9000, limit: 9 })
        expect(ids(expired)).toContain('a')
        const [taken] = expired.filter(({ delivery }) => delivery.id === 'a')
        if (taken === undefined) throw new Error('Expected the lease to have ended.')
        expect(await store.settle([delivered({ ...taken, lease })])).toEqual([false])
      })

      test('settles and releases as any other', async () => {
        if (store.leasesAtInsert !== true) return expect(store.leasesAtInsert ?? false).toBe(false)
        await store.insert([newDelivery('a'), newDelivery('b')], [lease, { ...lease, id: 'b' }])
        expect(await store.nextWakeAt()).toBe(t0 + 1000)
        expect(await store.release([{ lease, dueAt: t0 + 5 }])).toEqual([true])
        const b = { delivery: (await store.get('b'))?.delivery, lease: { ...lease, id: 'b' } } as LeasedDelivery
        expect(await store.settle([delivered(b)])).toEqual([true])
        expect([await stateOf('a'), await stateOf('b')]).toEqual(['pending', 'delivered'])
        expect(ids(await claim({ now: t0 + 5 }))).toEqual(['a'])
      })

      test('an id that is known keeps its state', async () => {
        if (store.leasesAtInsert !== true) return expect(store.leasesAtInsert ?? false).toBe(false)
        await store.insert([newDelivery('a')])
        expect(await store.insert([newDelivery('a')], [lease])).toEqual([false])
        expect(await stateOf('a')).toBe('pending')
      })
    })

    describe('claim', () => {
      test('takes what is due, the longest due first, and no more than the limit', async () => {
        await store.insert([
          newDelivery('late', { dueAt: t0 - 1 }),
          newDelivery('future', { dueAt: t0 + 1 }),
          newDelivery('later', { dueAt: t0 - 5 }),
          newDelivery('now'),
        ])
        expect(ids(await claim({ limit: 2 }))).toEqual(['later', 'late'])
        expect(ids(await claim())).toEqual(['now'])
        expect(ids(await claim())).toEqual([])
        expect(ids(await claim({ now: t0 + 1 }))).toEqual(['future'])
      })

      test('what is leased is leased once', async () => {
        await store.insert([newDelivery('a')])
        const leased = await claimOne({ token: 'mine', leaseUntil: t0 + 7 })
        expect(leased.lease).toEqual({ id: 'a', token: 'mine', until: t0 + 7 })
        expect(leased.delivery).toMatchObject({ id: 'a', state: 'leased', attempts: 0, request: newDelivery('a').request })
        expect(await claim({ now: t0 + 100_000 })).toEqual([])
      })

      test('goes by origin in turn, and keeps to what one origin may have', async () => {
        const of = (host: string, n: number): NewDelivery[] =>
          Array.from({ length: n }, (_, i) =>
            newDelivery(`${host}${i}`, { origin: `https://${host}.example`, dueAt: t0 - 100 + i }),
          )
        await store.insert([...of('a', 50), ...of('b', 3), ...of('c', 1)])
        expect(new Set(ids(await claim({ limit: 3 })))).toEqual(new Set(['a0', 'b0', 'c0']))
        expect(ids(await claim({ perOrigin: 2, taken: new Map([['https://a.example', 1]]) })).sort()).toEqual(['a1', 'b1', 'b2'])
        expect(ids(await claim({ perOrigin: 2, taken: new Map([['https://a.example', Number.POSITIVE_INFINITY]]) }))).toEqual([])
        expect(ids(await claim({ limit: 2 }))).toEqual(['a2', 'a3'])
      })

      test('one origin with a long queue hides nobody', async () => {
        await store.insert(
          Array.from({ length: 3000 }, (_, i) => newDelivery(`dead${i}`, { origin: 'https://dead.example', dueAt: t0 - 10_000 })),
        )
        await store.insert(Array.from({ length: 30 }, (_, i) => newDelivery(`h${i}`, { origin: `https://h${i}.example` })))
        const first = ids(await claim({ limit: 20, perOrigin: 4 }))
        const second = ids(await claim({ limit: 20, perOrigin: 4, taken: new Map([['https://dead.example', 4]]) }))
        expect(first.filter((id) => id.startsWith('dead')).length).toBeLessThanOrEqual(4)
        expect(second.filter((id) => id.startsWith('dead'))).toEqual([])
        expect(new Set([...first, ...second].filter((id) => id.startsWith('h'))).size).toBe(30)
      })
    })

    describe('settle', () => {
      test('records the attempt and its consequence', async () => {
        await store.insert([newDelivery('a')])
        const first = await claimOne()
        const retry = { kind: 'retry', dueAt: t0 + 50 } as const
        expect(
          await store.settle([{ lease: first.lease, attempt: attempt(1, { nextAt: t0 + 50 }), consequence: retry }]),
        ).toEqual([true])
        expect(await store.get('a')).toMatchObject({
          delivery: { state: 'pending', attempts: 1, dueAt: t0 + 50 },
          attempts: [attempt(1, { nextAt: t0 + 50 })],
        })
        const refused = attempt(2, { outcome: { kind: 'refused', rule: 'special-v4', message: 'm', detail: 'd' }, sent: 'no' })
        const second = await claimOne({ now: t0 + 50 })
        await store.settle([
          { lease: second.lease, attempt: refused, consequence: { kind: 'dead', at: t0 + 60, reason: 'refused' } },
        ])
        expect(await store.get('a')).toEqual({
          delivery: expect.objectContaining({ state: 'dead', reason: 'refused', settledAt: t0 + 60, attempts: 2 }),
          attempts: [attempt(1, { nextAt: t0 + 50 }), refused],
        })
      })

      test('a receiver that has moved is found at its new place from then on', async () => {
        await store.insert([newDelivery('a', { orderingKey: 'k' }), newDelivery('b')])
        const [first] = await claim({ limit: 1 })
        if (first?.delivery.id !== 'a') throw new Error('expected a')
        const url = 'https://moved.example/x?y=1'
        const moved = { ...first.delivery, request: { ...first.delivery.request, url }, origin: 'https://moved.example' }
        const retry = { kind: 'retry', dueAt: t0 } as const
        const stale = { ...first.lease, token: 'stale' }
        expect(await store.settle([{ lease: stale, attempt: attempt(1), consequence: retry, moved }])).toEqual([false])
        expect((await store.get('a'))?.delivery.request.url).toBe('https://a.example/cb')
        expect(await store.settle([{ lease: first.lease, attempt: attempt(1), consequence: retry, moved }])).toEqual([true])
        const taken = new Map([['https://a.example', Number.POSITIVE_INFINITY]])
        const again = await claimOne({ taken })
        expect(again.delivery).toEqual({ ...first.delivery, ...moved, state: 'leased', attempts: 1 })
        expect((await store.list({ limit: 9, origin: 'https://moved.example' })).map(({ id }) => id)).toEqual(['a'])
      })

      test('with an old token writes nothing', async () => {
        await store.insert([newDelivery('a'), newDelivery('b')])
        const leased = await claim({ leaseUntil: t0 + 10 })
        const [old] = leased
        if (old === undefined) throw new Error('Expected a lease.')
        await store.claimExpired({ now: t0 + 10, token: 'new', leaseUntil: t0 + 20, limit: 1 })
        const taken = leased.filter(({ lease }) => lease.id === 'a' || lease.id === 'b')
        const results = await store.settle(taken.map(delivered))
        expect(results.filter(Boolean)).toHaveLength(1)
        const lost = taken[results.indexOf(false)]?.lease.id ?? ''
        expect(await store.get(lost)).toMatchObject({ delivery: { state: 'leased', attempts: 0 }, attempts: [] })
      })

      test('a second time writes nothing', async () => {
        await store.insert([newDelivery('a')])
        const leased = await claimOne()
        expect(await store.settle([delivered(leased), delivered(leased)])).toEqual([true, false])
        expect(await store.settle([delivered(leased)])).toEqual([false])
        expect((await store.get('a'))?.attempts).toHaveLength(1)
      })

      test('a lease whose time is over but that nobody has taken is not lost', async () => {
        await store.insert([newDelivery('a')])
        expect(await store.settle([delivered(await claimOne({ leaseUntil: t0 - 1 }))])).toEqual([true])
      })

      test('of a lease that nobody has ever had writes nothing', async () => {
        const lease = { id: 'nobody', token: 't', until: t0 }
        expect(await store.settle([{ lease, attempt: attempt(1), consequence: { kind: 'delivered', at: t0 } }])).toEqual([false])
      })
    })

    describe('leases that end', () => {
      test('go to whoever asks, once, and no earlier', async () => {
        await store.insert([newDelivery('a')])
        await claimOne({ leaseUntil: t0 + 10 })
        const ask = (now: number, token: string) => store.claimExpired({ now, token, leaseUntil: now + 10, limit: 10 })
        expect(await ask(t0 + 9, 'x')).toEqual([])
        expect(await ask(t0 + 10, 'x')).toMatchObject([{ lease: { id: 'a', token: 'x', until: t0 + 20 } }])
        expect(await ask(t0 + 10, 'y')).toEqual([])
      })

      test('released ones are pending again without an attempt', async () => {
        await store.insert([newDelivery('a')])
        const { lease } = await claimOne()
        expect(await store.release([{ lease, dueAt: t0 + 5 }])).toEqual([true])
        expect(await store.release([{ lease, dueAt: t0 + 6 }])).toEqual([false])
        expect(await store.get('a')).toMatchObject({ delivery: { state: 'pending', attempts: 0, dueAt: t0 + 5 }, attempts: [] })
        expect(await claim()).toEqual([])
        expect(ids(await claim({ now: t0 + 5 }))).toEqual(['a'])
      })
    })

    describe('ordering keys', () => {
      const inOrder = (...names: string[]): NewDelivery[] => names.map((name) => newDelivery(name, { orderingKey: 'k' }))

      test('the next one waits until the one before it is delivered', async () => {
        await store.insert([...inOrder('a', 'b', 'c'), newDelivery('free')])
        expect(ids(await claim()).sort()).toEqual(['a', 'free'])
        expect(await claim()).toEqual([])
      })

      test.each(['delivered', 'dead'] as const)('%s lets the next one go, and only that', async (kind) => {
        await store.insert(inOrder('a', 'b', 'c'))
        const { lease } = await claimOne()
        const consequence = kind === 'dead' ? ({ kind, at: t0, reason: 'gone' } as const) : ({ kind, at: t0 } as const)
        await store.settle([{ lease, attempt: attempt(1), consequence }])
        expect(ids(await claim())).toEqual(['b'])
      })

      test('a retry keeps the others waiting', async () => {
        await store.insert(inOrder('a', 'b'))
        const { lease } = await claimOne()
        await store.settle([{ lease, attempt: attempt(1), consequence: { kind: 'retry', dueAt: t0 + 50 } }])
        expect(await claim()).toEqual([])
        expect(ids(await claim({ now: t0 + 50 }))).toEqual(['a'])
      })

      test('a held one keeps the others waiting, a cancelled one lets them go', async () => {
        await store.insert(inOrder('a', 'b', 'c'))
        await store.change(['a'], 'hold', t0)
        expect(await claim()).toEqual([])
        await store.change(['a'], 'cancel', t0)
        expect(ids(await claim())).toEqual(['b'])
      })

      test('to cancel one that waits lets nobody pass', async () => {
        await store.insert(inOrder('a', 'b', 'c'))
        expect(ids(await claim())).toEqual(['a'])
        await store.change(['b'], 'cancel', t0)
        expect(await claim()).toEqual([])
      })

      test('a requeued one waits for the one under way, then goes before those that came after it', async () => {
        await store.insert(inOrder('a', 'b', 'c'))
        await store.settle([delivered(await claimOne())])
        const b = await claimOne()
        await store.change(['a'], 'requeue', t0)
        expect(await claim()).toEqual([])
        await store.settle([delivered(b)])
        const a = await claimOne()
        expect(a.delivery.id).toBe('a')
        await store.settle([delivered(a)])
        expect(ids(await claim())).toEqual(['c'])
      })

      test('waiting ones do not wake anybody', async () => {
        await store.insert(inOrder('a', 'b'))
        await claimOne({ leaseUntil: t0 + 99 })
        expect(await store.nextWakeAt()).toBe(t0 + 99)
      })
    })

    describe('what an operator does', () => {
      const settled = async (kind: 'delivered' | 'dead'): Promise<void> => {
        const { lease } = await claimOne()
        const consequence = kind === 'dead' ? ({ kind, at: t0, reason: 'exhausted' } as const) : ({ kind, at: t0 } as const)
        await store.settle([{ lease, attempt: attempt(1), consequence }])
      }

      test('cancel, hold and resume', async () => {
        await store.insert([newDelivery('a'), newDelivery('b')])
        expect(await store.change(['a', 'nobody'], 'hold', t0)).toEqual(['a'])
        expect(ids(await claim())).toEqual(['b'])
        expect(await store.change(['a', 'b'], 'cancel', t0)).toEqual(['a'])
        expect(await store.change(['a'], 'resume', t0)).toEqual([])
        expect(await stateOf('a')).toBe('cancelled')
        await store.insert([newDelivery('c')])
        await store.change(['c'], 'hold', t0)
        expect(await store.change(['c'], 'resume', t0)).toEqual(['c'])
        expect(ids(await claim())).toEqual(['c'])
      })

      test.each(['delivered', 'dead'] as const)('requeue takes up a %s one again, and keeps its attempts', async (kind) => {
        await store.insert([newDelivery('a')])
        await settled(kind)
        expect(await store.change(['a'], 'requeue', t0 + 5)).toEqual(['a'])
        const again = await store.get('a')
        expect(again).toMatchObject({ delivery: { state: 'pending', attempts: 1, attemptsBefore: 1, dueAt: t0 + 5 } })
        expect(again?.delivery).not.toHaveProperty('reason')
        expect(again?.delivery).not.toHaveProperty('settledAt')
        expect(again?.attempts).toHaveLength(1)
        const second = await claimOne({ now: t0 + 5 })
        expect(await store.settle([delivered(second)])).toEqual([true])
        expect((await store.get('a'))?.attempts.map(({ n }) => n)).toEqual([1, 2])
      })

      test('requeue leaves alone what is on its way', async () => {
        await store.insert([newDelivery('a'), newDelivery('b', { dueAt: t0 + 1 })])
        await claimOne()
        expect(await store.change(['a', 'b'], 'requeue', t0)).toEqual([])
      })
    })

    test('list filters and goes on behind an id', async () => {
      await store.insert(['a', 'b', 'c', 'd'].map((id) => newDelivery(id, id === 'c' ? { origin: 'https://c.example' } : {})))
      await store.change(['d'], 'hold', t0)
      const list = async (filter: Parameters<DeliveryStore['list']>[0]) => (await store.list(filter)).map(({ id }) => id)
      expect(await list({ limit: 10 })).toEqual(['a', 'b', 'c', 'd'])
      expect(await list({ limit: 2 })).toEqual(['a', 'b'])
      expect(await list({ limit: 2, after: 'b' })).toEqual(['c', 'd'])
      expect(await list({ limit: 10, state: 'held' })).toEqual(['d'])
      expect(await list({ limit: 10, origin: 'https://c.example' })).toEqual(['c'])
    })

    test('stats and the next instant', async () => {
      expect(await store.nextWakeAt()).toBeUndefined()
      await store.insert([
        newDelivery('a', { dueAt: t0 + 30 }),
        newDelivery('b', { dueAt: t0 + 10 }),
        newDelivery('c', { dueAt: t0 }),
      ])
      expect(await store.nextWakeAt()).toBe(t0)
      await claimOne({ leaseUntil: t0 + 20 })
      expect(await store.nextWakeAt()).toBe(t0 + 10)
      await store.change(['b'], 'cancel', t0)
      expect(await store.nextWakeAt()).toBe(t0 + 20)
      expect(await store.stats()).toEqual({
        counts: { pending: 1, leased: 1, delivered: 0, dead: 0, cancelled: 1, held: 0 },
        oldestDueAt: t0 + 30,
      })
    })

    test('purge forgets what was settled before, at most so many, and lets the id be used again', async () => {
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
      expect(await store.purge({ deliveredBefore: t0 + 10, othersBefore: t0 + 10, limit: 10 })).toBe(0)
      expect(await store.purge({ deliveredBefore: t0 + 20, othersBefore: t0 + 10, limit: 10 })).toBe(1)
      expect(await left()).toEqual(['b', 'c', 'd', 'e'])
      expect(await store.purge({ deliveredBefore: 0, othersBefore: t0 + 11, limit: 1 })).toBe(1)
      expect(await store.purge({ deliveredBefore: 0, othersBefore: t0 + 11, limit: 1 })).toBe(1)
      expect(await left()).toEqual(['b', 'e'])
      expect(await store.insert([newDelivery('a')])).toEqual([true])
      expect((await store.get('a'))?.attempts).toEqual([])
    })

    test('an unknown id is nothing', async () => {
      expect(await store.get('nobody')).toBeUndefined()
      expect(await store.change(['nobody'], 'cancel', t0)).toEqual([])
    })

    test('whatever is done, every delivery is in one state, and leased by one token', async () => {
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
              expect(held.has(got.delivery.id)).toBe(false)
              held.set(got.delivery.id, got)
            }
            break
          case 2:
            for (const got of await store.claimExpired({ now, token: `s${step}`, leaseUntil: now + 100, limit: 3 })) {
              expect(held.get(got.delivery.id)?.lease.until).toBeLessThanOrEqual(now)
              held.set(got.delivery.id, got)
            }
            break
          case 3:
            if (some === undefined) break
            expect(
              await store.settle([
                {
                  lease: some.lease,
                  attempt: attempt(some.delivery.attempts + 1),
                  consequence: random(3) === 0 ? { kind: 'delivered', at: now } : { kind: 'retry', dueAt: now + random(100) },
                },
              ]),
            ).toEqual([true])
            held.delete(some.delivery.id)
            break
          default:
            await store.change([`d${random(40)}`], (['hold', 'resume', 'requeue'] as const)[random(3)] ?? 'hold', now)
        }
        const keys = [...held.values()].flatMap(({ delivery }) => delivery.orderingKey ?? [])
        expect(new Set(keys).size).toBe(keys.length)
      }
      const { counts } = await store.stats()
      expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(40)
      expect(counts.leased).toBe(held.size)
      expect(counts.delivered).toBeGreaterThan(0)
    })
  })
}

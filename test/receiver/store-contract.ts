import { createHash } from 'node:crypto'
import type { CallRow, EndpointRow, NewCall, ReceiverStore, Reseal, ResealPage, StoreSignal } from 'ringback/receiver'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import fc from '../support/fast-check.ts'
import { eventually } from '../support/manual-clock.ts'

export interface OpenStore {
  readonly store: ReceiverStore
  /** After `store.stop()`; removes what the store left behind. */
  close(): Promise<void>
}

const t0 = Date.UTC(2026, 0, 1)
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const sha = (text: string): Uint8Array => new Uint8Array(createHash('sha256').update(text).digest())

/** Every sentence of `ReceiverStore`, for every implementation of it. */
export function storeContract(name: string, open: () => Promise<OpenStore>): void {
  describe(`${name} (O-63)`, () => {
    let opened: OpenStore
    let store: ReceiverStore
    let signals: StoreSignal[]
    let calls = 0

    beforeEach(async () => {
      opened = await open()
      store = opened.store
      signals = []
      await store.start((signal) => void signals.push(signal))
    })

    afterEach(async () => {
      await store.stop()
      await opened.close()
    })

    const row = (id: string, change: Partial<EndpointRow> = {}): EndpointRow => ({
      id,
      tokenHash: sha(id),
      methods: ['POST'],
      slots: 1,
      maxCalls: null,
      state: 'open',
      reason: null,
      createdAt: t0,
      expiresAt: t0 + 43_200_000,
      endedAt: null,
      idempotencyKey: null,
      sealed: bytes(`settings of ${id}`),
      kid: null,
      ...change,
    })

    const call = (endpointId: string, change: Partial<NewCall> = {}): NewCall => ({
      endpointId,
      callId: `call-${++calls}`,
      receivedAt: t0,
      dedupeKey: null,
      bodyDigest: sha('body'),
      sealed: bytes('body'),
      kid: null,
      reply: bytes('reply'),
      replyDueAt: t0 + 10_000,
      ...change,
    })

    const claim = (waiterId: string, now = t0, { durable = false, id = 'a' } = {}): Promise<CallRow | 'waiting' | 'ended'> =>
      store.claim(id, waiterId, durable, now, 30_000)

    const seqOf = (found: CallRow | 'waiting' | 'ended' | null): unknown => (typeof found === 'object' ? found?.seq : found)

    describe('endpoints', () => {
      test('come back as they were put in', async () => {
        const put = row('a', {
          methods: ['GET', 'DELETE'],
          slots: 0,
          maxCalls: 3,
          expiresAt: null,
          sealed: new Uint8Array([0, 255, 10]),
        })
        expect(await store.insertEndpoint(put)).toEqual({ row: put, created: true })
        expect(await store.getEndpoint('a')).toEqual(put)
        expect(await store.snapshot('a')).toEqual({ row: put, counts: { stored: 0, waiters: 0, accepted: 0, rejected: 0 } })
      })

      test('that are not there are null', async () => {
        expect(await store.getEndpoint('a')).toBeNull()
        expect(await store.getEndpoint('')).toBeNull()
        expect(await store.snapshot('a')).toBeNull()
        expect(await store.accept(call('a'), t0)).toEqual({ kind: 'missing' })
        expect(await claim('w')).toBe('ended')
        expect(await store.withdraw('a', 'w', 'take', t0)).toBeNull()
        expect(await store.end('a', 'completed', null, t0)).toBe(false)
        expect(await store.calls('a', { limit: 10 })).toEqual([])
        expect(await store.rejections('a')).toEqual([])
        expect(await store.findDuplicate('a', sha('k'), sha('body'), t0)).toBeNull()
        await store.addRejection('a', bytes('r'), null, 50)
        await store.setReply('a', 1, bytes('r'), null)
        await store.bumpDuplicates('a', 1)
      })

      test('with a known idempotency key are the first one', async () => {
        const first = row('a', { idempotencyKey: 'order-42' })
        await store.insertEndpoint(first)
        expect(await store.insertEndpoint(row('b', { idempotencyKey: 'order-42' }))).toEqual({ row: first, created: false })
        expect(await store.getEndpoint('b')).toBeNull()
        expect((await store.insertEndpoint(row('c', { idempotencyKey: 'order-43' }))).created).toBe(true)
      })

      test('with one idempotency key, ten at once, are one', async () => {
        const results = await Promise.all(
          Array.from({ length: 10 }, (_, i) => store.insertEndpoint(row(`e${i}`, { idempotencyKey: 'k' }))),
        )
        expect(results.filter(({ created }) => created)).toHaveLength(1)
        expect(new Set(results.map((result) => result.row.id)).size).toBe(1)
      })

      test('are listed in the order of ids, by pages and by state (G-35)', async () => {
        for (const id of ['c', 'a', 'e', 'b', 'd']) await store.insertEndpoint(row(id))
        await store.end('b', 'completed', null, t0)
        await store.accept(call('c'), t0)
        const ids = async (page: Parameters<ReceiverStore['list']>[0]): Promise<string[]> =>
          (await store.list(page)).map((snapshot) => snapshot.row.id)
        expect(await ids({ limit: 2, now: t0 })).toEqual(['a', 'b'])
        expect(await ids({ limit: 2, now: t0, after: 'b' })).toEqual(['c', 'd'])
        expect(await ids({ limit: 9, now: t0, after: 'bb' })).toEqual(['c', 'd', 'e'])
        expect(await ids({ limit: 9, now: t0, state: 'open' })).toEqual(['a', 'c', 'd', 'e'])
        expect(await ids({ limit: 9, now: t0 + 43_200_000, state: 'expired' })).toEqual(['a', 'c', 'd', 'e'])
        const [snapshot] = await store.list({ limit: 1, after: 'b', now: t0 })
        expect(snapshot?.counts).toEqual({ stored: 1, waiters: 0, accepted: 1, rejected: 0 })
      })
    })

    describe('accept', () => {
      test('numbers calls from 1, keeps as many as there are slots, then is full', async () => {
        await store.insertEndpoint(row('a', { slots: 2 }))
        expect(await store.accept(call('a'), t0)).toEqual({ kind: 'accepted', seq: 1, waiterId: null, completed: false })
        expect(await store.accept(call('a'), t0)).toEqual({ kind: 'accepted', seq: 2, waiterId: null, completed: false })
        expect(await store.accept(call('a'), t0)).toEqual({ kind: 'full' })
        expect(await store.calls('a', { limit: 10 })).toHaveLength(2)
        expect(seqOf(await claim('w'))).toBe(1)
        expect(await store.accept(call('a'), t0)).toMatchObject({ kind: 'accepted', seq: 3 })
      })

      test('without slots takes a call only for a wait (O-24)', async () => {
        await store.insertEndpoint(row('a', { slots: 0 }))
        expect(await store.accept(call('a'), t0)).toEqual({ kind: 'full' })
        expect(await claim('w')).toBe('waiting')
        expect(await store.accept(call('a'), t0)).toEqual({ kind: 'accepted', seq: 1, waiterId: 'w', completed: false })
        expect(await store.accept(call('a'), t0)).toEqual({ kind: 'full' })
      })

      test('fifty at once on one slot: one is taken (U-28)', async () => {
        await store.insertEndpoint(row('a'))
        const kinds = (await Promise.all(Array.from({ length: 50 }, () => store.accept(call('a'), t0)))).map(({ kind }) => kind)
        expect(kinds.filter((kind) => kind === 'accepted')).toHaveLength(1)
        expect(kinds.filter((kind) => kind === 'full')).toHaveLength(49)
      })

      test('ten waits and twelve calls at once: ten handed over, one stored, one refused (G-20, G-21)', async () => {
        await store.insertEndpoint(row('a'))
        for (let i = 0; i < 10; i++) expect(await claim(`w${i}`)).toBe('waiting')
        const results = await Promise.all(Array.from({ length: 12 }, () => store.accept(call('a'), t0)))
        const accepted = results.flatMap((result) => (result.kind === 'accepted' ? [result] : []))
        expect(accepted.map(({ waiterId }) => waiterId).sort()).toEqual(
          [null, ...Array.from({ length: 10 }, (_, i) => `w${i}`)].sort(),
        )
        expect(results.filter(({ kind }) => kind === 'full')).toHaveLength(1)
      })

      test('hands calls to waits in the order in which they stood in line (G-22)', async () => {
        await store.insertEndpoint(row('a'))
        for (const waiter of ['w1', 'w2', 'w3']) await claim(waiter)
        // Asking again keeps the place.
        expect(await claim('w1')).toBe('waiting')
        const waiters: unknown[] = []
        for (let i = 0; i < 3; i++) waiters.push(await store.accept(call('a'), t0))
        expect(waiters).toMatchObject([{ waiterId: 'w1' }, { waiterId: 'w2' }, { waiterId: 'w3' }])
        await eventually(() => signals.filter(({ waiterId }) => waiterId !== undefined).length >= 3, 'three signals')
        expect(signals).toEqual(expect.arrayContaining([{ endpointId: 'a', waiterId: 'w2', seq: 2 }]))
        expect(seqOf(await claim('w2'))).toBe(2)
      })

      test('the last of maxCalls completes, in the same step (O-25)', async () => {
        await store.insertEndpoint(row('a', { slots: 9, maxCalls: 3 }))
        const results = await Promise.all(Array.from({ length: 20 }, () => store.accept(call('a'), t0 + 5)))
        expect(results.filter(({ kind }) => kind === 'accepted')).toHaveLength(3)
        expect(results.filter((result) => result.kind === 'accepted' && result.completed)).toHaveLength(1)
        expect(results).toContainEqual({ kind: 'ended', state: 'completed', endedAt: t0 + 5 })
        expect(await store.getEndpoint('a')).toMatchObject({ state: 'completed', endedAt: t0 + 5 })
      })

      test('expiry is decided by the time given, not by a timer (O-26)', async () => {
        await store.insertEndpoint(row('a', { expiresAt: t0 + 1000 }))
        expect(await store.accept(call('a'), t0 + 999)).toMatchObject({ kind: 'accepted' })
        expect(await store.accept(call('a'), t0 + 1000)).toEqual({ kind: 'ended', state: 'expired', endedAt: t0 + 1000 })
      })
    })

    describe('duplicates', () => {
      const key = sha('key')

      test('the same key and body is a replay with the stored reply, at an ended endpoint too (O-27, O-31)', async () => {
        await store.insertEndpoint(row('a', { maxCalls: 1 }))
        const first = call('a', { dedupeKey: key })
        await store.accept(first, t0)
        const replay = { kind: 'replay', seq: 1, callId: first.callId, reply: bytes('reply') }
        expect(await store.findDuplicate('a', key, sha('body'), t0)).toEqual(replay)
        expect(await store.accept(call('a', { dedupeKey: key }), t0)).toEqual(replay)
        expect(await store.accept(call('a', { dedupeKey: sha('other') }), t0)).toMatchObject({ kind: 'ended' })
        await store.bumpDuplicates('a', 1)
        await store.bumpDuplicates('a', 1)
        expect(await store.calls('a', { limit: 10 })).toMatchObject([{ seq: 1, duplicates: 2 }])
      })

      test('twenty at once are one call (O-27)', async () => {
        await store.insertEndpoint(row('a', { slots: 9 }))
        const results = await Promise.all(Array.from({ length: 20 }, () => store.accept(call('a', { dedupeKey: key }), t0)))
        expect(results.filter(({ kind }) => kind === 'accepted')).toHaveLength(1)
        expect(results.filter(({ kind }) => kind === 'replay')).toHaveLength(19)
      })

      test('the same key with another body is refused (O-28); another endpoint has its own keys', async () => {
        await store.insertEndpoint(row('a'))
        await store.insertEndpoint(row('b'))
        await store.accept(call('a', { dedupeKey: key }), t0)
        expect(await store.accept(call('a', { dedupeKey: key, bodyDigest: sha('else') }), t0)).toEqual({ kind: 'key-reused' })
        expect(await store.findDuplicate('a', key, sha('else'), t0)).toEqual({ kind: 'key-reused' })
        expect(await store.accept(call('b', { dedupeKey: key }), t0)).toMatchObject({ kind: 'accepted' })
      })

      test('without a reply it is in flight, until the reply is due (O-29)', async () => {
        await store.insertEndpoint(row('a'))
        await store.accept(call('a', { dedupeKey: key, reply: null }), t0)
        expect(await store.accept(call('a', { dedupeKey: key }), t0 + 9999)).toEqual({ kind: 'in-flight' })
        expect(await store.accept(call('a', { dedupeKey: key }), t0 + 10_000)).toMatchObject({
          kind: 'replay',
          seq: 1,
          reply: null,
        })
        await store.setReply('a', 1, bytes('later'), null)
        expect(await store.findDuplicate('a', key, sha('body'), t0)).toMatchObject({
          kind: 'replay',
          seq: 1,
          reply: bytes('later'),
        })
      })

      test('a refused call leaves its key free (O-30)', async () => {
        await store.insertEndpoint(row('a'))
        await store.accept(call('a'), t0)
        expect(await store.accept(call('a', { dedupeKey: key }), t0)).toEqual({ kind: 'full' })
        expect(await store.findDuplicate('a', key, sha('body'), t0)).toBeNull()
        await claim('w')
        expect(await store.accept(call('a', { dedupeKey: key }), t0)).toMatchObject({ kind: 'accepted' })
      })
    })

    describe('waits', () => {
      test('get the oldest unread call, whole', async () => {
        await store.insertEndpoint(row('a', { slots: 2 }))
        const first = call('a', { dedupeKey: sha('k'), receivedAt: t0 - 7, sealed: new Uint8Array([1, 0, 254]) })
        await store.accept(first, t0)
        await store.accept(call('a'), t0)
        expect(await claim('w')).toEqual({ ...first, seq: 1, waiterId: 'w', duplicates: 0 })
        expect((await store.snapshot('a'))?.counts.stored).toBe(1)
      })

      test('get the same call however often they ask, others get others', async () => {
        await store.insertEndpoint(row('a', { slots: 2 }))
        await store.accept(call('a'), t0)
        await store.accept(call('a'), t0)
        expect(seqOf(await claim('w1'))).toBe(1)
        expect(seqOf(await claim('w1'))).toBe(1)
        expect(seqOf(await claim('w2'))).toBe(2)
        expect(await claim('w3')).toBe('waiting')
      })

      test('at an ended endpoint get what is unread, then nothing; at a cancelled one nothing (O-73)', async () => {
        await store.insertEndpoint(row('a', { slots: 2 }))
        await store.accept(call('a'), t0)
        await store.end('a', 'completed', null, t0)
        expect(seqOf(await claim('w1'))).toBe(1)
        expect(await claim('w2')).toBe('ended')
        await store.insertEndpoint(row('b', { expiresAt: t0 + 10 }))
        await store.accept(call('b'), t0)
        expect(seqOf(await claim('w1', t0 + 10, { id: 'b' }))).toBe(1)
        expect(await claim('w2', t0 + 10, { id: 'b' })).toBe('ended')
        await store.insertEndpoint(row('c'))
        await store.accept(call('c'), t0)
        await store.end('c', 'cancelled', 'why', t0)
        expect(await claim('w', t0, { id: 'c' })).toBe('ended')
        expect((await store.snapshot('c'))?.counts.stored).toBe(1)
      })

      test('are counted, and told of the end', async () => {
        await store.insertEndpoint(row('a'))
        await claim('w1')
        await claim('w2')
        expect((await store.snapshot('a'))?.counts.waiters).toBe(2)
        await store.withdraw('a', 'w1', 'take', t0)
        expect((await store.snapshot('a'))?.counts.waiters).toBe(1)
        await store.end('a', 'cancelled', null, t0)
        await eventually(() => signals.some(({ ended }) => ended === true), 'a signal of the end')
        expect(await claim('w2')).toBe('ended')
        expect((await store.snapshot('a'))?.counts.waiters).toBe(0)
      })

      test('that time out take what they were given meanwhile, or leave it for the next (O-33)', async () => {
        await store.insertEndpoint(row('a'))
        await claim('w1')
        await store.accept(call('a'), t0)
        expect(seqOf(await store.withdraw('a', 'w1', 'take', t0))).toBe(1)
        await claim('w2')
        expect(await store.withdraw('a', 'w2', 'take', t0)).toBeNull()
        await store.accept(call('a'), t0)
        expect(seqOf(await claim('w3'))).toBe(2)
      })

      test('that give up leave their call to the next in line, fetched or not (O-34)', async () => {
        await store.insertEndpoint(row('a', { slots: 2 }))
        await claim('w1')
        await claim('w2')
        await store.accept(call('a'), t0)
        expect(await store.withdraw('a', 'w1', 'release', t0)).toBeNull()
        await eventually(() => signals.some(({ waiterId }) => waiterId === 'w2'), 'a signal for the second')
        expect(seqOf(await claim('w2'))).toBe(1)
        expect(await store.withdraw('a', 'w2', 'release', t0)).toBeNull()
        await store.accept(call('a'), t0)
        expect(seqOf(await claim('w3'))).toBe(1)
        expect(seqOf(await claim('w4'))).toBe(2)
      })

      test('that died before they had their call lose it to the next (O-37)', async () => {
        await store.insertEndpoint(row('a'))
        await claim('dead')
        await store.accept(call('a'), t0)
        expect(await claim('w', t0 + 29_999)).toBe('waiting')
        expect(seqOf(await claim('w', t0 + 30_000))).toBe(1)
      })

      test('that died are not given calls any more (O-37)', async () => {
        await store.insertEndpoint(row('a', { slots: 0 }))
        await claim('dead')
        expect(await store.accept(call('a'), t0 + 30_000)).toEqual({ kind: 'full' })
      })

      test('renew their lease by asking', async () => {
        await store.insertEndpoint(row('a', { slots: 0 }))
        await claim('w')
        await claim('w', t0 + 20_000)
        expect(await store.accept(call('a'), t0 + 40_000)).toMatchObject({ kind: 'accepted', waiterId: 'w' })
      })

      test('with a durable name keep their call whatever happens (O-36)', async () => {
        await store.insertEndpoint(row('a', { slots: 2 }))
        await claim('name:w', t0, { durable: true })
        await store.accept(call('a'), t0)
        expect(await claim('other', t0 + 60_000)).toBe('waiting')
        expect(seqOf(await claim('name:w', t0 + 60_000, { durable: true }))).toBe(1)
        expect(await store.withdraw('a', 'name:w', 'release', t0)).toBeNull()
        expect(seqOf(await claim('name:w', t0 + 90_000, { durable: true }))).toBe(1)
      })
    })

    describe('ends', () => {
      test('are final (O-08)', async () => {
        for (const state of ['completed', 'cancelled', 'expired'] as const) {
          await store.insertEndpoint(row(state))
          expect(await store.end(state, state, 'first', t0 + 1)).toBe(true)
          for (const other of ['completed', 'cancelled', 'expired'] as const)
            expect(await store.end(state, other, 'second', t0 + 2)).toBe(false)
          expect(await store.getEndpoint(state)).toMatchObject({ state, reason: 'first', endedAt: t0 + 1 })
        }
      })

      test('by time come first', async () => {
        await store.insertEndpoint(row('a', { expiresAt: t0 + 10 }))
        expect(await store.end('a', 'completed', null, t0 + 10)).toBe(false)
        expect(await store.getEndpoint('a')).toMatchObject({ state: 'expired', endedAt: t0 + 10 })
      })

      test('are written down in batches', async () => {
        for (let i = 0; i < 5; i++) await store.insertEndpoint(row(`e${i}`, { expiresAt: t0 + i }))
        await store.insertEndpoint(row('never', { expiresAt: null }))
        expect(await store.expireDue(t0 + 3, 3)).toHaveLength(3)
        expect(await store.expireDue(t0 + 3, 3)).toHaveLength(1)
        expect(await store.expireDue(t0 + 3, 3)).toEqual([])
        expect(await store.expireDue(t0 + 1e12, 9)).toEqual(['e4'])
      })

      test('are purged with all that belongs to them, and their idempotency key is free again (U-17)', async () => {
        await store.insertEndpoint(row('a', { idempotencyKey: 'k' }))
        await store.insertEndpoint(row('b'))
        await store.insertEndpoint(row('open'))
        await store.accept(call('a', { dedupeKey: sha('k') }), t0)
        await store.addRejection('a', bytes('r'), null, 50)
        await store.end('a', 'completed', null, t0)
        await store.end('b', 'completed', null, t0 + 1)
        expect(await store.purge(t0, 9)).toBe(0)
        expect(await store.purge(t0 + 1, 9)).toBe(1)
        expect(await store.getEndpoint('a')).toBeNull()
        expect(await store.calls('a', { limit: 9 })).toEqual([])
        expect(await store.rejections('a')).toEqual([])
        expect((await store.insertEndpoint(row('c', { idempotencyKey: 'k' }))).created).toBe(true)
        expect(await store.purge(t0 + 1e12, 1)).toBe(1)
        expect(await store.getEndpoint('open')).not.toBeNull()
      })
    })

    test('calls come by pages', async () => {
      await store.insertEndpoint(row('a', { slots: 9 }))
      for (let i = 0; i < 5; i++) await store.accept(call('a'), t0)
      expect((await store.calls('a', { limit: 2 })).map(({ seq }) => seq)).toEqual([1, 2])
      expect((await store.calls('a', { afterSeq: 3, limit: 9 })).map(({ seq }) => seq)).toEqual([4, 5])
    })

    test('rejections are counted, the newest are kept (O-71)', async () => {
      await store.insertEndpoint(row('a'))
      for (let i = 0; i < 60; i++) await store.addRejection('a', bytes(`r${i}`), null, 50)
      const kept = await store.rejections('a')
      expect(kept).toHaveLength(50)
      expect([kept[0], kept[49]]).toEqual([bytes('r10'), bytes('r59')])
      expect((await store.snapshot('a'))?.counts.rejected).toBe(60)
      await store.addRejection('a', bytes('r'), null, 0)
      expect(await store.rejections('a')).toEqual([])
    })

    describe('records sealed with another key', () => {
      const rotate = async (kid: string, seal: Reseal): Promise<{ scanned: number; rewritten: number; pages: number }> => {
        const total = { scanned: 0, rewritten: 0, pages: 0 }
        for (let after: string | null = null; ; total.pages++) {
          const page: ResealPage = await store.reseal(kid, after, 2, seal)
          total.scanned += page.scanned
          total.rewritten += page.rewritten
          if (page.last === null) return total
          after = page.last
        }
      }
      const textOf = (sealed: Uint8Array): string => new TextDecoder().decode(sealed)

      test('are sealed again, page by page, each once and at its own place', async () => {
        const placed: [place: string, sealed: string][] = []
        for (const id of ['a', 'b', 'c']) {
          await store.insertEndpoint(row(id, { kid: 'k1', slots: 9 }))
          await store.accept(call(id, { kid: 'k1', callId: `1-${id}` }), t0)
          await store.accept(call(id, { kid: 'k2' }), t0)
          await store.accept(call(id, { kid: null, callId: `3-${id}`, reply: null }), t0)
        }
        const seal: Reseal = (sealed, place) => {
          placed.push([place, textOf(sealed)])
          return { sealed: bytes(`${textOf(sealed)} again`), kid: 'k2' }
        }
        expect(await rotate('k2', seal)).toMatchObject({ scanned: 9, rewritten: 9 })
        expect(placed.sort()).toEqual(
          ['a', 'b', 'c']
            .flatMap((id): [string, string][] => [
              [`endpoint|${id}`, `settings of ${id}`],
              [`call|${id}|1-${id}|content`, 'body'],
              [`call|${id}|1-${id}|reply`, 'reply'],
              [`call|${id}|3-${id}|content`, 'body'],
            ])
            .sort(),
        )
        expect(await store.getEndpoint('a')).toMatchObject({ kid: 'k2', sealed: bytes('settings of a again') })
        expect(await store.calls('a', { limit: 9 })).toMatchObject([
          { kid: 'k2', sealed: bytes('body again'), reply: bytes('reply again') },
          { kid: 'k2', sealed: bytes('body'), reply: bytes('reply') },
          { kid: 'k2', sealed: bytes('body again'), reply: null },
        ])
        expect(await rotate('k2', seal)).toMatchObject({ scanned: 0, rewritten: 0 })
      })

      test('that cannot be read stay, and keep nobody from the rest', async () => {
        for (const id of ['a', 'b', 'c', 'd', 'e']) await store.insertEndpoint(row(id, { kid: id === 'd' ? 'k1' : 'lost' }))
        const seal: Reseal = (sealed, place) =>
          place === 'endpoint|d' ? { sealed: bytes('again'), kid: 'k2' } : sealed.length === 0 ? 'current' : 'unreadable'
        expect(await rotate('k2', seal)).toMatchObject({ scanned: 5, rewritten: 1 })
        expect(await store.getEndpoint('c')).toMatchObject({ kid: 'lost', sealed: bytes('settings of c') })
        expect(await store.getEndpoint('d')).toMatchObject({ kid: 'k2', sealed: bytes('again') })
      })

      test('with a reply of an older key are found again', async () => {
        await store.insertEndpoint(row('a', { kid: 'k2' }))
        await store.accept(call('a', { kid: 'k2', reply: null }), t0)
        await store.setReply('a', 1, bytes('late'), 'k1')
        const seal: Reseal = (sealed) => (textOf(sealed) === 'late' ? { sealed: bytes('again'), kid: 'k2' } : 'current')
        expect(await rotate('k2', seal)).toMatchObject({ scanned: 1, rewritten: 1 })
        expect(await store.calls('a', { limit: 9 })).toMatchObject([{ kid: 'k2', sealed: bytes('body'), reply: bytes('again') }])
      })

      test('may be rejections', async () => {
        await store.insertEndpoint(row('a', { kid: 'k2' }))
        for (let i = 0; i < 3; i++) await store.addRejection('a', bytes(`r${i}`), 'k1', 50)
        await rotate('k2', (sealed, place) => {
          expect(place).toBe('rejection|a')
          return { sealed: bytes(`${textOf(sealed)} again`), kid: 'k2' }
        })
        expect(await store.rejections('a')).toEqual(['r0 again', 'r1 again', 'r2 again'].map(bytes))
      })
    })

    test('any order of calls, waits and withdrawals: no call is lost, none is handed out twice (O-32)', async () => {
      const step = fc.oneof(
        fc.record({ do: fc.constant('accept' as const) }),
        fc.record({ do: fc.constant('claim' as const), waiter: fc.nat(4) }),
        fc.record({ do: fc.constant('take' as const), waiter: fc.nat(4) }),
        fc.record({ do: fc.constant('release' as const), waiter: fc.nat(4) }),
      )
      let run = 0
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.nat(3), async (steps, slots) => {
          const id = `p${run++}`
          await store.insertEndpoint(row(id, { slots }))
          const holders = new Map<number, string>()
          let accepted = 0
          let turn = 0
          // A wait that ended does not come back: each gets a new id.
          const ids = ['w0', 'w1', 'w2', 'w3', 'w4']
          const renew = (i: number): void => {
            ids[i] = `w${i}-${++turn}`
          }
          const got = (found: CallRow, waiter: string): void => {
            expect(holders.get(found.seq) ?? waiter).toBe(waiter)
            holders.set(found.seq, waiter)
          }
          for (const next of steps) {
            if (next.do === 'accept') {
              if ((await store.accept(call(id), t0)).kind === 'accepted') accepted++
              continue
            }
            const waiter = ids[next.waiter] ?? ''
            if (next.do === 'claim') {
              const found = await store.claim(id, waiter, false, t0, 30_000)
              if (typeof found === 'object') got(found, waiter)
            } else {
              const found = await store.withdraw(id, waiter, next.do, t0)
              if (found !== null) got(found, waiter)
              if (next.do === 'release') for (const [seq, holder] of holders) if (holder === waiter) holders.delete(seq)
              renew(next.waiter)
            }
          }
          // Whoever still waits looks, then the rest is read.
          for (const waiter of ids) {
            const found = await store.claim(id, waiter, false, t0, 30_000)
            if (typeof found === 'object') got(found, waiter)
          }
          for (let i = 0; ; i++) {
            const found = await store.claim(id, `rest${i}`, false, t0, 30_000)
            if (typeof found !== 'object') break
            got(found, `rest${i}`)
          }
          expect([...holders.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: accepted }, (_, i) => i + 1))
        }),
        { numRuns: 100 },
      )
    }, 60_000)
  })
}

import { RingbackError } from '../errors/index.ts'
import { sameBytes } from '../util/index.ts'
import type { EndedState } from './status.ts'
import type { AcceptResult, CallRow, Duplicate, EndpointRow, EndpointSnapshot, ReceiverStore, StoreSignal } from './store.ts'

export interface MemoryStoreOptions {
  /** Endpoints kept at once, default 10,000. Ended ones make room first; then creation is refused. */
  readonly maxEndpoints?: number
  /** Calls kept of one endpoint after they were read, default 1,000: the oldest go, and with them their dedupe keys. */
  readonly maxReadCalls?: number
}

interface Entry {
  row: EndpointRow
  nextSeq: number
  accepted: number
  rejected: number
  readonly calls: Map<number, CallRow>
  /** Ascending. */
  readonly unread: number[]
  /** In the order in which they came. */
  readonly waiters: Map<string, { readonly durable: boolean; readonly leaseUntil: number }>
  readonly assigned: Map<
    string,
    { readonly seq: number; readonly durable: boolean; readonly leaseUntil: number; claimed: boolean }
  >
  readonly dedupe: Map<string, number>
  readonly rejections: Uint8Array[]
}

/** Endpoints and calls in this process; gone with it. */
export function memoryStore(options: MemoryStoreOptions = {}): ReceiverStore {
  const { maxEndpoints = 10_000, maxReadCalls = 1000 } = options
  const entries = new Map<string, Entry>()
  const byIdempotencyKey = new Map<string, string>()
  // In the order in which they ended.
  const ended = new Set<string>()
  let signal: (signal: StoreSignal) => void = () => {}

  function finish(entry: Entry, to: EndedState, reason: string | null, at: number): void {
    entry.row = { ...entry.row, state: to, reason, endedAt: at }
    entry.waiters.clear()
    ended.add(entry.row.id)
    signal({ endpointId: entry.row.id, ended: true })
  }

  function expire(entry: Entry, now: number): void {
    const { state, expiresAt } = entry.row
    if (state === 'open' && expiresAt !== null && expiresAt <= now) finish(entry, 'expired', null, expiresAt)
  }

  function remove(id: string): void {
    const key = entries.get(id)?.row.idempotencyKey
    if (typeof key === 'string') byIdempotencyKey.delete(key)
    entries.delete(id)
    ended.delete(id)
  }

  function makeRoom(now: number): void {
    if (entries.size < maxEndpoints) return
    if (ended.size === 0) for (const entry of entries.values()) expire(entry, now)
    const oldest = ended.values().next()
    if (!oldest.done) return remove(oldest.value)
    throw new RingbackError(
      'ERR_RECEIVER_FULL',
      `Expected fewer than ${maxEndpoints} open callback endpoints but found ${entries.size}: complete or cancel some, or raise limits.maxEndpoints`,
    )
  }

  /** Unread calls go to the waits that stand in line, oldest to oldest. */
  function handOut(entry: Entry, now: number): void {
    for (const [waiterId, { durable, leaseUntil }] of entry.waiters) {
      if (leaseUntil <= now) {
        entry.waiters.delete(waiterId)
        continue
      }
      const seq = entry.unread.shift()
      if (seq === undefined) return
      entry.waiters.delete(waiterId)
      assign(entry, seq, waiterId, durable, leaseUntil)
      signal({ endpointId: entry.row.id, waiterId, seq })
    }
  }

  function assign(entry: Entry, seq: number, waiterId: string, durable: boolean, leaseUntil: number): void {
    entry.assigned.set(waiterId, { seq, durable, leaseUntil, claimed: false })
    patch(entry, seq, { waiterId })
  }

  function unassign(entry: Entry, waiterId: string, seq: number): void {
    entry.assigned.delete(waiterId)
    patch(entry, seq, { waiterId: null })
    const at = entry.unread.findIndex((other) => other > seq)
    entry.unread.splice(at === -1 ? entry.unread.length : at, 0, seq)
  }

  /** Calls of waits that died before they had them. */
  function revive(entry: Entry, now: number): void {
    for (const [waiterId, { seq, durable, leaseUntil, claimed }] of entry.assigned) {
      if (!claimed && !durable && leaseUntil <= now) unassign(entry, waiterId, seq)
    }
    if (entry.unread.length > 0) handOut(entry, now)
  }

  function take(entry: Entry, waiterId: string): CallRow | null {
    const held = entry.assigned.get(waiterId)
    const call = held && entry.calls.get(held.seq)
    if (held === undefined || call === undefined) return null
    held.claimed = true
    forgetOldCalls(entry)
    return call
  }

  function forgetOldCalls(entry: Entry): void {
    for (const [seq, call] of entry.calls) {
      if (entry.calls.size - entry.unread.length <= maxReadCalls) return
      if (call.waiterId === null || entry.assigned.get(call.waiterId)?.claimed === false) continue
      entry.calls.delete(seq)
      entry.assigned.delete(call.waiterId)
      if (call.dedupeKey !== null) entry.dedupe.delete(keyText(call.dedupeKey))
    }
  }

  function patch(entry: Entry, seq: number, change: Partial<CallRow>): void {
    const call = entry.calls.get(seq)
    if (call !== undefined) entry.calls.set(seq, { ...call, ...change })
  }

  function duplicateOf(entry: Entry, dedupeKey: Uint8Array, bodyDigest: Uint8Array, now: number): Duplicate | null {
    const seq = entry.dedupe.get(keyText(dedupeKey))
    const first = seq === undefined ? undefined : entry.calls.get(seq)
    if (first === undefined) return null
    if (!sameBytes(first.bodyDigest, bodyDigest)) return { kind: 'key-reused' }
    if (first.reply === null && now < first.replyDueAt) return { kind: 'in-flight' }
    return { kind: 'replay', seq: first.seq, reply: first.reply }
  }

  function snapshotOf(entry: Entry): EndpointSnapshot {
    const { row, unread, waiters, accepted, rejected } = entry
    return { row, counts: { stored: unread.length, waiters: waiters.size, accepted, rejected } }
  }

  return {
    durable: false,

    async start(onSignal) {
      signal = onSignal
    },

    async insertEndpoint(row) {
      const known = row.idempotencyKey === null ? undefined : entries.get(byIdempotencyKey.get(row.idempotencyKey) ?? '')
      if (known !== undefined) return { row: known.row, created: false }
      makeRoom(row.createdAt)
      entries.set(row.id, {
        row,
        nextSeq: 1,
        accepted: 0,
        rejected: 0,
        calls: new Map(),
        unread: [],
        waiters: new Map(),
        assigned: new Map(),
        dedupe: new Map(),
        rejections: [],
      })
      if (row.idempotencyKey !== null) byIdempotencyKey.set(row.idempotencyKey, row.id)
      return { row, created: true }
    },

    async getEndpoint(id) {
      return entries.get(id)?.row ?? null
    },

    async snapshot(id) {
      const entry = entries.get(id)
      return entry === undefined ? null : snapshotOf(entry)
    },

    async list({ state, after = '', limit, now }) {
      for (const entry of entries.values()) expire(entry, now)
      return [...entries.values()]
        .filter(({ row }) => row.id > after && (state === undefined || row.state === state))
        .sort((a, b) => (a.row.id < b.row.id ? -1 : 1))
        .slice(0, limit)
        .map(snapshotOf)
    },

    async findDuplicate(endpointId, dedupeKey, bodyDigest, now) {
      const entry = entries.get(endpointId)
      return entry === undefined ? null : duplicateOf(entry, dedupeKey, bodyDigest, now)
    },

    async accept(call, now): Promise<AcceptResult> {
      const entry = entries.get(call.endpointId)
      if (entry === undefined) return { kind: 'missing' }
      const duplicate = call.dedupeKey === null ? null : duplicateOf(entry, call.dedupeKey, call.bodyDigest, now)
      if (duplicate !== null) return duplicate
      expire(entry, now)
      if (entry.row.state !== 'open') return { kind: 'ended', state: entry.row.state, endedAt: entry.row.endedAt ?? now }
      revive(entry, now)
      dropDeadWaiters(entry, now)
      if (entry.waiters.size === 0 && entry.unread.length >= entry.row.slots) return { kind: 'full' }

      const seq = entry.nextSeq++
      entry.accepted++
      entry.calls.set(seq, { ...call, seq, waiterId: null, duplicates: 0 })
      if (call.dedupeKey !== null) entry.dedupe.set(keyText(call.dedupeKey), seq)
      entry.unread.push(seq)
      handOut(entry, now)
      const waiterId = entry.calls.get(seq)?.waiterId ?? null
      const completed = entry.row.maxCalls !== null && entry.accepted >= entry.row.maxCalls
      if (completed) finish(entry, 'completed', null, now)
      return { kind: 'accepted', seq, waiterId, completed }
    },

    async claim(endpointId, waiterId, durable, now, leaseMs) {
      const entry = entries.get(endpointId)
      if (entry === undefined) return 'ended'
      expire(entry, now)
      revive(entry, now)
      if (entry.row.state === 'cancelled') return 'ended'
      const mine = take(entry, waiterId)
      if (mine !== null) return mine
      const oldest = entry.unread.shift()
      if (oldest !== undefined) {
        entry.waiters.delete(waiterId)
        assign(entry, oldest, waiterId, durable, now + leaseMs)
        return take(entry, waiterId) ?? 'ended'
      }
      if (entry.row.state !== 'open') return 'ended'
      entry.waiters.set(waiterId, { durable, leaseUntil: now + leaseMs })
      return 'waiting'
    },

    async withdraw(endpointId, waiterId, assigned, now) {
      const entry = entries.get(endpointId)
      if (entry === undefined) return null
      entry.waiters.delete(waiterId)
      if (assigned === 'take') return entry.row.state === 'cancelled' ? null : take(entry, waiterId)
      const held = entry.assigned.get(waiterId)
      if (held !== undefined && !held.durable) {
        unassign(entry, waiterId, held.seq)
        handOut(entry, now)
      }
      return null
    },

    async end(id, to, reason, now) {
      const entry = entries.get(id)
      if (entry === undefined) return false
      expire(entry, now)
      if (entry.row.state !== 'open') return false
      finish(entry, to, reason, now)
      return true
    },

    async setReply(endpointId, seq, reply) {
      const entry = entries.get(endpointId)
      if (entry !== undefined) patch(entry, seq, { reply })
    },

    async calls(endpointId, { afterSeq = 0, limit }) {
      const rows: CallRow[] = []
      for (const [seq, call] of entries.get(endpointId)?.calls ?? []) {
        if (rows.length >= limit) break
        if (seq > afterSeq) rows.push(call)
      }
      return rows
    },

    async bumpDuplicates(endpointId, seq) {
      const entry = entries.get(endpointId)
      const duplicates = entry?.calls.get(seq)?.duplicates
      if (entry !== undefined && duplicates !== undefined) patch(entry, seq, { duplicates: duplicates + 1 })
    },

    async addRejection(endpointId, rejection, keep) {
      const entry = entries.get(endpointId)
      if (entry === undefined) return
      entry.rejected++
      entry.rejections.push(rejection)
      if (entry.rejections.length > keep) entry.rejections.splice(0, entry.rejections.length - keep)
    },

    async rejections(endpointId) {
      return [...(entries.get(endpointId)?.rejections ?? [])]
    },

    async expireDue(now, limit) {
      const due: string[] = []
      for (const entry of entries.values()) {
        if (due.length >= limit) break
        if (entry.row.state !== 'open') continue
        expire(entry, now)
        if (entry.row.state !== 'open') due.push(entry.row.id)
      }
      return due
    },

    async purge(before, limit) {
      const old: string[] = []
      for (const id of ended) {
        if (old.length >= limit) break
        const endedAt = entries.get(id)?.row.endedAt ?? null
        if (endedAt !== null && endedAt < before) old.push(id)
      }
      for (const id of old) remove(id)
      return old.length
    },

    async reseal(notKid, after, limit, seal) {
      const page = [...entries.values()]
        .filter(({ row }) => row.id > (after ?? ''))
        .sort((a, b) => (a.row.id < b.row.id ? -1 : 1))
        .slice(0, limit)
      let rewritten = 0
      for (const entry of page) {
        const { row } = entry
        if (row.kid !== notKid) {
          entry.row = { ...row, sealed: seal(row.sealed, `endpoint|${row.id}`), kid: notKid }
          rewritten++
        }
        for (const call of entry.calls.values()) {
          if (call.kid === notKid) continue
          patch(entry, call.seq, { sealed: seal(call.sealed, `call|${row.id}|${call.callId}`), kid: notKid })
          rewritten++
        }
      }
      return { last: page.at(-1)?.row.id ?? null, rewritten }
    },

    async stop() {
      signal = () => {}
    },
  }
}

function dropDeadWaiters(entry: Entry, now: number): void {
  for (const [waiterId, { leaseUntil }] of entry.waiters) if (leaseUntil <= now) entry.waiters.delete(waiterId)
}

function keyText(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('base64')
}

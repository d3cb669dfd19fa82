import { sameBytes } from '../util/index.ts'
import type { EndedState } from './status.ts'
import type { AcceptResult, CallRow, Duplicate, EndpointRow, EndpointSnapshot, NewCall, StoreSignal } from './store.ts'

interface Assignment {
  readonly seq: number
  readonly durable: boolean
  readonly leaseUntil: number
}

/** One endpoint of the memory store, with its calls and its line of waits. */
export class MemoryEndpoint {
  row: EndpointRow
  readonly rejections: Uint8Array[] = []
  rejected = 0
  readonly #calls = new Map<number, CallRow>()
  /** Ascending. */
  readonly #unread: number[] = []
  /** In the order in which they came. */
  readonly #waiters = new Map<string, Omit<Assignment, 'seq'>>()
  /** Given to a wait that has not fetched it yet. */
  readonly #assigned = new Map<string, Assignment>()
  /** Fetched by its wait. */
  readonly #claimed = new Map<string, { readonly seq: number; readonly durable: boolean }>()
  readonly #dedupe = new Map<string, number>()
  readonly #maxReadCalls: number
  readonly #signal: (signal: StoreSignal) => void
  #accepted = 0

  constructor(row: EndpointRow, maxReadCalls: number, signal: (signal: StoreSignal) => void) {
    this.row = row
    this.#maxReadCalls = maxReadCalls
    this.#signal = signal
  }

  get snapshot(): EndpointSnapshot {
    const counts = { stored: this.#unread.length, waiters: this.#waiters.size, accepted: this.#accepted, rejected: this.rejected }
    return { row: this.row, counts }
  }

  /** All that time has brought about until now. */
  catchUp(now: number): void {
    const { state, expiresAt } = this.row
    if (state === 'open' && expiresAt !== null && expiresAt <= now) this.#finish('expired', null, expiresAt)
    for (const [id, { leaseUntil }] of this.#waiters) if (leaseUntil <= now) this.#waiters.delete(id)
    for (const [id, { seq, durable, leaseUntil }] of this.#assigned) {
      if (durable || leaseUntil > now) continue
      this.#assigned.delete(id)
      this.#putBack(seq)
    }
    this.#handOut()
  }

  end(to: EndedState, reason: string | null, now: number): boolean {
    this.catchUp(now)
    if (this.row.state !== 'open') return false
    this.#finish(to, reason, now)
    return true
  }

  accept(call: NewCall, now: number): AcceptResult {
    const duplicate = call.dedupeKey === null ? null : this.duplicateOf(call.dedupeKey, call.bodyDigest, now)
    if (duplicate !== null) return duplicate
    this.catchUp(now)
    if (this.row.state !== 'open') return { kind: 'ended', state: this.row.state, endedAt: this.row.endedAt ?? now }
    if (this.#waiters.size === 0 && this.#unread.length >= this.row.slots) return { kind: 'full' }

    const seq = ++this.#accepted
    this.#calls.set(seq, { ...call, seq, waiterId: null, duplicates: 0 })
    if (call.dedupeKey !== null) this.#dedupe.set(textOfKey(call.dedupeKey), seq)
    this.#unread.push(seq)
    this.#handOut()
    const waiterId = this.#calls.get(seq)?.waiterId ?? null
    const completed = seq === this.row.maxCalls
    if (completed) this.#finish('completed', null, now)
    return { kind: 'accepted', seq, waiterId, completed }
  }

  duplicateOf(dedupeKey: Uint8Array, bodyDigest: Uint8Array, now: number): Duplicate | null {
    const first = this.#calls.get(this.#dedupe.get(textOfKey(dedupeKey)) ?? 0)
    if (first === undefined) return null
    if (!sameBytes(first.bodyDigest, bodyDigest)) return { kind: 'key-reused' }
    if (first.reply === null && now < first.replyDueAt) return { kind: 'in-flight' }
    return { kind: 'replay', seq: first.seq, callId: first.callId, reply: first.reply }
  }

  claim(waiterId: string, durable: boolean, now: number, leaseMs: number): CallRow | 'waiting' | 'ended' {
    this.catchUp(now)
    if (this.row.state === 'cancelled') return 'ended'
    const mine = this.#take(waiterId)
    if (mine !== null) return mine
    const waiter = { durable, leaseUntil: now + leaseMs }
    const oldest = this.#unread.shift()
    if (oldest !== undefined) {
      this.#assign(oldest, waiterId, waiter)
      return this.#take(waiterId) ?? 'ended'
    }
    if (this.row.state !== 'open') return 'ended'
    this.#waiters.set(waiterId, waiter)
    return 'waiting'
  }

  withdraw(waiterId: string, assigned: 'take' | 'release', now: number): CallRow | null {
    this.#waiters.delete(waiterId)
    this.catchUp(now)
    if (assigned === 'take') return this.row.state === 'cancelled' ? null : this.#take(waiterId)
    const held = this.#assigned.get(waiterId) ?? this.#claimed.get(waiterId)
    if (held === undefined || held.durable) return null
    this.#assigned.delete(waiterId)
    this.#claimed.delete(waiterId)
    this.#putBack(held.seq)
    this.#handOut()
    return null
  }

  calls(afterSeq: number, limit: number): CallRow[] {
    const rows: CallRow[] = []
    for (const [seq, call] of this.#calls) {
      if (rows.length >= limit) break
      if (seq > afterSeq) rows.push(call)
    }
    return rows
  }

  patch(seq: number, change: (call: CallRow) => Partial<CallRow>): void {
    const call = this.#calls.get(seq)
    if (call !== undefined) this.#calls.set(seq, { ...call, ...change(call) })
  }

  #finish(to: EndedState, reason: string | null, at: number): void {
    this.row = { ...this.row, state: to, reason, endedAt: at }
    this.#waiters.clear()
    this.#signal({ endpointId: this.row.id, ended: true })
  }

  /** Unread calls go to the waits in line, oldest to oldest. */
  #handOut(): void {
    for (const [waiterId, waiter] of this.#waiters) {
      const seq = this.#unread.shift()
      if (seq === undefined) return
      this.#assign(seq, waiterId, waiter)
      this.#signal({ endpointId: this.row.id, waiterId, seq })
    }
  }

  #assign(seq: number, waiterId: string, waiter: Omit<Assignment, 'seq'>): void {
    this.#waiters.delete(waiterId)
    this.#assigned.set(waiterId, { ...waiter, seq })
    this.patch(seq, () => ({ waiterId }))
  }

  #putBack(seq: number): void {
    this.patch(seq, () => ({ waiterId: null }))
    const at = this.#unread.findIndex((other) => other > seq)
    this.#unread.splice(at === -1 ? this.#unread.length : at, 0, seq)
  }

  #take(waiterId: string): CallRow | null {
    const held = this.#assigned.get(waiterId) ?? this.#claimed.get(waiterId)
    const call = held && this.#calls.get(held.seq)
    if (held === undefined || call === undefined) return null
    this.#assigned.delete(waiterId)
    this.#claimed.set(waiterId, held)
    this.#forget()
    return call
  }

  /** The oldest of those that were read, and with them their dedupe keys. */
  #forget(): void {
    for (const [waiterId, { seq }] of this.#claimed) {
      if (this.#claimed.size <= this.#maxReadCalls) return
      const key = this.#calls.get(seq)?.dedupeKey
      if (key !== undefined && key !== null) this.#dedupe.delete(textOfKey(key))
      this.#calls.delete(seq)
      this.#claimed.delete(waiterId)
    }
  }
}

function textOfKey(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('base64')
}

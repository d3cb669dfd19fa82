import type { Reseal, ResealPage } from '../storage/index.ts'
import type { CallbackState, EndedState, Method } from './status.ts'

export type { Reseal, ResealPage } from '../storage/index.ts'

/** What is kept of an endpoint. `sealed` holds everything else; a store never looks into it. Instants are milliseconds. */
export interface EndpointRow {
  readonly id: string
  readonly tokenHash: Uint8Array
  readonly methods: readonly Method[]
  /** How many calls are kept while nobody waits. */
  readonly slots: number
  /** The accepted call that completes the endpoint; `null`: none does. */
  readonly maxCalls: number | null
  readonly state: CallbackState
  readonly reason: string | null
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly endedAt: number | null
  readonly idempotencyKey: string | null
  readonly sealed: Uint8Array
  /** The key that sealed it; `null`: not encrypted. */
  readonly kid: string | null
}

export interface EndpointCounts {
  readonly stored: number
  readonly waiters: number
  readonly accepted: number
  readonly rejected: number
}

export interface EndpointSnapshot {
  readonly row: EndpointRow
  readonly counts: EndpointCounts
}

export interface CallRow {
  readonly endpointId: string
  /** 1, 2, 3, … in the order of acceptance. */
  readonly seq: number
  readonly callId: string
  readonly receivedAt: number
  /** Calls of one endpoint with the same key are one call. */
  readonly dedupeKey: Uint8Array | null
  readonly bodyDigest: Uint8Array
  readonly sealed: Uint8Array
  readonly kid: string | null
  /** The wait it belongs to; `null`: unread. */
  readonly waiterId: string | null
  /** The answer its sender got, sealed like the call; `null` until there is one. */
  readonly reply: Uint8Array | null
  /** Until then a duplicate without a stored answer is in flight; after it, whoever should have answered is gone. */
  readonly replyDueAt: number
  readonly duplicates: number
}

export type NewCall = Omit<CallRow, 'seq' | 'waiterId' | 'duplicates'>

export type Duplicate =
  | { readonly kind: 'replay'; readonly seq: number; readonly callId: string; readonly reply: Uint8Array | null }
  | { readonly kind: 'key-reused' }
  | { readonly kind: 'in-flight' }

export type AcceptResult =
  | { readonly kind: 'accepted'; readonly seq: number; readonly waiterId: string | null; readonly completed: boolean }
  | Duplicate
  | { readonly kind: 'full' }
  | { readonly kind: 'ended'; readonly state: EndedState; readonly endedAt: number }
  | { readonly kind: 'missing' }

/** News for the process that waits: a call was assigned to `waiterId`, or the endpoint has ended. Ids only. */
export interface StoreSignal {
  readonly endpointId: string
  readonly waiterId?: string
  readonly seq?: number
  readonly ended?: true
}

/**
 * Where endpoints, calls and waits live. Every method is one transaction; two processes may share one store.
 *
 * An endpoint is over from `expiresAt` on, whether or not anybody wrote that down: every method that is given `now` acts on it.
 * Each sentence here is a case of the contract suite.
 */
export interface ReceiverStore {
  /** True when rows outlive the process. Waits are then leases which the receiver renews. */
  readonly durable: boolean

  /** Called once, before anything else, by one receiver alone; rejects with a `TypeError` for a second. Signals may come late, twice, or while another method still runs. */
  start(onSignal: (signal: StoreSignal) => void): Promise<void>

  /**
   * The time of the store in milliseconds, where several machines share it and their clocks may differ: the receiver counts by it. Without
   * it, and with a `clock` of its own, a receiver counts by its clock. May be asked before `start`.
   */
  now?(): Promise<number>

  /** With an `idempotencyKey` that is known, the endpoint which has it comes back and `created` is false. */
  insertEndpoint(row: EndpointRow): Promise<{ readonly row: EndpointRow; readonly created: boolean }>

  getEndpoint(id: string): Promise<EndpointRow | null>

  snapshot(id: string): Promise<EndpointSnapshot | null>

  /** In the order of ids, those after `after`. */
  list(page: {
    readonly state?: CallbackState
    readonly after?: string
    readonly limit: number
    readonly now: number
  }): Promise<readonly EndpointSnapshot[]>

  /** What `accept` would say of this dedupe key, without accepting anything. `null`: it is new. */
  findDuplicate(endpointId: string, dedupeKey: Uint8Array, bodyDigest: Uint8Array, now: number): Promise<Duplicate | null>

  /**
   * Takes a call, in this order: a known dedupe key is a duplicate, even at an ended endpoint; an ended endpoint takes nothing;
   * the oldest living wait gets the call; else it is stored unread while there are fewer than `slots` unread ones; else it is full.
   * The `maxCalls`-th accepted call completes the endpoint in the same step.
   */
  accept(call: NewCall, now: number): Promise<AcceptResult>

  /**
   * The call of this wait: the one it already has, else the oldest unread one, else the wait is noted behind those that came
   * before (or its lease is renewed, its place kept). `ended`: nothing will come. Completed and expired endpoints still give
   * their unread calls, cancelled ones do not.
   *
   * A call that was assigned to a wait but not claimed within the lease becomes unread again, unless the wait is `durable`:
   * a durable wait keeps its call and gets it as often as it asks.
   */
  claim(
    endpointId: string,
    waiterId: string,
    durable: boolean,
    now: number,
    leaseMs: number,
  ): Promise<CallRow | 'waiting' | 'ended'>

  /**
   * Ends a wait, decided under the lock of `accept`. With `take`, a call that was assigned meanwhile is given out;
   * with `release`, such a call, claimed or not, becomes unread again (or goes to the next wait), unless the wait is durable.
   */
  withdraw(endpointId: string, waiterId: string, assigned: 'take' | 'release', now: number): Promise<CallRow | null>

  /** False when it had ended before. */
  end(id: string, to: EndedState, reason: string | null, now: number): Promise<boolean>

  /** `kid`: the key that sealed the reply, from now on that of the call too. */
  setReply(endpointId: string, seq: number, reply: Uint8Array, kid: string | null): Promise<void>

  /** In the order of `seq`, read and unread. */
  calls(endpointId: string, page: { readonly afterSeq?: number; readonly limit: number }): Promise<readonly CallRow[]>

  bumpDuplicates(endpointId: string, seq: number): Promise<void>

  /** Counts it, and keeps the newest `keep`. */
  addRejection(endpointId: string, rejection: Uint8Array, kid: string | null, keep: number): Promise<void>

  /** Oldest first. */
  rejections(endpointId: string): Promise<readonly Uint8Array[]>

  /** Writes down which endpoints are over by time; their ids. */
  expireDue(now: number, limit: number): Promise<readonly string[]>

  /** Deletes endpoints that ended before that instant, with their calls; how many. */
  purge(before: number, limit: number): Promise<number>

  /**
   * Seals again what was not sealed with this key, `limit` rows or less: those behind the mark `after`, which the page before gave as
   * `last`; `null` is the beginning, and the end. A row with something unreadable keeps its `kid`; the others get this one.
   */
  reseal(notKid: string, after: string | null, limit: number, seal: Reseal): Promise<ResealPage>

  stop(): Promise<void>
}

/** A store tells one receiver what happens in it: two that shared one object would take each other's signals. */
export function inUse(): TypeError {
  return new TypeError(
    'Expected a store of its own for each receiver but found one that another receiver uses: make a second store object over the same file or database',
  )
}

import type { RotateOptions } from '../storage/index.ts'
import type { ClaimCheckStore } from './claim-check/claim-check-store.ts'
import type { Attempt, DeadReason, Delivery, DeliveryState, Lease } from './delivery.ts'
import type { DestinationStore } from './destination.ts'

/**
 * Where deliveries are kept. Every sentence here is a case of the store contract suite. A store reads no clock: instants come as arguments,
 * in milliseconds since the epoch. Every method takes effect wholly or not at all.
 */
export interface DeliveryStore {
  /** True when deliveries survive the process: the dispatcher then retries for days, and commits in groups. */
  readonly durable: boolean
  /** Absent in a store that keeps none: the dispatcher then signs, and goes on, whatever the destination. */
  readonly destinations?: DestinationStore
  /** Absent in a store that keeps none: nothing can be delivered as a claim check then. */
  readonly claimChecks?: ClaimCheckStore
  /** True when `insert` heeds `leases`. Default: false. */
  readonly leasesAtInsert?: boolean
  /**
   * Stores new deliveries in this order. `false` for an id that is already known: that delivery stays as it is.
   *
   * `leases`: a lease in the place of a delivery leases it to the caller from the start, which spares a claim. Never given for one with an
   * ordering key (another may be before it), nor to a store without `leasesAtInsert`.
   */
  insert(deliveries: readonly NewDelivery[], leases?: readonly (Lease | undefined)[]): Stored
  /**
   * Like `insert`, as a part of the caller's own transaction: they are there when it commits, and never were when it rolls back. As long as it
   * is open, no other method waits for it, but an `insert` of the same id. A store without it has no such transactions. Throws `TypeError` for what is no transaction of its database.
   */
  insertWithin?(transaction: unknown, deliveries: readonly NewDelivery[]): Promise<readonly boolean[]>
  /**
   * Leases due deliveries to the caller, in turn by origin, within an origin the longest due first. One whose content cannot be opened is
   * leased like the others, and says so (`unreadable`): it must not be lost, nor hold up anybody.
   */
  claim(claim: Claim): Promise<readonly LeasedDelivery[]>
  /** Leases deliveries whose lease has ended at `now` to the caller, so that it records an unknown outcome. */
  claimExpired(claim: Pick<Claim, 'now' | 'token' | 'leaseUntil' | 'limit'>): Promise<readonly LeasedDelivery[]>
  /**
   * Records attempts, each with its consequence, in one step. `false`: the lease was lost (another token, or no longer leased), and nothing
   * was written. A lease whose time is over but that nobody has taken is not lost.
   */
  settle(settlements: readonly Settlement[]): Stored
  /** Gives leases back without an attempt: pending, or held, due at `dueAt`. `false`: the lease was lost. */
  release(releases: readonly Release[]): Promise<readonly boolean[]>
  /** What an operator does. Answers the ids that were changed; the others were not in a state for it. */
  change(ids: readonly string[], change: OperatorChange, now: number): Promise<readonly string[]>
  /** Rejects for nothing that cannot be opened. */
  get(id: string): Promise<StoredDelivery | undefined>
  /** In the order of enqueueing, or the other way round. Rejects for nothing that cannot be opened: such deliveries say so. */
  list(filter: DeliveryFilter): Promise<readonly Delivery[]>
  /** Forgets deliveries that were settled before these instants, with their attempts, at most `limit`. Answers how many. */
  purge(purge: Purge): Promise<number>
  /**
   * Seals every record with the first sealing key of the keyring, `batch` rows in a transaction, while deliveries go out. Aborted or not, it
   * can be run again: what is done is not done twice. Take an old one out of the keyring when `left` is 0. Absent in a store that seals
   * nothing; rejects with a `TypeError` when there is no keyring.
   */
  rotateKeys?(options?: RotateOptions): Promise<KeyRotation>
  /** The earliest instant at which a delivery is due that nothing blocks, or a lease ends. */
  nextWakeAt(): Promise<number | undefined>
  stats(): Promise<StoreStats>
  close(): Promise<void>
}

/** For each of what was given, whether it was written. A store that has nothing to wait for answers at once: a promise costs as much as it does. */
export type Stored = Promise<readonly boolean[]> | readonly boolean[]

export type NewDelivery = Omit<Delivery, 'state' | 'attempts' | 'attemptsBefore' | 'settledAt' | 'reason' | 'unreadable'>

export interface StoredDelivery {
  readonly delivery: Delivery
  /** By their numbers; those that cannot be opened are not among them. */
  readonly attempts: readonly Attempt[]
  /** How many attempts cannot be opened; absent when all can. */
  readonly unreadableAttempts?: number
}

export interface KeyRotation {
  readonly rewritten: number
  /** Records that are not yet under the first key: sealed by a process that has an older keyring, or unreadable. */
  readonly left: number
  /** Sealing keys that some of them need and the keyring does not have. */
  readonly missingKids: readonly string[]
  /** Records that do not open for another reason. */
  readonly broken: number
}

export interface Claim {
  readonly now: number
  readonly limit: number
  /** No more of one origin than this, those in `taken` included. */
  readonly perOrigin: number
  /** How many of an origin the caller has already; `Infinity` for an origin that is paused. */
  readonly taken: ReadonlyMap<string, number>
  readonly token: string
  readonly leaseUntil: number
}

export interface LeasedDelivery {
  readonly delivery: Delivery
  readonly lease: Lease
}

export interface Release {
  readonly lease: Lease
  readonly dueAt: number
  /** Default: pending. */
  readonly isHeld?: true
}

export interface Settlement {
  readonly lease: Lease
  readonly attempt: Attempt
  readonly consequence: Consequence
  /** The receiver has moved for good: the URL and the origin of this replace those that are stored. */
  readonly moved?: Delivery
}

/** `at`: when the attempt ended. */
export type Consequence =
  | { readonly kind: 'delivered'; readonly at: number }
  | { readonly kind: 'retry'; readonly dueAt: number }
  | { readonly kind: 'dead'; readonly at: number; readonly reason: DeadReason }

export interface Purge {
  readonly deliveredBefore: number
  /** For dead and cancelled ones. */
  readonly othersBefore: number
  readonly limit: number
}

/**
 * `cancel`: pending or held → cancelled. `hold`: pending → held. `resume`: held → pending. `requeue`: dead, cancelled or delivered → pending,
 * due now, on a fresh retry schedule; the attempts stay in the record. `forget`: dead, cancelled or delivered → not there any more, nor its
 * attempts. `reschedule`: pending → pending, due at the instant that is given.
 */
export type OperatorChange = 'cancel' | 'hold' | 'resume' | 'requeue' | 'forget' | 'reschedule'

/** All that is given must be true of a delivery. */
export interface DeliveryFilter {
  /** Those of them that there are. */
  readonly ids?: readonly string[]
  readonly state?: DeliveryState
  readonly origin?: string
  /** `metadata.callback` */
  readonly callback?: string
  /** `metadata.operationId`, or without it `metadata.operation`. */
  readonly operation?: string
  /** Of dead ones. */
  readonly reason?: DeadReason
  /** Enqueued at this instant or later. */
  readonly createdFrom?: number
  readonly createdBefore?: number
  /** Delivered, cancelled or given up before. */
  readonly settledBefore?: number
  readonly limit: number
  /** The newest first. Default: the oldest. */
  readonly newestFirst?: true
  /** Continue behind the delivery with this id, in this order; behind one that is not known there is nothing. */
  readonly after?: string
}

export interface StoreStats {
  readonly counts: Readonly<Record<DeliveryState, number>>
  /** `dueAt` of the delivery that has been due the longest. */
  readonly oldestDueAt?: number
}

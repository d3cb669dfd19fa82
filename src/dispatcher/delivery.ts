import type { ErrorCode } from '../errors/index.ts'
import type { CallbackRequest, HeaderFields } from '../http/index.ts'
import type { FailureCause, Phase, RefusalRule, Sent, Timings } from '../outbound/index.ts'

/**
 * `pending` (to be attempted at `dueAt`) → `leased` (some dispatcher is at it) → `delivered`, `pending` again, or `dead`.
 * `held` and `cancelled` are what an operator makes of a pending one.
 */
export type DeliveryState = 'pending' | 'leased' | 'delivered' | 'dead' | 'cancelled' | 'held'

/** One CallbackRequest that must arrive. Instants are milliseconds since the epoch. */
export interface Delivery {
  /** The `webhook-id`, the same in every attempt. */
  readonly id: string
  readonly state: DeliveryState
  readonly request: CallbackRequest
  /** Scheme, host and port of the target: the unit of fairness and of pauses. */
  readonly origin: string
  /** Deliveries with the same key arrive in the order they were enqueued; one waits until the one before it is delivered, dead or cancelled. */
  readonly orderingKey?: string
  readonly metadata: Readonly<Record<string, unknown>>
  readonly createdAt: number
  /** When the next attempt is due; of a settled delivery, when the last one was. */
  readonly dueAt: number
  /** Attempts made, those with unknown outcome included. */
  readonly attempts: number
  /** Those of them that were made before it was last requeued: the retry schedule counts from there. */
  readonly attemptsBefore: number
  /** When it was delivered, cancelled, or given up. */
  readonly settledAt?: number
  /** Why it is dead. */
  readonly reason?: DeadReason
  /**
   * Its content cannot be opened, because its sealing key is not in the keyring or the record is broken: `request` is empty then, and of
   * `metadata` only the name of the callback is known. It is not attempted, and stays as it is.
   */
  readonly unreadable?: Unreadable
}

export interface Unreadable {
  readonly code: ErrorCode
  /** Which key is missing, or what is broken. */
  readonly message: string
}

/**
 * `refused`: policy, or no request can be made of it. `gone`: the receiver wants no more. `aborted`: the receiver does not want this one.
 * `rejected`: the same bytes cannot succeed. `exhausted`: no attempt is left. `ended`: the receiver does not know the subscription any more.
 * `expired`: what the receiver accepted as credentials has run out. `declined`: asked, the receiver did not say that it wants it.
 */
export type DeadReason = 'refused' | 'gone' | 'aborted' | 'rejected' | 'exhausted' | 'ended' | 'expired' | 'declined'

/** The right to attempt a delivery, until an instant. Whoever writes with an old token writes nothing. */
export interface Lease {
  readonly id: string
  readonly token: string
  readonly until: number
}

/** One try. */
export interface Attempt {
  /** From 1. */
  readonly n: number
  readonly startedAt: number
  readonly phase: Phase
  readonly sent: Sent
  readonly outcome: Outcome
  readonly remoteAddress?: string
  readonly reusedConnection: boolean
  readonly timings: Timings
  /** When the next attempt is due; absent when there is none. */
  readonly nextAt?: number
}

export type Outcome =
  | {
      readonly kind: 'response'
      readonly status: number
      /** Those that say how to go on, and what the content is. */
      readonly headers: HeaderFields
      /** The first 4096 bytes. For the operator: never shown to a subscriber. */
      readonly body: Uint8Array
    }
  | { readonly kind: 'refused'; readonly rule: RefusalRule; readonly message: string; readonly detail: string }
  | { readonly kind: 'unbuildable'; readonly problem: string }
  | { readonly kind: 'failed'; readonly cause: FailureCause; readonly code: string; readonly message: string }
  /** Asked before the first delivery, the receiver did not say that it wants it. */
  | {
      readonly kind: 'declined'
      readonly check: 'websub' | 'cloudevents'
      readonly status: number
      readonly message: string
    }
  /** The lease ran out: the process that had it is gone, and nobody knows whether the request arrived. */
  | { readonly kind: 'unknown' }

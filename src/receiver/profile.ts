import type { Answer } from './answer.ts'
import type { EndedState, Method, RejectCode, ValidationError } from './status.ts'

/** Why a request does not become a call, with what its answer needs. */
export type Refusal =
  /** Nothing that the sender may know of: no such endpoint, or not its secret. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'paused' }
  /** The store, or we, failed. */
  | { readonly kind: 'failed' }
  /** Part of the endpoint is a function, and lives in another process. */
  | { readonly kind: 'unavailable' }
  /** Somebody read the body before us. */
  | { readonly kind: 'consumed' }
  /** The same call is here already, and not answered yet. */
  | { readonly kind: 'in-flight' }
  | RejectedRequest

/** A refusal that is kept for whoever waits. */
export interface RejectedRequest {
  readonly kind: 'rejected'
  readonly code: RejectCode
  readonly detail: string
  readonly methods?: readonly Method[]
  readonly challenges?: readonly string[]
  readonly accepts?: readonly string[]
  readonly errors?: readonly ValidationError[]
  readonly ended?: { readonly state: EndedState; readonly endedAt: number }
  readonly retryAfterMs?: number
}

/** How one system answers: the table of checks is the same for all, what it leaves out and how it says no is here. */
export interface Profile {
  readonly slots: number
  readonly maxCalls: number | null
  /** Of an endpoint. */
  readonly lifeMs: number
  readonly dedupes: boolean
  /** Whether HEAD finds an endpoint for GET. */
  readonly answersHead: boolean
  /** Whether what a sender may send is checked: encoding, media type, syntax, schema. */
  readonly checksContent: boolean
  /** Whether unread calls can still be read when the endpoint has completed or expired. */
  readonly readsAfterEnd: boolean
  /** Of each wait; `undefined`: until the endpoint expires. */
  readonly waitTimeoutMs: number | undefined
  accepted(endpointId: string): Answer
  pending(endpointId: string): Answer
  refusal(refusal: Refusal): Answer
}

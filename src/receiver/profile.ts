import type { Random } from '../util/index.ts'
import type { Answer } from './answer.ts'
import type { EndedState, Method, RejectCode, ValidationError } from './status.ts'
import type { TokenPolicy } from './tokens.ts'
import type { UrlShape } from './url-shape.ts'

/** Why a request does not become a call, with what its answer needs. */
export type Refusal =
  /** Nothing that the sender may know of: no such endpoint, or not its secret. */
  | { readonly kind: 'unknown' }
  /** There is no secret to look at, whatever the id. */
  | { readonly kind: 'no-secret' }
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
  /** What the description of the call says to it, in place of the profile's answer. */
  readonly documented?: Answer
}

/** How one system answers: the table of checks is the same for all, what it leaves out and how it says no is here. */
export interface Profile {
  readonly urls: UrlShape
  tokens(random: Random): TokenPolicy
  readonly pathPrefix: string
  readonly slots: number
  readonly maxCalls: number | null
  /** Of an endpoint. */
  readonly lifeMs: number
  readonly dedupes: boolean
  /** Whether HEAD finds an endpoint for GET. */
  readonly answersHead: boolean
  /** Whether what a sender may send is checked: encoding, media type, syntax, schema. */
  readonly checksContent: boolean
  /** The media type as which every body is read, whatever it says it is, and must be an object. */
  readonly readsAs: string | undefined
  /** Whether unread calls can still be read when the endpoint has completed or expired. */
  readonly readsAfterEnd: boolean
  /** Of each wait; `undefined`: until the endpoint expires. */
  readonly waitTimeoutMs: number | undefined
  accepted(endpointId: string): Answer
  pending(endpointId: string): Answer
  refusal(refusal: Refusal): Answer
}

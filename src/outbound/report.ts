import type { HeaderFields } from '../http/index.ts'
import type { Refusal } from './refusal.ts'

/** How far a request came. */
export type Phase = 'policy' | 'dns' | 'connect' | 'tls' | 'request' | 'response' | 'body'

/**
 * Whether the peer can have seen the request. `no`: not a byte was written. `maybe`: writing had begun and nothing came back.
 * `yes`: it answered, if only with a part of a response.
 */
export type Sent = 'no' | 'maybe' | 'yes'

export interface OutboundRequest {
  readonly method: string
  readonly url: string
  readonly headers: HeaderFields
  readonly body?: Uint8Array
}

export type SendOutcome =
  | OutboundResponse
  /** The policy said no. Final. */
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** No request can be made of it: a forbidden or malformed header field, a body or a header section over the limit. Final. */
  | { readonly kind: 'unbuildable'; readonly problem: string }
  | { readonly kind: 'failed'; readonly cause: FailureCause; readonly code: string; readonly message: string }

export interface OutboundResponse {
  readonly kind: 'response'
  readonly status: number
  readonly headers: HeaderFields
  /** At most the limit of the transport. */
  readonly body: Uint8Array
  /** `truncated`: it was longer than the limit. `broken`: the connection or the time ended before the body did. */
  readonly completeness: 'complete' | 'truncated' | 'broken'
}

export type FailureCause =
  | 'dns'
  | 'connect'
  | 'tls'
  | 'timeout'
  | 'reset'
  /** The header section of the response is over the limit. */
  | 'oversized'
  /** What came back is not HTTP/1.1. */
  | 'protocol'
  /** The caller ended it, or closed the transport. */
  | 'aborted'
  /** Our own trouble, such as too many open connections. Says nothing about the peer. */
  | 'local'

/** Milliseconds. `dns`, `connect` and `tls` only when this request opened the connection. */
export interface Timings {
  readonly dns?: number
  readonly connect?: number
  readonly tls?: number
  /** From the call until the head of the response. */
  readonly firstByte?: number
  readonly total: number
}

export interface SendReport {
  readonly outcome: SendOutcome
  readonly phase: Phase
  readonly sent: Sent
  /** The request went over a connection that had served another one before. */
  readonly reusedConnection: boolean
  readonly remoteAddress?: string
  readonly timings: Timings
}

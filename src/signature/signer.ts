import type { HeaderFields } from '../http/index.ts'
import type { Result } from '../util/index.ts'

/** A request as it will be sent, byte for byte. */
export interface SignableRequest {
  readonly method: string
  /** Absolute, as it goes on the wire. */
  readonly targetUri: string
  readonly headers: HeaderFields
  readonly body: Uint8Array
  /** Of the delivery: the same in every attempt. */
  readonly id: string
  /** When this attempt is made, in milliseconds since the epoch. */
  readonly at: number
}

/** Adds header fields that prove who sent a request. */
export interface Signer {
  /** The fields to add; they replace fields of the same name. */
  sign(request: SignableRequest): HeaderFields
}

/** What a receiver has of a request. */
export interface ReceivedRequest {
  readonly headers: HeaderFields
  /** The content before any decoding or parsing. */
  readonly body: Uint8Array
}

export interface VerifiedRequest {
  readonly id: string
  /** When the sender signed it, in milliseconds since the epoch. */
  readonly signedAt: number
}

export interface SignatureProblem {
  readonly reason: 'missing-field' | 'malformed-field' | 'too-old' | 'too-new' | 'no-match'
  readonly message: string
}

export interface Verifier {
  /** `now`: milliseconds since the epoch. */
  verify(request: ReceivedRequest, now: number): Result<VerifiedRequest, SignatureProblem>
}

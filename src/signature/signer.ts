import { expectFields, type HeaderFields } from '../http/index.ts'
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
  /** For signatures that cover it (RFC 9421). */
  readonly method?: string
  /** Absolute, as the sender knows it: behind a proxy that is not what arrives. For signatures that cover it. */
  readonly targetUri?: string
}

export interface VerifiedRequest {
  readonly id: string
  /** When the sender signed it, in milliseconds since the epoch. */
  readonly signedAt: number
  /** The same for two requests only when one is a copy of the other. An honest further attempt has another one, and the same id. */
  readonly replayKey: string
  /** From this instant on, a copy would be too old anyway. */
  readonly freshUntil: number
}

export interface SignatureProblem {
  readonly reason:
    | 'missing-field'
    | 'malformed-field'
    | 'too-old'
    | 'too-new'
    | 'no-match'
    /** The key id is not among the keys, or its key has expired. */
    | 'unknown-key'
    /** The signature is silent about something that it must speak of. */
    | 'not-covered'
    /** Content-Digest is not that of the content. */
    | 'digest-mismatch'
    /** The very same request has been here before. */
    | 'replayed'
  readonly message: string
}

export interface Verifier<Verified = VerifiedRequest> {
  /** `now`: milliseconds since the epoch. */
  verify(request: ReceivedRequest, now: number): Result<Verified, SignatureProblem>
}

/** Throws a `TypeError` for an `expiresAt` that is no instant: `NaN` of a mistyped date would end a key without a word. */
export function checkExpiry(expiresAt: unknown): void {
  if (typeof expiresAt !== 'number' || Number.isNaN(expiresAt))
    throw new TypeError(`Expected "expiresAt" in milliseconds since the epoch, found ${String(expiresAt)}.`)
}

/** Throws a `TypeError` for what a caller takes for a request, but is none. */
export function checkReceived({ headers, body }: ReceivedRequest): void {
  expectFields(headers, '"headers"')
  if (!ArrayBuffer.isView(body)) throw new TypeError('Expected the content as a Uint8Array, byte for byte as it came.')
}

export function problem(
  reason: SignatureProblem['reason'],
  message: string,
): { readonly ok: false; readonly error: SignatureProblem } {
  return { ok: false, error: { reason, message } }
}

import type { Duration } from '../duration.ts'

/** What a sender must prove, on top of knowing the URL. */
export type InboundAuth =
  /** A function for tokens that rotate or expire. */
  | { readonly type: 'bearer'; readonly token: string | readonly string[] | ((token: string) => boolean | Promise<boolean>) }
  | { readonly type: 'basic'; readonly username: string; readonly password: string }
  | {
      readonly type: 'hmac'
      readonly secret: string | readonly string[]
      /** The field that carries the signature of the raw body. */
      readonly header: string
      /** Default `sha256`. */
      readonly algorithm?: 'sha256' | 'sha512'
      /** What stands before the signature: `sha256=`. Default: nothing. */
      readonly prefix?: string
      /** Default `hex`. */
      readonly encoding?: 'hex' | 'base64'
    }
  | {
      readonly type: 'standard-webhooks'
      /** `whsec_` and base64 of 24 to 64 bytes; several while they rotate. */
      readonly secret: string | readonly string[]
      /** How far the time of the signature may lie from now, both ways; default `5m`. */
      readonly tolerance?: Duration
    }
  | { readonly type: 'custom'; verify(request: SignedRequest): boolean | Promise<boolean> }

export interface SignedRequest {
  readonly headers: Headers
  readonly rawBody: Uint8Array
  readonly method: string
  /** As the sender sees it, but without the secret of the callback URL. */
  readonly url: URL
}

/** One way to check a request: before its body is read (`early`), or over its raw bytes (`late`). */
export interface AuthStrategy {
  readonly stage: 'early' | 'late'
  /** The value of WWW-Authenticate when it fails. */
  readonly challenge: string
  /** `now`: milliseconds since the epoch. */
  passes(request: SignedRequest, now: number): boolean | Promise<boolean>
}

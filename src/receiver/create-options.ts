import type { InboundAuth } from './auth/index.ts'
import type { Call, Responder } from './call.ts'
import type { DedupePolicy } from './dedupe.ts'
import type { Duration } from './duration.ts'
import type { StandardSchema } from './schema.ts'
import type { Method } from './status.ts'

export interface CreateOptions<T = unknown> {
  /** Default `POST`. */
  readonly method?: Method | readonly Method[]
  /** Calls kept unread while nobody waits; default 16 (profile `gcp`: 1). 0: only while somebody waits. */
  readonly slots?: number
  /** The accepted call that completes it; default: none (profile `utask`: 1). */
  readonly maxCalls?: number
  /** Default `12h` (profile `gcp`: 365 days); `Infinity` must be asked for. */
  readonly expiresIn?: Duration
  /** What the body must be: a JSON Schema (or its JSON text), or a Standard Schema. */
  readonly schema?: object | boolean | string | StandardSchema<T>
  /** Media ranges. Default: any; with a schema JSON. */
  readonly contentTypes?: readonly string[]
  /**
   * Accept a body in a content coding that is not undone (see `limits.decodedBodyBytes`), and give it as bytes. Default false: 415. A
   * schema does not fit bytes.
   */
  readonly acceptEncoded?: boolean
  /** Any of them, on top of the URL's token. */
  readonly auth?: InboundAuth | readonly InboundAuth[]
  /** Default: webhook-id, idempotency-key, ce-source with ce-id (profiles `gcp` and `utask`: none). */
  readonly dedupe?: false | DedupePolicy
  /** Default: 200 with id and state. `manual`: the sender waits for `call.respond()`. */
  readonly respond?: Responder | 'manual'
  /**
   * Create once: the same key gives the same endpoint, whatever else the options say; only functions and descriptions, which no store can
   * keep, are taken from them in a process that does not have them, and only where none of them is missing.
   */
  readonly idempotencyKey?: string
  /** Whether a sender may append to the path; default false. */
  readonly subPaths?: boolean
  /** Sent with 429; default `1s`. */
  readonly retryAfter?: Duration
  /** The call carries only an id, under which the payload is fetched when somebody reads the call. */
  readonly claimCheck?: ClaimCheck<T>
  /** GET shows a page whose button sends the POST that counts: for links which people open and scanners follow. */
  readonly confirm?: boolean | { html(page: { readonly action: string }): string }
  /** Answers CloudEvents' OPTIONS handshake, for any origin or for these. */
  readonly challenges?: { readonly cloudEvents?: true | readonly string[] }
  readonly metadata?: Readonly<Record<string, string>>
}

export const createOptionNames: Readonly<Record<keyof CreateOptions, true>> = {
  method: true,
  slots: true,
  maxCalls: true,
  expiresIn: true,
  schema: true,
  contentTypes: true,
  acceptEncoded: true,
  auth: true,
  dedupe: true,
  respond: true,
  idempotencyKey: true,
  subPaths: true,
  retryAfter: true,
  claimCheck: true,
  confirm: true,
  challenges: true,
  metadata: true,
}

export interface ClaimCheck<T = unknown> {
  /** The query parameter with the UUID; default `id`. */
  readonly param?: string
  fetch(id: string, call: Call): Promise<T>
}

import { utf8 } from '../util/index.ts'
import { type Arrival, fieldOf } from './arrival.ts'
import { digestOf } from './digest.ts'

/** Which requests are the same call again. */
export interface DedupePolicy {
  /** Any of these fields is a key; several names joined by `+` are one key together. Default: those of `defaultDedupe`. */
  readonly headers?: readonly string[]
  /** Wins over the headers; `undefined`: this call has no key. */
  readonly key?: (call: {
    readonly headers: Headers
    readonly rawBody: Uint8Array
    readonly query: URLSearchParams
  }) => string | undefined
}

/** Standard Webhooks, the Idempotency-Key field, CloudEvents (whose id is unique per source only). */
export const defaultDedupe: DedupePolicy = { headers: ['webhook-id', 'idempotency-key', 'ce-source+ce-id'] }

/** A digest that tells calls apart without holding what the sender sent. */
export function dedupeKeyOf(
  policy: DedupePolicy,
  arrival: Arrival,
  rawBody: Uint8Array,
  query: URLSearchParams,
): Uint8Array | null {
  if (policy.key !== undefined) {
    const key = policy.key({ headers: new Headers(arrival.headers as [string, string][]), rawBody, query })
    return key === undefined ? null : digest('key', key)
  }
  for (const name of policy.headers ?? []) {
    const values = name
      .toLowerCase()
      .split('+')
      .map((part) => fieldOf(arrival.headers, part))
    if (values.every((value) => value !== undefined && value !== '')) return digest(name.toLowerCase(), ...(values as string[]))
  }
  return null
}

function digest(...parts: readonly string[]): Uint8Array {
  return digestOf(utf8(JSON.stringify(parts)))
}

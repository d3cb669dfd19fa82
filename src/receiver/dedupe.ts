import { utf8 } from '../util/index.ts'
import { type Arrival, fieldOf } from './arrival.ts'
import { digestOf } from './digest.ts'

/** Which requests are the same call again. */
export interface DedupePolicy {
  /**
   * Any of these fields is a key, together with the method and what was appended to the URL's path; several names joined by `+` are one
   * key together. Default: `webhook-id`, `idempotency-key`, `ce-source+ce-id`.
   */
  readonly headers?: readonly string[]
  /** Wins over the headers, and is the whole key: calls with the same are one call. `undefined`: this call has none. */
  readonly key?: (call: {
    readonly headers: Headers
    readonly rawBody: Uint8Array
    readonly query: URLSearchParams
    readonly method: string
    /** What a sender appended to the path of the URL. */
    readonly subPath: string
  }) => string | undefined
}

/** Standard Webhooks, the Idempotency-Key field, CloudEvents (whose id is unique per source only). */
export const defaultDedupe: DedupePolicy = { headers: ['webhook-id', 'idempotency-key', 'ce-source+ce-id'] }

/** A digest that tells calls apart without holding what the sender sent. */
export function dedupeKeyOf(
  policy: DedupePolicy,
  digestKey: Uint8Array,
  arrival: Arrival,
  { subPath, rawBody, query }: { readonly subPath: string; readonly rawBody: Uint8Array; readonly query: URLSearchParams },
): Uint8Array | null {
  const { method } = arrival
  const digest = (...texts: readonly string[]): Uint8Array => digestOf(digestKey, utf8(JSON.stringify(texts)))
  if (policy.key !== undefined) {
    const key: unknown = policy.key({
      headers: new Headers(arrival.headers as [string, string][]),
      rawBody,
      query,
      method,
      subPath,
    })
    if (key === undefined || key === null) return null
    // Anything else would be the same text for every call.
    if (typeof key !== 'string') throw new TypeError(`Expected dedupe.key to give text or undefined but found ${typeof key}`)
    return digest('key', key)
  }
  for (const name of policy.headers ?? []) {
    const values = name
      .toLowerCase()
      .split('+')
      .map((part) => fieldOf(arrival.headers, part))
    // An id names a call of one operation: the callbacks behind one URL may well carry the same.
    if (values.every((value) => value !== undefined && value !== ''))
      return digest(method, subPath, name.toLowerCase(), ...(values as string[]))
  }
  return null
}

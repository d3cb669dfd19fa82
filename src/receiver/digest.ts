import { createHmac } from 'node:crypto'

/**
 * HMAC-SHA-256. Digests lie beside what is sealed, and a short body or a plain id could be guessed from a bare hash: the key is the
 * endpoint's own, and sealed with its settings.
 */
export function digestOf(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(bytes).digest()
}

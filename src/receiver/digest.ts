import { createHash } from 'node:crypto'

/** SHA-256. */
export function digestOf(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}

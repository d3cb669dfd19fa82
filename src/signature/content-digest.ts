import { createHash, timingSafeEqual } from 'node:crypto'
import { parseDictionary, serializeBareItem } from './structured-fields.ts'

const algorithms: Readonly<Record<string, string>> = { 'sha-256': 'sha256', 'sha-512': 'sha512' }

/** The value of a Content-Digest field (RFC 9530, 2). */
export function contentDigest(content: Uint8Array, algorithm: 'sha-256' | 'sha-512' = 'sha-256'): string {
  return `${algorithm}=${serializeBareItem({ kind: 'bytes', value: digest(algorithm, content) })}`
}

/** `unknown`: the field is malformed, or no algorithm in it is one that is held to be secure (RFC 9530, 5). */
export function checkContentDigest(value: string, content: Uint8Array): 'match' | 'mismatch' | 'unknown' {
  const parsed = parseDictionary(value)
  if (!parsed.ok) return 'unknown'
  let verdict: 'match' | 'unknown' = 'unknown'
  for (const [name, member] of parsed.value) {
    if (!Object.hasOwn(algorithms, name)) continue
    if (member.kind !== 'item' || member.value.kind !== 'bytes') return 'unknown'
    const expected = digest(name, content)
    const told = member.value.value
    // All that can be checked must fit: otherwise the weakest of them would decide.
    if (told.byteLength !== expected.byteLength || !timingSafeEqual(told, expected)) return 'mismatch'
    verdict = 'match'
  }
  return verdict
}

function digest(algorithm: string, content: Uint8Array): Buffer {
  return createHash(algorithms[algorithm] ?? algorithm)
    .update(content)
    .digest()
}

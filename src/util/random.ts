/** The only source of chance. Tests pass one of their own. */
export type Random = (bytes: number) => Uint8Array

// The system is asked for a portion at a time: each time costs more than what it gives.
const portion = 4096
let pool = new Uint8Array(0)
let taken = 0

export const systemRandom: Random = (bytes) => {
  if (bytes > portion / 16) return globalThis.crypto.getRandomValues(new Uint8Array(bytes))
  if (taken + bytes > pool.length) {
    pool = globalThis.crypto.getRandomValues(new Uint8Array(portion))
    taken = 0
  }
  const given = pool.slice(taken, taken + bytes)
  // What became a key or a token is not kept here as well.
  pool.fill(0, taken, taken + bytes)
  taken += bytes
  return given
}

const alphabet = Array.from('0123456789ABCDEFGHJKMNPQRSTVWXYZ', (character) => character.charCodeAt(0))

/** An id of 26 characters that sorts by `now` (48 bits of time, 80 of chance; the layout of a ULID). */
export function randomId(now: number, random: Random = systemRandom): string {
  let time = Math.floor(now)
  const units: number[] = new Array(26)
  for (let i = 9; i >= 0; i--) {
    units[i] = alphabet[time % 32] ?? 48
    time = Math.floor(time / 32)
  }
  const bytes = random(16)
  for (let i = 0; i < 16; i++) units[10 + i] = alphabet[(bytes[i] ?? 0) & 31] ?? 48
  // At once: what is put together letter by letter stays a chain of pieces for as long as it is kept.
  return String.fromCharCode(...units)
}

/** A UUID of version 4 (RFC 9562, 5.4): 122 bits of chance. */
export function randomUuid(random: Random = systemRandom): string {
  const bytes = random(16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** The only source of chance. Tests pass one of their own. */
export type Random = (bytes: number) => Uint8Array

export const systemRandom: Random = (bytes) => globalThis.crypto.getRandomValues(new Uint8Array(bytes))

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** An id of 26 characters that sorts by `now` (48 bits of time, 80 of chance; the layout of a ULID). */
export function randomId(now: number, random: Random = systemRandom): string {
  let time = Math.floor(now)
  let head = ''
  for (let i = 0; i < 10; i++) {
    head = alphabet.charAt(time % 32) + head
    time = Math.floor(time / 32)
  }
  let tail = ''
  for (const byte of random(16)) tail += alphabet.charAt(byte & 31)
  return head + tail
}

/** A UUID of version 4 (RFC 9562, 5.4): 122 bits of chance. */
export function randomUuid(random: Random = systemRandom): string {
  const bytes = random(16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

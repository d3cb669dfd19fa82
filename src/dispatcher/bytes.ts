const slabBytes = 8192
let slab = new Uint8Array(0)
let taken = 0

/**
 * A copy out of a pool: many small buffers of their own would cost more than the rest of a delivery. Not out of Node's, where the few bytes
 * of a delivery that waits would keep all that passes by in its neighbourhood.
 */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  const { byteLength } = bytes
  if (byteLength > slabBytes / 4) return bytes.slice()
  if (taken + byteLength > slab.byteLength) {
    slab = new Uint8Array(slabBytes)
    taken = 0
  }
  const copy = new Uint8Array(slab.buffer, taken, byteLength)
  copy.set(bytes)
  taken += byteLength
  return copy
}

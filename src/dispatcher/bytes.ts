/** A copy from Node's pool: many small buffers of their own would cost more than the rest of a delivery. */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes)
  return new Uint8Array(copy.buffer, copy.byteOffset, copy.byteLength)
}

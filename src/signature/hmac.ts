import { hash } from 'node:crypto'

/** HMAC with SHA-256 and one key, over a text and the bytes behind it. In base64. */
export type Hmac = (head: string, body: Uint8Array) => string

const blockBytes = 64
const digestBytes = 32
// Signed one after another, most messages need no memory of their own.
const scratch = Buffer.alloc(8192)

/**
 * RFC 2104, of two hashes in one call each: what `createHmac` makes is collected by way of a finalizer, and to make it takes longer than to
 * hash what is usually sent.
 */
export function hmacSha256(key: Uint8Array): Hmac {
  // A longer key would have to be hashed.
  if (key.byteLength > blockBytes) throw new TypeError(`Expected a key of at most ${blockBytes} bytes, found ${key.byteLength}.`)
  const inner = padded(key, 0x36, blockBytes)
  const outer = padded(key, 0x5c, blockBytes + digestBytes)
  return (head, body) => {
    const headEnd = blockBytes + Buffer.byteLength(head)
    const length = headEnd + body.byteLength
    const message = length > scratch.byteLength ? Buffer.allocUnsafe(length) : scratch.subarray(0, length)
    message.set(inner)
    message.write(head, blockBytes)
    message.set(body, headEnd)
    outer.write(hash('sha256', message, 'binary'), blockBytes, 'binary')
    return hash('sha256', outer, 'base64')
  }
}

function padded(key: Uint8Array, pad: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let i = 0; i < blockBytes; i++) bytes[i] = (key[i] ?? 0) ^ pad
  return bytes
}

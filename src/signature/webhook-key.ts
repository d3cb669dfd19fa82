import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { type Hmac, hmacSha256 } from './hmac.ts'

/** A key of Standard Webhooks, as its prefix tells. */
export type WebhookKey =
  | { readonly kind: 'v1'; readonly mac: Hmac }
  | { readonly kind: 'v1a'; readonly publicKey: KeyObject; readonly privateKey?: KeyObject }

// RFC 8410: what stands before the 32 bytes of an Ed25519 key in PKCS #8 and in SubjectPublicKeyInfo.
const privateHead = Buffer.from('302e020100300506032b657004220420', 'hex')
const publicHead = Buffer.from('302a300506032b6570032100', 'hex')
const keyBytes = 32

/**
 * `whsec_` (24 to 64 bytes of secret), `whsk_` (Ed25519 private key: the 32 bytes of its seed, or those and the 32 of the public key),
 * `whpk_` (Ed25519 public key), each followed by base64.
 */
export function decodeWebhookKey(text: string): WebhookKey {
  const match = /^(whsec_|whsk_|whpk_)([A-Za-z0-9+/]+={0,2})$/.exec(text)
  const bytes = Buffer.from(match?.[2] ?? '', 'base64')
  switch (match?.[1]) {
    case 'whsec_':
      if (bytes.byteLength >= 24 && bytes.byteLength <= 64) return { kind: 'v1', mac: hmacSha256(bytes) }
      break
    case 'whsk_':
      if (bytes.byteLength === keyBytes || bytes.byteLength === 2 * keyBytes) return privateWebhookKey(bytes)
      break
    case 'whpk_':
      if (bytes.byteLength === keyBytes) return { kind: 'v1a', publicKey: publicFrom(bytes) }
  }
  // The key itself must not get into a log through this message.
  throw new TypeError(
    'Expected a signing key of the form "whsec_" (24 to 64 bytes), "whsk_" (32 or 64) or "whpk_" (32), then base64.',
  )
}

function privateWebhookKey(bytes: Buffer): WebhookKey {
  const privateKey = createPrivateKey({
    key: Buffer.concat([privateHead, bytes.subarray(0, keyBytes)]),
    format: 'der',
    type: 'pkcs8',
  })
  const publicKey = createPublicKey(privateKey)
  const told = bytes.subarray(keyBytes)
  if (told.byteLength > 0 && !publicKey.equals(publicFrom(told))) {
    throw new TypeError('Expected the public half of the "whsk_" key to be that of its private half.')
  }
  return { kind: 'v1a', publicKey, privateKey }
}

function publicFrom(bytes: Buffer): KeyObject {
  return createPublicKey({ key: Buffer.concat([publicHead, bytes]), format: 'der', type: 'spki' })
}

import { constants, createHmac, createPublicKey, type KeyObject, sign, timingSafeEqual, verify } from 'node:crypto'
import { checkExpiry } from './signer.ts'

/** Those of RFC 9421, 3.3, that are worth offering. */
export type SignatureAlgorithm = 'ed25519' | 'ecdsa-p256-sha256' | 'rsa-pss-sha512' | 'hmac-sha256'

/** A key of HTTP Message Signatures. */
export interface MessageKey {
  readonly keyid: string
  readonly alg: SignatureAlgorithm
  /** Of `node:crypto`. A private or a secret one (at least 16 bytes) signs and verifies, a public one verifies. */
  readonly key: KeyObject
  /** From this instant on (milliseconds since the epoch) it neither signs nor counts. Default: never. */
  readonly expiresAt?: number
}

const needed: Readonly<Record<SignatureAlgorithm, readonly string[]>> = {
  ed25519: ['ed25519'],
  'ecdsa-p256-sha256': ['ec'],
  'rsa-pss-sha512': ['rsa', 'rsa-pss'],
  'hmac-sha256': ['secret'],
}

// What somebody types is guessed from one signed request.
const fewestSecretBytes = 16

/** Throws a `TypeError` for a key that is not one for its algorithm. */
export function checkMessageKey({ keyid, alg, key, expiresAt }: MessageKey): void {
  if (expiresAt !== undefined) checkExpiry(expiresAt)
  const kinds = Object.hasOwn(needed, alg) ? needed[alg] : undefined
  if (kinds === undefined) throw new TypeError(`Expected one of ${Object.keys(needed).join(', ')}, found ${JSON.stringify(alg)}.`)
  if (!/^[ -~]{1,200}$/.test(keyid)) throw new TypeError('Expected a "keyid" of 1 to 200 printable ASCII characters.')
  const kind = key.type === 'secret' ? 'secret' : key.asymmetricKeyType
  if (kind === undefined || !kinds.includes(kind)) {
    throw new TypeError(`Expected a signing key for ${alg} (${kinds.join(' or ')}), found ${kind ?? 'none'}: "${keyid}".`)
  }
  const { symmetricKeySize = fewestSecretBytes } = key
  if (symmetricKeySize < fewestSecretBytes)
    throw new TypeError(`Expected a secret of at least ${fewestSecretBytes} bytes, found ${symmetricKeySize}: "${keyid}".`)
  const curve = key.asymmetricKeyDetails?.namedCurve
  if (alg === 'ecdsa-p256-sha256' && curve !== 'prime256v1')
    throw new TypeError(`Expected a signing key on P-256, found ${curve ?? 'none'}.`)
}

export function canSign({ key }: MessageKey): boolean {
  return key.type !== 'public'
}

export function signBytes({ alg, key }: MessageKey, data: Uint8Array): Uint8Array {
  switch (alg) {
    case 'hmac-sha256':
      return createHmac('sha256', key).update(data).digest()
    case 'ed25519':
      return sign(null, data, key)
    case 'ecdsa-p256-sha256':
      return sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' })
    case 'rsa-pss-sha512':
      return sign('sha512', data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 })
  }
}

export function verifyBytes({ alg, key }: MessageKey, data: Uint8Array, signature: Uint8Array): boolean {
  if (alg === 'hmac-sha256') {
    const mac = createHmac('sha256', key).update(data).digest()
    return mac.byteLength === signature.byteLength && timingSafeEqual(mac, signature)
  }
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  switch (alg) {
    case 'ed25519':
      return verify(null, data, publicKey, signature)
    case 'ecdsa-p256-sha256':
      return verify('sha256', data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)
    case 'rsa-pss-sha512':
      return verify('sha512', data, { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 }, signature)
  }
}

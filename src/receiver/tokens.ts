import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { checkKeyring, type EncryptionKey, type Keyring } from '../storage/index.ts'
import { type Random, systemRandom } from '../util/index.ts'

/** How the secret half of a callback URL is made and recognised. Only its hash is stored. */
export interface TokenPolicy {
  mint(id: string): { readonly secret: string; readonly hash: Uint8Array }
  /** The secret again, where the policy can: `endpoint.url` then works after a restart. */
  derive?(id: string): string | undefined
  /** Never throws, and takes the same time for every secret of the same length. */
  verify(id: string, secret: string, hash: Uint8Array): boolean
}

/** Secrets by chance, of 256 bits unless told otherwise; the default. The URL is known once, when the endpoint is created. */
export function randomTokens(
  random: Random = systemRandom,
  newSecret: (random: Random) => string = (chance) => base64url(chance(32)),
): TokenPolicy {
  return {
    mint(id) {
      const secret = newSecret(random)
      return { secret, hash: hashOf(id, secret) }
    },
    verify: matches,
  }
}

/**
 * Secrets derived from a key: the URL can be shown again after a restart. A leaked key opens every endpoint, and taking a key
 * out of the keyring closes the URLs made with it.
 */
export function derivedTokens(keyring: Keyring): TokenPolicy {
  checkKeyring(keyring)
  const derive = (id: string, { kid, key }: EncryptionKey): string =>
    `${kid}.${createHmac('sha256', key).update(`ringback-v1\0${id}`).digest('base64url')}`

  return {
    mint(id) {
      const secret = derive(id, keyring.keys[0])
      return { secret, hash: hashOf(id, secret) }
    },
    derive(id) {
      return derive(id, keyring.keys[0])
    },
    verify(id, secret, hash) {
      // The keyring decides, not the stored hash alone: a key that was taken out must not open anything.
      const kid = secret.slice(0, Math.max(0, secret.indexOf('.')))
      const key = keyring.keys.find((candidate) => candidate.kid === kid)
      const expected = key === undefined ? undefined : derive(id, key)
      const known = matches(id, secret, expected === undefined ? hash : hashOf(id, expected))
      return known && key !== undefined
    },
  }
}

function matches(id: string, secret: string, hash: Uint8Array): boolean {
  const found = hashOf(id, secret)
  return hash.length === found.length && timingSafeEqual(found, hash)
}

function hashOf(id: string, secret: string): Uint8Array {
  return createHash('sha256').update(`ringback-v1\0${id}\0${secret}`, 'utf8').digest()
}

export function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}

import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'
import { RingbackError } from '../errors/index.ts'
import { type Random, systemRandom, textOf, utf8 } from '../util/index.ts'
import { checkKeyring, type Keyring } from './keyring.ts'

export interface SealedRecord {
  readonly sealed: Uint8Array
  /** The key that sealed it; `null`: not encrypted. */
  readonly kid: string | null
}

/** What stands between a store and the bytes that it keeps. `place` names the one field of the one row where they may be opened. */
export interface Sealer {
  seal(plain: Uint8Array, place: string): SealedRecord
  /** Throws `ERR_KEY_MISSING` or `ERR_SEAL_BROKEN`. */
  open(sealed: Uint8Array, place: string): Uint8Array
  /** The same record under the first key; `null` when it is that already. Throws like `open`. */
  reseal(sealed: Uint8Array, place: string): SealedRecord | null
  /** The key that sealed it; `null`: none. Throws `ERR_SEAL_BROKEN` for what is no record. */
  kidOf(sealed: Uint8Array): string | null
}

// 1 | length of the kid | kid | salt | nonce | ciphertext | tag
const sealedVersion = 1
const plaintextVersion = 0
const saltLength = 16
const nonceLength = 12
const tagLength = 16
const purpose = 'ringback-seal-v1'

export interface SealerOptions {
  /** Also opens records that were written without a key: for the time in which a store is being encrypted. Default: they are refused. */
  readonly readsPlaintext?: boolean
  readonly random?: Random
}

/**
 * AES-256-GCM, every record under a key of its own (HKDF-SHA-256 of the sealing key and a random salt), so that no number of records wears
 * a key out. What is authenticated with it is the header of the box and the place.
 */
export function createSealer(keyring: Keyring, { readsPlaintext = false, random = systemRandom }: SealerOptions = {}): Sealer {
  checkKeyring(keyring)
  const keys = new Map(keyring.keys.map(({ kid, key }) => [kid, new Uint8Array(key)]))
  const [{ kid: first }] = keyring.keys

  function seal(plain: Uint8Array, place: string): SealedRecord {
    const header = Buffer.concat([Buffer.of(sealedVersion, first.length), utf8(first)])
    const salt = random(saltLength)
    const nonce = random(nonceLength)
    const cipher = createCipheriv('aes-256-gcm', recordKey(keyOf(first), salt), nonce, { authTagLength: tagLength })
    cipher.setAAD(Buffer.concat([header, utf8(place)]))
    const sealed = Buffer.concat([header, salt, nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
    return { sealed: new Uint8Array(sealed), kid: first }
  }

  function open(sealed: Uint8Array, place: string): Uint8Array {
    const kid = kidOf(sealed)
    if (kid === null) {
      if (readsPlaintext) return sealed.subarray(1)
      throw broken(
        place,
        'found one that is not encrypted: if the store is just being encrypted, say plaintext: true beside the keyring',
      )
    }
    const key = keyOf(kid)
    const body = 2 + kid.length
    const ciphertext = body + saltLength + nonceLength
    const tag = sealed.length - tagLength
    if (tag < ciphertext) throw broken(place, 'found one that is cut short')
    const salt = sealed.subarray(body, body + saltLength)
    const nonce = sealed.subarray(body + saltLength, ciphertext)
    // Without a fixed length, Node would take a tag of four bytes.
    const decipher = createDecipheriv('aes-256-gcm', recordKey(key, salt), nonce, { authTagLength: tagLength })
    decipher.setAAD(Buffer.concat([sealed.subarray(0, body), utf8(place)]))
    decipher.setAuthTag(sealed.subarray(tag))
    try {
      return new Uint8Array(Buffer.concat([decipher.update(sealed.subarray(ciphertext, tag)), decipher.final()]))
    } catch (cause) {
      throw broken(place, 'found one that was changed, or that belongs elsewhere', { cause })
    }
  }

  function kidOf(sealed: Uint8Array): string | null {
    const [version, length = 0] = sealed
    if (version === plaintextVersion) return null
    const kid = textOf(sealed.subarray(2, 2 + length))
    if (version === sealedVersion && /^[\w-]{1,32}$/.test(kid) && kid.length === length) return kid
    throw broken('a record', `found one of version ${version ?? 'none'}`)
  }

  function keyOf(kid: string): Uint8Array {
    const key = keys.get(kid)
    if (key !== undefined) return key
    throw new RingbackError(
      'ERR_KEY_MISSING',
      `Expected the sealing key "${kid}" in the keyring, since a record was sealed with it, but found only ${[...keys.keys()].map((known) => `"${known}"`).join(', ')}. Put it back, behind the others, until rotateKeys() has nothing left to do.`,
    )
  }

  return {
    seal,
    open,
    kidOf,
    reseal: (sealed, place) => (kidOf(sealed) === first ? null : seal(open(sealed, place), place)),
  }
}

/** No encryption: a version byte, then the bytes. A sealed record has another version and is refused, not misread. */
export const plaintextSealer: Sealer = {
  seal(plain) {
    const sealed = new Uint8Array(plain.length + 1)
    sealed[0] = plaintextVersion
    sealed.set(plain, 1)
    return { sealed, kid: null }
  },
  open(sealed, place) {
    if (sealed[0] === plaintextVersion) return sealed.subarray(1)
    throw new RingbackError(
      'ERR_KEY_MISSING',
      `Expected ${place} not to be encrypted, since there is no keyring, but found a sealed record. Give the keyring it was written with.`,
    )
  },
  reseal: () => null,
  kidOf: () => null,
}

/** For the options of a store: without a keyring nothing is sealed. */
export function sealerFor({ keyring, plaintext }: { readonly keyring?: Keyring; readonly plaintext?: true }): Sealer {
  return keyring === undefined ? plaintextSealer : createSealer(keyring, { readsPlaintext: plaintext === true })
}

function recordKey(key: Uint8Array, salt: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, salt, purpose, 32))
}

function broken(place: string, found: string, options?: ErrorOptions): RingbackError {
  return new RingbackError('ERR_SEAL_BROKEN', `Expected the sealed record of ${place} but ${found}`, options)
}

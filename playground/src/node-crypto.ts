import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

/** What planning needs of `node:crypto`, where there is no Node: the build puts this in its place. */
export function createHash(algorithm: string): Hash {
  if (algorithm !== 'sha256') throw new TypeError(`Expected the algorithm "sha256" but found ${JSON.stringify(algorithm)}`)
  return new Hash()
}

/** In one step. */
export function hash(algorithm: string, text: string, encoding: 'hex' | 'base64url'): string {
  return createHash(algorithm).update(text).digest(encoding)
}

class Hash {
  readonly #hash = sha256.create()

  update(data: string | Uint8Array): this {
    this.#hash.update(typeof data === 'string' ? utf8ToBytes(data) : data)
    return this
  }

  digest(encoding: 'hex' | 'base64url'): string {
    const bytes = this.#hash.digest()
    if (encoding === 'hex') return bytesToHex(bytes)
    return btoa(String.fromCharCode(...bytes))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replaceAll('=', '')
  }
}

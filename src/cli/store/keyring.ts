import type { EncryptionKey, Keyring } from '../../dispatcher/index.ts'
import { checkKeyring } from '../../storage/index.ts'

/**
 * A keyring from text: `kid:base64`, one a line or separated by commas; the first key seals, lines that begin with `#` are comments. Throws
 * `TypeError`, without a word of the keys.
 */
export function readKeyring(text: string): Keyring {
  const entries = text
    .replace(/^\ufeff/, '')
    .split(/[\r\n,]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  const [first, ...more] = entries.map(readKey)
  if (first === undefined) throw new TypeError('Expected a keyring with a sealing key but found none.')
  const keyring: Keyring = { keys: [first, ...more] }
  checkKeyring(keyring)
  return keyring
}

function readKey(entry: string, index: number): EncryptionKey {
  const [, kid, base64] = /^([\w-]{1,32}):([A-Za-z0-9+/_-]{43}=?)$/.exec(entry) ?? []
  if (kid === undefined || base64 === undefined)
    throw new TypeError(`Expected "kid:" and 32 bytes as base64 but found something else in sealing key ${index + 1}.`)
  return { kid, key: new Uint8Array(Buffer.from(base64, 'base64')) }
}

/** The first key is used for what is new, any of them for what is old. */
export interface Keyring {
  readonly keys: readonly [EncryptionKey, ...EncryptionKey[]]
}

export interface EncryptionKey {
  /** 1 to 32 of `A-Z a-z 0-9 _ -`. */
  readonly kid: string
  /** 32 bytes. */
  readonly key: Uint8Array
}

/** Throws `TypeError` for a keyring that cannot be used. Keys never appear in messages. */
export function checkKeyring({ keys }: Keyring): void {
  if (!Array.isArray(keys) || keys.length === 0) throw new TypeError('Expected a keyring with a sealing key but found none')
  for (const { kid, key } of keys) {
    if (!/^[\w-]{1,32}$/.test(kid)) throw new TypeError('Expected a kid of 1 to 32 letters, digits, "_" or "-"')
    if (key.length !== 32)
      throw new TypeError(`Expected a sealing key of 32 bytes but found ${key.length} bytes for kid "${kid}"`)
  }
  const twice = keys.find(({ kid }, index) => keys.findIndex((other) => other.kid === kid) !== index)
  if (twice !== undefined) throw new TypeError(`Expected every kid once in the keyring but found "${twice.kid}" twice`)
}

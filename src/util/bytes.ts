const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: false })
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text)
}

/** Bytes that are not UTF-8 become U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

/** `undefined` when the bytes are not UTF-8. */
export function strictTextOf(bytes: Uint8Array): string | undefined {
  try {
    return strictDecoder.decode(bytes)
  } catch {
    return undefined
  }
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

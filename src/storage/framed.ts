import { textOf, utf8 } from '../util/index.ts'

/** The length of the head, the head as JSON, and bytes, which JSON cannot hold. */
export function framed(head: object, rest: Uint8Array = new Uint8Array(0)): Uint8Array {
  const json = utf8(JSON.stringify(head))
  const bytes = new Uint8Array(4 + json.length + rest.length)
  new DataView(bytes.buffer).setUint32(0, json.length)
  bytes.set(json, 4)
  bytes.set(rest, 4 + json.length)
  return bytes
}

/** `rest` is a copy. */
export function unframed(bytes: Uint8Array): { readonly head: unknown; readonly rest: Uint8Array } {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  return { head: JSON.parse(textOf(bytes.subarray(4, 4 + length))), rest: new Uint8Array(bytes.subarray(4 + length)) }
}

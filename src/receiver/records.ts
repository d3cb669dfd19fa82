import { textOf, utf8 } from '../util/index.ts'
import type { CallOperation, CallValidation } from './call.ts'
import type { Method, Rejection } from './status.ts'

/** What is stored of an accepted request. */
export interface CallRecord {
  readonly method: Method
  readonly subPath: string
  readonly query: string
  readonly headers: readonly (readonly [string, string])[]
  readonly remoteAddress?: string
  readonly operation?: CallOperation
  readonly validation?: CallValidation
}

/** The length of the head, the head as JSON, and the body as it came. */
export function encodeCall(record: CallRecord, rawBody: Uint8Array): Uint8Array {
  const head = utf8(JSON.stringify(record))
  const bytes = new Uint8Array(4 + head.length + rawBody.length)
  new DataView(bytes.buffer).setUint32(0, head.length)
  bytes.set(head, 4)
  bytes.set(rawBody, 4 + head.length)
  return bytes
}

export function decodeCall(bytes: Uint8Array): { readonly record: CallRecord; readonly rawBody: Uint8Array } {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  return { record: JSON.parse(textOf(bytes.subarray(4, 4 + length))) as CallRecord, rawBody: bytes.slice(4 + length) }
}

export function encodeRejection(rejection: Rejection): Uint8Array {
  return utf8(JSON.stringify(rejection))
}

export function decodeRejection(bytes: Uint8Array): Rejection {
  const { at, ...rest } = JSON.parse(textOf(bytes)) as Omit<Rejection, 'at'> & { at: string }
  return { at: new Date(at), ...rest }
}

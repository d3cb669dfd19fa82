import { framed, unframed } from '../storage/index.ts'
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

export function encodeCall(record: CallRecord, rawBody: Uint8Array): Uint8Array {
  return framed(record, rawBody)
}

export function decodeCall(bytes: Uint8Array): { readonly record: CallRecord; readonly rawBody: Uint8Array } {
  const { head, rest } = unframed(bytes)
  return { record: head as CallRecord, rawBody: rest }
}

export function encodeRejection(rejection: Rejection): Uint8Array {
  return utf8(JSON.stringify(rejection))
}

export function decodeRejection(bytes: Uint8Array): Rejection {
  const { at, ...rest } = JSON.parse(textOf(bytes)) as Omit<Rejection, 'at'> & { at: string }
  return { at: new Date(at), ...rest }
}

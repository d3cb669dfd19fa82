import * as crypto from 'node:crypto'
import type { CallbackTarget } from './callback-target.ts'

/** The same for the same callback of the same exchange, in every process: a second delivery of it is known by it. */
export function requestIdOf(target: CallbackTarget): string {
  const { exchangeId, fanOut } = target
  return `cb_${sha256(`${headOf(target)}${JSON.stringify(exchangeId)},${JSON.stringify(fanOut ?? null)}]`).slice(0, 32)}`
}

type Callback = Pick<CallbackTarget, 'descriptionId' | 'operation' | 'callback' | 'key' | 'method'>

let known: { readonly of: Callback; readonly head: string } | undefined

/** An array as JSON, up to what differs from exchange to exchange. Most often that of the last time: one exchange follows the other. */
function headOf({ descriptionId, operation, callback, key, method }: CallbackTarget): string {
  const { of } = known ?? {}
  if (
    known === undefined ||
    descriptionId !== of?.descriptionId ||
    operation.pointer !== of.operation.pointer ||
    callback !== of.callback ||
    key !== of.key ||
    method !== of.method
  ) {
    const parts = [descriptionId, operation.pointer, callback, key, method]
    known = { of: { descriptionId, operation, callback, key, method }, head: `${JSON.stringify(parts).slice(0, -1)},` }
  }
  return known.head
}

// In one step where the runtime has that (Node from 20.12 on): an object for each hash costs twice as much.
function sha256(text: string): string {
  return typeof crypto.hash === 'function'
    ? crypto.hash('sha256', text, 'base64url')
    : crypto.createHash('sha256').update(text).digest('base64url')
}

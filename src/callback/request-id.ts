import * as crypto from 'node:crypto'
import type { CallbackTarget } from './callback-target.ts'

/** The same for the same callback of the same exchange, in every process: a second delivery of it is known by it. */
export function requestIdOf(target: CallbackTarget): string {
  const { descriptionId, operation, callback, key, method, exchangeId, fanOut } = target
  const what = JSON.stringify([exchangeId, fanOut ?? null])
  return `cb_${sha256(headOf([descriptionId, operation.pointer, callback, key, method]) + what.slice(1)).slice(0, 32)}`
}

let known: { readonly parts: readonly string[]; readonly head: string } | undefined

/** The array as JSON, up to its end. Most often that of the last time: one exchange follows the other. */
function headOf(parts: readonly string[]): string {
  if (known === undefined || parts.some((part, i) => part !== known?.parts[i])) {
    known = { parts, head: `${JSON.stringify(parts).slice(0, -1)},` }
  }
  return known.head
}

// In one step where the runtime has that (Node from 20.12 on): an object for each hash costs twice as much.
function sha256(text: string): string {
  return typeof crypto.hash === 'function'
    ? crypto.hash('sha256', text, 'base64url')
    : crypto.createHash('sha256').update(text).digest('base64url')
}

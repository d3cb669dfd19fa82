import * as crypto from 'node:crypto'
import type { CallbackTarget } from './callback-target.ts'

/** The same for the same callback of the same exchange, in every process: a second delivery of it is known by it. */
export function requestIdOf(target: CallbackTarget): string {
  const { descriptionId, operation, callback, key, method, exchangeId, fanOut } = target
  const what = JSON.stringify([descriptionId, operation.pointer, callback, key, method, exchangeId, fanOut ?? null])
  return `cb_${sha256(what).slice(0, 32)}`
}

// In one step where the runtime has that (Node from 20.12 on): an object for each hash costs twice as much.
const sha256 = (text: string): string =>
  typeof crypto.hash === 'function'
    ? crypto.hash('sha256', text, 'base64url')
    : crypto.createHash('sha256').update(text).digest('base64url')

import { createHash } from 'node:crypto'
import type { CallbackTarget } from './callback-target.ts'

/** The same for the same callback of the same exchange, in every process: a second delivery of it is known by it. */
export function requestIdOf(target: CallbackTarget): string {
  const { descriptionId, operation, callback, key, method, exchangeId, fanOut } = target
  const what = JSON.stringify([descriptionId, operation.pointer, callback, key, method, exchangeId, fanOut ?? null])
  return `cb_${createHash('sha256').update(what).digest('base64url').slice(0, 32)}`
}

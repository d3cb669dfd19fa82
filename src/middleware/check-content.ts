import { isThenable } from './application-code.ts'
import type { CallbackContent } from './handler.ts'

const members: Readonly<Record<keyof CallbackContent, true>> = {
  body: true,
  example: true,
  path: true,
  query: true,
  header: true,
  cookie: true,
  mediaType: true,
  delayMs: true,
  orderingKey: true,
  metadata: true,
}

/**
 * Throws a `TypeError` for what is no content. A body that is given as it is, and not under `body`, would be sent as none, and a misspelt
 * member be missing, without a word.
 */
export function checkContent(given: unknown): asserts given is CallbackContent {
  const found = notContent(given)
  if (found === undefined) return
  throw new TypeError(
    `Expected content: an object with what is sent under "body", and parameters and options beside it, found ${found}.`,
  )
}

function notContent(given: unknown): string | undefined {
  if (given === null) return 'null'
  if (typeof given !== 'object') return typeof given
  // Of an array, bytes, a Map, a Date: not all have members that give them away.
  const tag = Object.prototype.toString.call(given)
  if (tag !== '[object Object]') return tag
  if (isThenable((given as CallbackContent).body)) return 'a promise as its "body": await it'
  const strange = Object.keys(given).find((name) => !Object.hasOwn(members, name))
  return strange === undefined ? undefined : `an object with ${JSON.stringify(strange)}`
}

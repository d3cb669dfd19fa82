import { descend, rootOf } from './located.ts'
import type { Operation } from './model.ts'
import { tokensOf } from './pointer.ts'

/**
 * How a callback is delivered. It stands on the operation under a key, on the operation of a webhook, or on the Callback Object, for all of its
 * keys; beside a `$ref` it has no meaning, like all that is not the reference.
 */
export const deliveryField = 'x-ringback-delivery'

/** What the operation says under a name, else its Callback Object. */
export function deliverySetting({ at, kind, pathItem }: Operation, name: string): unknown {
  const tokens = kind === 'callback' ? tokensOf(pathItem.at.pointer) : undefined
  const around = tokens?.ok ? descend(rootOf(pathItem.at.file), tokens.value.slice(0, -1)) : undefined
  for (const place of kind === 'path' ? [] : [at, around]) {
    const found = place && descend(place, [deliveryField, name])
    if (found !== undefined) return found.value
  }
  return undefined
}

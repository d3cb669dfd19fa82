import { descend, rootOf } from './located.ts'
import type { Operation } from './model.ts'
import { tokensOf } from './pointer.ts'

/** On the operation of a callback or a webhook, or on the Callback Object: how it is delivered. */
export const deliveryField = 'x-ringback-delivery'

/** What the operation says under a name, else its Callback Object. */
export function deliverySetting({ at, kind, pathItem }: Operation, name: string): unknown {
  if (kind === 'path') return undefined
  const tokens = tokensOf(pathItem.at.pointer)
  const around = kind === 'callback' && tokens.ok ? descend(rootOf(pathItem.at.file), tokens.value.slice(0, -1)) : undefined
  const own = descend(at, [deliveryField, name]) ?? (around && descend(around, [deliveryField, name]))
  return own?.value
}

import type { OpenApiDescription } from './description.ts'
import { type Located, members } from './located.ts'
import { type PathItem, pathItemAt } from './path-item.ts'
import type { OperationObject } from './types.ts'

/** Where an operation belongs: a path of this API, a webhook it sends, or a callback. */
export type OperationKind = 'path' | 'webhook' | 'callback'

/** An Operation Object in its place. The same object comes back for the same place, so it can be a key of a WeakMap. */
export interface Operation {
  readonly description: OpenApiDescription
  readonly kind: OperationKind
  /** Upper case, or as written under `additionalOperations` (OAS 3.2). */
  readonly method: string
  /** The path template, the name of the webhook, or the key of the Callback Object. */
  readonly path: string
  readonly operationId: string | undefined
  readonly pathItem: PathItem
  readonly at: Located<OperationObject>
}

const known = new WeakMap<OpenApiDescription, readonly Operation[]>()

/** Operations of `paths`, then of `webhooks`, in document order. Those of callbacks: `callbacksOf`. */
export function operationsOf(description: OpenApiDescription): readonly Operation[] {
  let operations = known.get(description)
  if (operations === undefined) {
    operations = pathItemsOf(description).flatMap((pathItem) => pathItem.operations)
    known.set(description, operations)
  }
  return operations
}

const knownPathItems = new WeakMap<OpenApiDescription, readonly PathItem[]>()

/** Path items of `paths`, then of `webhooks`, in document order, extensions left out. */
export function pathItemsOf(description: OpenApiDescription): readonly PathItem[] {
  let pathItems = knownPathItems.get(description)
  if (pathItems === undefined) {
    pathItems = [...under(description, 'paths', 'path'), ...under(description, 'webhooks', 'webhook')]
    knownPathItems.set(description, pathItems)
  }
  return pathItems
}

function under(description: OpenApiDescription, field: 'paths' | 'webhooks', kind: OperationKind): PathItem[] {
  const container = members(description.root).find(({ name }) => name === field)?.at
  return members(container)
    .filter(({ name }) => !name.startsWith('x-'))
    .map(({ name, at }) => pathItemAt(description, kind, name, at))
}

import type { OpenApiDescription } from './description.ts'
import { members } from './located.ts'
import type { Operation, OperationKind, PathItem } from './model.ts'
import { pathItemAt } from './path-item.ts'

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

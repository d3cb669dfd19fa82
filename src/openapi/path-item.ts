import type { OpenApiDescription } from './description.ts'
import { child, isObjectValue, type Located, members, placeOf } from './located.ts'
import type { Operation, OperationKind, PathItem } from './model.ts'
import { refOf } from './reference.ts'
import { type OperationMethod, type OperationObject, operationMethods, type PathItemObject } from './types.ts'

export function pathItemAt(description: OpenApiDescription, kind: OperationKind, path: string, at: Located): PathItem {
  const { parts, failure } = followed(description, at)
  const operations: Operation[] = []
  const pathItem: PathItem = { description, kind, path, at, parts, failure, operations }
  for (const { method, operation } of operationObjects(pathItem)) {
    operations.push({ description, kind, method, path, operationId: operationIdOf(operation), pathItem, at: operation })
  }
  return pathItem
}

/** A field of the path item, from the first part that has it. */
export function pathItemField(pathItem: PathItem, field: string): Located | undefined {
  for (const part of pathItem.parts) {
    const found = child(part, field)
    if (found !== undefined) return found
  }
  return undefined
}

interface OperationAt {
  readonly method: string
  readonly operation: Located<OperationObject>
}

function operationObjects(pathItem: PathItem): readonly OperationAt[] {
  const found: OperationAt[] = []
  const add = (method: string, operation: Located): void => {
    if (isObjectValue(operation) && !found.some((one) => one.method === method))
      found.push({ method, operation: operation as Located<OperationObject> })
  }
  for (const part of pathItem.parts) {
    for (const { name, at } of members(part)) {
      if (isOperationMethod(name)) add(name.toUpperCase(), at)
      else if (name === 'additionalOperations') for (const additional of members(at)) add(additional.name, additional.at)
    }
  }
  return found
}

function isOperationMethod(name: string): name is OperationMethod {
  return (operationMethods as readonly string[]).includes(name)
}

function operationIdOf(operation: Located<OperationObject>): string | undefined {
  const { operationId } = operation.value
  return typeof operationId === 'string' ? operationId : undefined
}

/** Links of a chain that are asked for fields; of a longer one, only its end is asked then. */
const mostLinks = 100

/** Every path item of a chain of `$ref`s, the first one too: each may have fields beside its `$ref`. */
function followed(description: OpenApiDescription, first: Located): Pick<PathItem, 'parts' | 'failure'> {
  const parts: Located<PathItemObject>[] = []
  const seen = new Set<string>()
  const add = (at: Located): void => {
    if (isObjectValue(at) && !seen.has(placeOf(at))) parts.push(at as Located<PathItemObject>)
    seen.add(placeOf(at))
  }
  let at: Located | undefined = first
  while (at !== undefined && !seen.has(placeOf(at)) && seen.size < mostLinks) {
    add(at)
    at = nextOf(description, at)
  }
  const end = description.resolve(first)
  if (end.ok) add(end.value)
  return { parts, failure: end.ok ? undefined : end.error }
}

function nextOf(description: OpenApiDescription, at: Located): Located | undefined {
  const ref = refOf(at.value)
  const next = ref === undefined ? undefined : description.follow(at, ref)
  return next?.ok ? next.value : undefined
}

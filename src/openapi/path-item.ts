import type { OpenApiDescription } from './description.ts'
import { child, isObjectValue, type Located, members } from './located.ts'
import type { Operation, OperationKind, PathItem } from './model.ts'
import { type OperationMethod, type OperationObject, operationMethods, type PathItemObject } from './types.ts'

export function pathItemAt(description: OpenApiDescription, kind: OperationKind, path: string, at: Located): PathItem {
  const parts = isObjectValue(at) ? [at as Located<PathItemObject>] : []
  const target = description.resolve(at)
  if (target.ok && target.value !== at && isObjectValue(target.value)) parts.push(target.value as Located<PathItemObject>)
  const operations: Operation[] = []
  const failure = target.ok ? undefined : target.error
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

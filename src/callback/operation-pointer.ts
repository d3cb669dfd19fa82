import {
  callbacksOf,
  findOperation,
  methodTokens,
  type OpenApiDescription,
  type Operation,
  operationByTokens,
  operationsOf,
  placeOf,
  pointerOf,
  tokensOf,
} from '../openapi/index.ts'
import type { OperationReference } from './callback-target.ts'

const pointers = new WeakMap<Operation, readonly string[]>()

/** How an operation is found again in a document that was read anew, or that has changed a little. */
export function referenceTo(operation: Operation): OperationReference {
  const { operationId } = operation
  return { pointer: `#${pointerOf(tokensTo(operation))}`, ...(operationId === undefined ? {} : { operationId }) }
}

/**
 * The operation that a reference was made from; `undefined` when the description has no such operation. Where another operation stands
 * at the place now, the `operationId` counts, if there still is one.
 */
export function operationAt(
  description: OpenApiDescription,
  { pointer, operationId }: OperationReference,
): Operation | undefined {
  const found = atPointer(description, pointer)
  if (operationId === undefined || found?.operationId === operationId) return found
  const byId = findOperation(description, operationId)
  return byId.ok && byId.value.operationId === operationId ? byId.value : found
}

/** Whether the operation of a reference stands in another place now. */
export function hasMoved(description: OpenApiDescription, reference: OperationReference): boolean {
  return operationAt(description, reference) !== atPointer(description, reference.pointer)
}

/** Notes the way to every callback operation right below `parent`, so that nothing has to be searched for it. */
export function rememberBelow(parent: Operation): readonly Operation[] {
  const below: Operation[] = []
  for (const callback of callbacksOf(parent)) {
    for (const { key, operations } of callback.keys) {
      for (const operation of operations) {
        pointers.set(operation, [...tokensTo(parent), 'callbacks', callback.name, key, ...methodTokens(operation.method)])
        below.push(operation)
      }
    }
  }
  return below
}

function tokensTo(operation: Operation): readonly string[] {
  const known = pointers.get(operation)
  if (known !== undefined) return known
  if (operation.kind !== 'callback') {
    const tokens = [operation.kind === 'path' ? 'paths' : 'webhooks', operation.path, ...methodTokens(operation.method)]
    pointers.set(operation, tokens)
    return tokens
  }
  findAll(operation.description)
  // Only an operation that is not from `callbacksOf` has no way that leads to it: its place is the next best.
  const place = tokensOf(operation.at.pointer)
  return pointers.get(operation) ?? (place.ok ? place.value : [])
}

function findAll(description: OpenApiDescription): void {
  const seen = new Set<string>()
  const waiting = [...operationsOf(description)]
  for (let i = 0; i < waiting.length; i++) {
    const parent = waiting[i]
    if (parent === undefined || seen.has(placeOf(parent.at))) continue
    seen.add(placeOf(parent.at))
    waiting.push(...rememberBelow(parent))
  }
}

const known = new WeakMap<OpenApiDescription, Map<string, Operation>>()

function atPointer(description: OpenApiDescription, pointer: string): Operation | undefined {
  let operations = known.get(description)
  if (operations === undefined) {
    operations = new Map()
    known.set(description, operations)
  }
  let operation = operations.get(pointer)
  if (operation === undefined) {
    const tokens = tokensOf(pointer.slice(1))
    operation = tokens.ok ? operationByTokens(description, tokens.value) : undefined
    if (operation !== undefined) operations.set(pointer, operation)
  }
  return operation
}

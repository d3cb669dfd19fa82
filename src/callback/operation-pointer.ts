import {
  callbacksOf,
  findOperation,
  type OpenApiDescription,
  type Operation,
  operationMethods,
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

/** The operation that a reference was made from; `undefined` when the description has no such operation. */
export function operationAt(
  description: OpenApiDescription,
  { pointer, operationId }: OperationReference,
): Operation | undefined {
  const found = atPointer(description, pointer)
  if (found !== undefined || operationId === undefined) return found
  const byId = findOperation(description, operationId)
  return byId.ok && byId.value.operationId === operationId ? byId.value : undefined
}

/** The operation of a callback, below the operation that promises it. */
export function callbackOperationOf(operation: Operation, name: string, key: string, method: string): Operation | undefined {
  return callbacksOf(operation)
    .filter((callback) => callback.name === name)
    .flatMap(({ keys }) => keys)
    .filter((one) => one.key === key)
    .flatMap(({ operations }) => operations)
    .find((one) => one.method === method)
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

function methodTokens(method: string): readonly string[] {
  const field = method.toLowerCase()
  const isFixed = (operationMethods as readonly string[]).includes(field) && method === method.toUpperCase()
  return isFixed ? [field] : ['additionalOperations', method]
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
    operation = tokens.ok ? alongTokens(description, tokens.value) : undefined
    if (operation !== undefined) operations.set(pointer, operation)
  }
  return operation
}

function alongTokens(description: OpenApiDescription, tokens: readonly string[]): Operation | undefined {
  const [field, path = '', ...rest] = tokens
  const kind = field === 'paths' ? 'path' : 'webhook'
  let [method, left] = methodAt(rest)
  let at = operationsOf(description).find((one) => one.kind === kind && one.path === path && one.method === method)
  while (at !== undefined && left[0] === 'callbacks') {
    const [, name = '', key = '', ...below] = left
    ;[method, left] = methodAt(below)
    at = callbackOperationOf(at, name, key, method)
  }
  return left.length === 0 ? at : undefined
}

function methodAt(tokens: readonly string[]): [method: string, rest: readonly string[]] {
  const [field = '', name = ''] = tokens
  return field === 'additionalOperations' ? [name, tokens.slice(2)] : [field.toUpperCase(), tokens.slice(1)]
}

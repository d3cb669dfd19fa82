import { callbacksOf } from './callback.ts'
import type { OpenApiDescription } from './description.ts'
import type { Operation } from './model.ts'
import { operationsOf } from './operation.ts'
import { operationMethods } from './types.ts'

/**
 * The operation to which the tokens of a JSON Pointer lead from the root of the description, with each reference on the way taken:
 * `paths`, `/orders`, `post`, and below it `callbacks`, the name, the key and the method.
 */
export function operationByTokens(description: OpenApiDescription, tokens: readonly string[]): Operation | undefined {
  const [field, path = '', ...rest] = tokens
  if (field !== 'paths' && field !== 'webhooks') return undefined
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

/** The operation of a callback, below the operation that promises it. */
export function callbackOperationOf(operation: Operation, name: string, key: string, method: string): Operation | undefined {
  for (const callback of callbacksOf(operation)) {
    if (callback.name !== name) continue
    for (const one of callback.keys) {
      const found = one.key === key ? one.operations.find((candidate) => candidate.method === method) : undefined
      if (found !== undefined) return found
    }
  }
  return undefined
}

/** The tokens under a path item that lead to its operation of that method. */
export function methodTokens(method: string): readonly string[] {
  const field = method.toLowerCase()
  const isFixed = (operationMethods as readonly string[]).includes(field) && method === method.toUpperCase()
  return isFixed ? [field] : ['additionalOperations', method]
}

function methodAt(tokens: readonly string[]): [method: string, rest: readonly string[]] {
  const [field = '', name = ''] = tokens
  return field === 'additionalOperations' ? [name, tokens.slice(2)] : [field.toUpperCase(), tokens.slice(1)]
}

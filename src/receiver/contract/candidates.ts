import { parsedKeyOf } from '../../callback/index.ts'
import {
  type Callback,
  callbacksOf,
  findOperation,
  type OpenApiDescription,
  type Operation,
  operationsOf,
  operationsWithCallbacks,
} from '../../openapi/index.ts'
import { type Method, methods } from '../status.ts'
import { ContractError } from './contract-error.ts'
import { type KeyShape, shapeOf, webhookShape } from './key-shape.ts'
import { pointerIn } from './pointer-in.ts'
import type { OpenApiTarget } from './target.ts'

/** One request that a target allows: a method under a key, or under a webhook. */
export interface Candidate {
  /** The name of the callback, or of the webhook. */
  readonly name: string
  /** The key as written; of a webhook, its name. */
  readonly expression: string
  readonly method: Method
  readonly operation: Operation
  readonly shape: KeyShape
  readonly pointer: string
}

/**
 * Throws a `TypeError` for an operation or a callback that there is not, and `ContractError` for what no endpoint can stand for.
 */
export function candidatesOf(target: OpenApiTarget): readonly Candidate[] {
  checkTarget(target)
  const { description, callback } = target
  const operations = operationsFor(description, target.operation)
  const found = operations.flatMap((operation): readonly Candidate[] => {
    const callbacks = callbacksOf(operation)
    if (callback === undefined && operation.kind !== 'path' && (operation.kind === 'webhook' || callbacks.length === 0)) {
      return [candidate(target, operation, operation.path)]
    }
    const chosen = callbacks.filter(({ name }) => callback === undefined || name === callback)
    return chosen.flatMap((one) => underCallback(target, one))
  })
  if (found.length > 0) return found
  const names = operations.flatMap((operation) => callbacksOf(operation).map(({ name }) => name))
  const subject = `${JSON.stringify(target.operation)} of ${description.file.name}`
  if (names.length === 0)
    throw new TypeError(
      `Expected an operation with callbacks but ${subject} has none. ${operationsWithCallbacks(description, 'webhooks')}`,
    )
  if (callback !== undefined && !names.includes(callback)) {
    throw new TypeError(`Expected one of the callbacks of ${subject} (${names.join(', ')}) but found ${JSON.stringify(callback)}`)
  }
  throw new TypeError(`Expected a callback with operations but ${callback ?? names.join(', ')} of ${subject} has none`)
}

function checkTarget({ description, operation }: OpenApiTarget): void {
  // What JSON.parse gives looks like a description, and is none.
  if ((description as { readonly file?: unknown } | undefined)?.file === undefined) {
    throw new TypeError(
      `Expected description to be what readDescription() or parseDescription() gives but found ${description === undefined ? 'none' : 'something else'}`,
    )
  }
  if (typeof operation !== 'string') {
    throw new TypeError(
      `Expected operation to be an operationId, a method and path, or a JSON Pointer but found ${operation === undefined ? 'none' : typeof operation}`,
    )
  }
}

/** The name of a webhook stands for all its methods. */
function operationsFor(description: OpenApiDescription, selector: string): readonly Operation[] {
  const found = findOperation(description, selector)
  if (found.ok) return [found.value]
  const webhook = operationsOf(description).filter(({ kind, path }) => kind === 'webhook' && path === selector)
  if (webhook.length > 0) return webhook
  throw new TypeError(`${found.error.message} ${operationsWithCallbacks(description, 'webhooks')}`)
}

function underCallback(target: OpenApiTarget, { name, keys, failure, at }: Callback): readonly Candidate[] {
  if (failure !== undefined) throw new ContractError(pointerIn(target.description, at), failure.message)
  return keys.flatMap(({ pathItem, operations, at: keyAt }) => {
    if (pathItem.failure !== undefined) throw new ContractError(pointerIn(target.description, keyAt), pathItem.failure.message)
    return operations.map((operation) => candidate(target, operation, name))
  })
}

function candidate({ description, repair }: OpenApiTarget, operation: Operation, name: string): Candidate {
  const pointer = pointerIn(description, operation.at)
  const method = methods.find((one) => one === operation.method)
  if (method === undefined) {
    throw new ContractError(pointer, `Expected one of the methods ${methods.join(', ')} but found ${operation.method}`)
  }
  const expression = operation.path
  const head = { name, expression, method, operation, pointer }
  if (operation.kind === 'webhook') return { ...head, shape: webhookShape }

  const parsed = parsedKeyOf(description, expression)
  const key = parsed.ok ? parsed.value : repair === true ? parsed.error.repaired : undefined
  if (key === undefined) {
    const message = parsed.ok ? '' : parsed.error.broken.message
    throw new ContractError(
      pointer,
      `Expected a callback key that leads to a URL but ${JSON.stringify(expression)} does not. ${message}`,
    )
  }
  const shape = shapeOf(key.text, key.template)
  if (shape === undefined) {
    throw new ContractError(
      pointer,
      `Expected a callback key that adds a path or a query to our URL, with "/" or "?", but ${JSON.stringify(key.text)} glues something else to it`,
    )
  }
  return { ...head, shape }
}

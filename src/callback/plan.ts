import { type Callback, type CallbackKey, callbacksOf, type Operation } from '../openapi/index.ts'
import type { OperationReference, UnusableKey } from './callback-target.ts'
import { referenceTo, rememberBelow } from './operation-pointer.ts'
import { ownServerOf } from './own-server.ts'
import { type ParsedKey, parsedKeyOf } from './parse-key.ts'
import { type PathValue, pathValuesOf } from './path-values.ts'

/** What can be known of the callbacks of an operation before there is an exchange. */
export interface OperationPlan {
  readonly operation: Operation
  readonly reference: OperationReference
  readonly callbacks: readonly CallbackPlan[]
}

export interface CallbackPlan {
  readonly name: string
  /** Why its `$ref` cannot be followed. */
  readonly failure: UnusableKey | undefined
  readonly keys: readonly KeyPlan[]
}

export interface KeyPlan {
  readonly callback: string
  readonly key: string
  readonly parsed: ParsedKey
  /** Why the `$ref` of its path item cannot be followed. */
  readonly failure: UnusableKey | undefined
  readonly requests: readonly RequestPlan[]
}

/** One method under a key. */
export interface RequestPlan {
  readonly operation: Operation
  readonly reference: OperationReference
  /** For relative URLs. */
  readonly server: string | undefined
  /** By name. */
  readonly pathValues: ReadonlyMap<string, PathValue>
}

const plans = new WeakMap<Operation, OperationPlan>()

export function planOf(operation: Operation): OperationPlan {
  let plan = plans.get(operation)
  if (plan === undefined) {
    rememberBelow(operation)
    plan = { operation, reference: referenceTo(operation), callbacks: callbacksOf(operation).map(callbackPlan) }
    plans.set(operation, plan)
  }
  return plan
}

function callbackPlan(callback: Callback): CallbackPlan {
  const { name, failure, keys } = callback
  return { name, failure: failure && brokenReference(failure.message), keys: keys.map(keyPlan) }
}

function keyPlan({ callback, key, pathItem, operations }: CallbackKey): KeyPlan {
  return {
    callback: callback.name,
    key,
    parsed: parsedKeyOf(callback.operation.description, key),
    failure: pathItem.failure && brokenReference(pathItem.failure.message),
    requests: operations.map((operation) => ({
      operation,
      reference: referenceTo(operation),
      server: ownServerOf(operation),
      pathValues: pathValuesOf(operation),
    })),
  }
}

function brokenReference(message: string): UnusableKey {
  return { reason: 'broken-reference', message }
}

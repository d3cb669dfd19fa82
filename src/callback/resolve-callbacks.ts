import type { Exchange } from '../http/index.ts'
import type { OpenApiDescription, Operation } from '../openapi/index.ts'
import { err, type Mutable, ok, type Result } from '../util/index.ts'
import type { Address } from './address.ts'
import type { CallbackTarget, NoTarget } from './callback-target.ts'
import { descriptionIdOf } from './description-id.ts'
import { operationFor } from './operation-for.ts'
import { type KeyPlan, type OperationPlan, planOf, type RequestPlan } from './plan.ts'
import { resolveKey } from './resolve-key.ts'
import { type ResolveOptions, requireExchange, type SomeExchange } from './resolve-options.ts'

/** One request that a callback may lead to: where it goes, or why it goes nowhere. */
export interface ResolvedCallback {
  /** The name of the callback in its operation. */
  readonly callback: string
  /** The key of the Callback Object. `undefined` when the reference to the Callback Object is broken. */
  readonly key: string | undefined
  /** `undefined` when the reference to the Callback Object or its path item is broken. */
  readonly method: string | undefined
  /** The operation that would be called. */
  readonly operation: Operation | undefined
  readonly target: Result<CallbackTarget, NoTarget>
}

/**
 * The targets of all callbacks of an operation, in the order of the document: one for every method of every key, with `fanOut` several.
 * What is wrong with one callback does not touch the others. The same exchange always gives the same.
 *
 * `operation` is one of the description, or its name: an operationId, `POST /orders`, or a pointer. For a callback of a callback pass
 * the callback's operation, and the exchange in which it was the request.
 */
export function resolveCallbacks(
  description: OpenApiDescription,
  operation: Operation | string,
  exchange: Exchange | SomeExchange,
  options: ResolveOptions = {},
): readonly ResolvedCallback[] {
  requireExchange(exchange)
  const plan = planOf(operationFor(description, operation))
  const resolved: ResolvedCallback[] = []
  for (const { name, failure, keys } of plan.callbacks) {
    if (failure !== undefined) resolved.push(nowhere(name, undefined, failure))
    for (const key of keys) resolveInto(resolved, description, plan, key, exchange, options)
  }
  return resolved
}

function resolveInto(
  resolved: ResolvedCallback[],
  description: OpenApiDescription,
  plan: OperationPlan,
  key: KeyPlan,
  exchange: SomeExchange,
  options: ResolveOptions,
): void {
  if (key.failure !== undefined && key.requests.length === 0) resolved.push(nowhere(key.callback, key.key, key.failure))
  for (const request of key.requests) {
    for (const address of resolveKey(plan, key, request, exchange, options)) {
      resolved.push({
        callback: key.callback,
        key: key.key,
        method: request.operation.method,
        operation: request.operation,
        target: address.ok ? ok(targetAt(description, plan, key, request, exchange.id, address.value)) : address,
      })
    }
  }
}

function nowhere(callback: string, key: string | undefined, failure: NoTarget): ResolvedCallback {
  return { callback, key, method: undefined, operation: undefined, target: err(failure) }
}

function targetAt(
  description: OpenApiDescription,
  plan: OperationPlan,
  key: KeyPlan,
  request: RequestPlan,
  exchangeId: string,
  { url, fanOut, constraint }: Address,
): CallbackTarget {
  const target: Mutable<CallbackTarget> = {
    version: 1,
    url,
    method: request.operation.method,
    callback: key.callback,
    key: key.key,
    operation: plan.reference,
    callbackOperation: request.reference,
    descriptionId: descriptionIdOf(description),
    exchangeId,
  }
  if (fanOut !== undefined) target.fanOut = fanOut
  if (constraint !== undefined) target.constraint = constraint
  return target
}

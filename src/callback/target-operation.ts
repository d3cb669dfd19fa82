import { callbackOperationOf, type OpenApiDescription, type Operation } from '../openapi/index.ts'
import type { CallbackTarget, OperationReference } from './callback-target.ts'
import { rememberedDescription } from './description-id.ts'
import { hasMoved, operationAt } from './operation-pointer.ts'

/**
 * The callback operation of a target. In a description that has changed since it is looked for by its operationId, then by that of its
 * parent with the name of the callback, the key and the method. Throws a `TypeError` when there is none, or no description.
 */
export function operationOfTarget(target: CallbackTarget, description: OpenApiDescription | undefined): Operation {
  requireTarget(target)
  const { callback, key, method, callbackOperation, operation, descriptionId } = target
  const used = description ?? rememberedDescription(descriptionId)
  if (used === undefined) {
    throw new TypeError(
      'Expected the option "description": the target was made in another process, or its description is no longer there. Read the description again and pass it.',
    )
  }
  const direct = operationAt(used, callbackOperation)
  const parentHasMoved = hasMoved(used, operation)
  if (!parentHasMoved && direct !== undefined && direct.operationId === callbackOperation.operationId) return direct
  const parent = operationAt(used, operation)
  const below = parent && callbackOperationOf(parent, callback, key, method)
  // At the place of the callback there may be one of another operation by now.
  const found = parentHasMoved ? [below, sameId(direct, callbackOperation)] : [direct, below]
  const best = found.find((one) => sameId(one, callbackOperation) !== undefined) ?? found.find((one) => one !== undefined)
  if (best !== undefined) return best
  throw new TypeError(
    `Expected a description with the callback of the target but ${used.file.name} has no ${method} under ${JSON.stringify(key)} in the callback ${JSON.stringify(callback)} of ${operation.operationId ?? operation.pointer}.`,
  )
}

function sameId(found: Operation | undefined, { operationId }: OperationReference): Operation | undefined {
  return operationId !== undefined && found?.operationId === operationId ? found : undefined
}

function requireTarget(target: unknown): asserts target is CallbackTarget {
  const { version, url, method, operation, callbackOperation } = (target ?? {}) as Partial<CallbackTarget>
  if (version !== 1) {
    throw new TypeError(
      `Expected a callback target of version 1 but found ${version === undefined ? 'something else' : `version ${String(version)}`}.`,
    )
  }
  const isWhole =
    typeof url === 'string' &&
    typeof method === 'string' &&
    typeof operation?.pointer === 'string' &&
    typeof callbackOperation?.pointer === 'string'
  if (!isWhole) throw new TypeError('Expected a callback target as resolveCallbacks gave it, but parts of it are missing.')
}

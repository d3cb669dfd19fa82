import type { OpenApiDescription } from './description.ts'
import { child, type Located, members } from './located.ts'
import type { Operation, PathItem } from './model.ts'
import { pathItemAt } from './path-item.ts'
import type { ReferenceFailure } from './reference.ts'
import type { CallbackObject } from './types.ts'

/** A Callback Object of an operation, with its `$ref` followed. */
export interface Callback {
  /** The name the operation gives it. */
  readonly name: string
  /** The operation that promises the callback: its exchange is what the keys are evaluated with. */
  readonly operation: Operation
  /** Where it stands in the operation, before any `$ref`. */
  readonly at: Located
  /** The Callback Object. `undefined` when its `$ref` cannot be followed. */
  readonly object: Located<CallbackObject> | undefined
  readonly failure: ReferenceFailure | undefined
  readonly keys: readonly CallbackKey[]
}

/** One member of a Callback Object: an expression, and the requests that are sent to where it leads. */
export interface CallbackKey {
  readonly callback: Callback
  /** The decoded key: a runtime expression, a template, or a URL. `rangeInKey(key.at, …)` finds places inside it. */
  readonly key: string
  /** Where the path item stands under the key, before any `$ref`. */
  readonly at: Located
  readonly pathItem: PathItem
  /** Those of the path item, by method. Each may have callbacks of its own. */
  readonly operations: readonly Operation[]
}

const known = new WeakMap<Operation, readonly Callback[]>()

/** Callbacks of an operation in document order; extensions are left out. */
export function callbacksOf(operation: Operation): readonly Callback[] {
  let callbacks = known.get(operation)
  if (callbacks === undefined) {
    callbacks = members(child(operation.at, 'callbacks'))
      .filter(({ name }) => !name.startsWith('x-'))
      .map(({ name, at }) => callbackAt(operation.description, operation, name, at))
    known.set(operation, callbacks)
  }
  return callbacks
}

function callbackAt(description: OpenApiDescription, operation: Operation, name: string, at: Located): Callback {
  const target = description.resolve(at)
  const keys: CallbackKey[] = []
  const object = target.ok ? (target.value as Located<CallbackObject>) : undefined
  const callback: Callback = { name, operation, at, object, failure: target.ok ? undefined : target.error, keys }
  for (const member of members(object)) {
    if (member.name.startsWith('x-')) continue
    const pathItem = pathItemAt(description, 'callback', member.name, member.at)
    keys.push({ callback, key: member.name, at: member.at, pathItem, operations: pathItem.operations })
  }
  return callback
}

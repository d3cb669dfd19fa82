import type { OpenApiDescription } from './description.ts'
import type { Located } from './located.ts'
import type { ReferenceFailure } from './reference.ts'
import type { OperationObject, PathItemObject } from './types.ts'

/** Where an operation belongs: a path of this API, a webhook it sends, or a callback. */
export type OperationKind = 'path' | 'webhook' | 'callback'

/** An Operation Object in its place. The same object comes back for the same place, so it can be a key of a WeakMap. */
export interface Operation {
  readonly description: OpenApiDescription
  readonly kind: OperationKind
  /** Upper case, or as written under `additionalOperations` (OAS 3.2). */
  readonly method: string
  /** The path template, the name of the webhook, or the key of the Callback Object. */
  readonly path: string
  readonly operationId: string | undefined
  readonly pathItem: PathItem
  readonly at: Located<OperationObject>
}

/** A Path Item Object in its place, with its `$ref` followed. */
export interface PathItem {
  readonly description: OpenApiDescription
  readonly kind: OperationKind
  /** The path template, the name of the webhook, or the key of the Callback Object. */
  readonly path: string
  /** Where it stands under its key, before any `$ref`. */
  readonly at: Located
  /**
   * Where its fields are: `at` itself, then what its `$ref` leads to, and what the `$ref` of that does. A field of an earlier one hides
   * the same field of a later one (OAS leaves the conflict undefined).
   */
  readonly parts: readonly Located<PathItemObject>[]
  /** Why its `$ref` cannot be followed. */
  readonly failure: ReferenceFailure | undefined
  readonly operations: readonly Operation[]
}

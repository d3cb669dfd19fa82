import { type Content, contentsOf } from './content.ts'
import { child, isObjectValue, type Located } from './located.ts'
import type { Operation } from './model.ts'
import type { ReferenceFailure } from './reference.ts'
import type { RequestBodyObject } from './types.ts'

export interface RequestBody {
  readonly at: Located
  readonly object: Located<RequestBodyObject> | undefined
  readonly failure: ReferenceFailure | undefined
  readonly required: boolean
  /** In document order. */
  readonly contents: readonly Content[]
}

/** The request body of an operation; `undefined` when it declares none. */
export function requestBodyOf(operation: Operation): RequestBody | undefined {
  const at = child(operation.at, 'requestBody')
  if (at === undefined) return undefined
  const target = operation.description.resolve(at)
  if (!target.ok) return { at, object: undefined, failure: target.error, required: false, contents: [] }
  if (!isObjectValue(target.value)) return undefined
  const object = target.value as Located<RequestBodyObject>
  return {
    at,
    object,
    failure: undefined,
    required: object.value.required === true,
    contents: contentsOf(operation.description, object),
  }
}

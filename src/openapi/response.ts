import { type Content, contentsOf } from './content.ts'
import { child, isObjectValue, type Located, members } from './located.ts'
import type { Operation } from './model.ts'
import type { ReferenceFailure } from './reference.ts'
import type { HeaderObject, ResponseObject } from './types.ts'

export interface Response {
  readonly operation: Operation
  /** `200`, `2XX` or `default`, as written. */
  readonly status: string
  readonly at: Located
  readonly object: Located<ResponseObject> | undefined
  readonly failure: ReferenceFailure | undefined
  readonly headers: readonly ResponseHeader[]
  readonly contents: readonly Content[]
}

export interface ResponseHeader {
  /** As written; header field names are case-insensitive. */
  readonly name: string
  readonly at: Located
  readonly object: Located<HeaderObject> | undefined
  readonly schema: Located | undefined
}

/** Responses of an operation in document order; extensions are left out. */
export function responsesOf(operation: Operation): readonly Response[] {
  return members(child(operation.at, 'responses'))
    .filter(({ name }) => !name.startsWith('x-'))
    .map(({ name, at }) => {
      const target = operation.description.resolve(at)
      const object = target.ok && isObjectValue(target.value) ? (target.value as Located<ResponseObject>) : undefined
      const failure = target.ok ? undefined : target.error
      const headers = object === undefined ? [] : headersOf(operation, object)
      return {
        operation,
        status: name,
        at,
        object,
        failure,
        headers,
        contents: object === undefined ? [] : contentsOf(operation.description, object),
      }
    })
}

/** The Response Object for a status: the code itself, then its range (`2XX`), then `default`. */
export function responseFor(operation: Operation, status: number): Response | undefined {
  const responses = responsesOf(operation)
  const range = `${Math.floor(status / 100)}XX`
  return (
    responses.find((response) => response.status === String(status)) ??
    responses.find((response) => response.status.toUpperCase() === range) ??
    responses.find((response) => response.status === 'default')
  )
}

function headersOf(operation: Operation, response: Located): readonly ResponseHeader[] {
  return members(child(response, 'headers')).map(({ name, at }) => {
    const target = operation.description.resolve(at)
    const object = target.ok && isObjectValue(target.value) ? (target.value as Located<HeaderObject>) : undefined
    return {
      name,
      at,
      object,
      schema: object && (child(object, 'schema') ?? contentsOf(operation.description, object)[0]?.schema),
    }
  })
}

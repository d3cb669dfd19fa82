import { essenceOf, isJsonMediaType } from '../http/index.ts'
import { child, isObjectValue, items, type Located, members } from './located.ts'
import type { Operation } from './model.ts'
import { pathItemField } from './path-item.ts'
import type { ReferenceFailure } from './reference.ts'
import type { HeaderObject, MediaTypeObject, ParameterObject, RequestBodyObject, ResponseObject } from './types.ts'

/** One media type of a request body, a response, a parameter or a header. */
export interface Content {
  /** As written: a media type, with or without parameters, or a range (`text/*`). */
  readonly mediaType: string
  readonly at: Located<MediaTypeObject>
  /** Before any `$ref`. */
  readonly schema: Located | undefined
}

export interface RequestBody {
  readonly at: Located
  readonly object: Located<RequestBodyObject> | undefined
  readonly failure: ReferenceFailure | undefined
  readonly required: boolean
  /** In document order. */
  readonly contents: readonly Content[]
}

export type ParameterLocation = 'path' | 'query' | 'querystring' | 'header' | 'cookie'

export interface Parameter {
  readonly name: string
  readonly in: ParameterLocation
  readonly required: boolean
  readonly at: Located
  readonly object: Located<ParameterObject>
  readonly schema: Located | undefined
  readonly contents: readonly Content[]
}

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

/** The request body of an operation; `undefined` when it declares none. */
export function requestBodyOf(operation: Operation): RequestBody | undefined {
  const at = child(operation.at, 'requestBody')
  if (at === undefined) return undefined
  const target = operation.description.resolve(at)
  if (!target.ok) return { at, object: undefined, failure: target.error, required: false, contents: [] }
  if (!isObjectValue(target.value)) return undefined
  const object = target.value as Located<RequestBodyObject>
  return { at, object, failure: undefined, required: object.value.required === true, contents: contentsOf(operation, object) }
}

/** Parameters of an operation: its own, then those of its path item that it does not override (same name, same `in`). */
export function parametersOf(operation: Operation): {
  readonly parameters: readonly Parameter[]
  readonly failures: readonly ReferenceFailure[]
} {
  const parameters = new Map<string, Parameter>()
  const failures: ReferenceFailure[] = []
  for (const at of [...items(child(operation.at, 'parameters')), ...items(pathItemField(operation.pathItem, 'parameters'))]) {
    const target = operation.description.resolve(at)
    if (!target.ok) {
      failures.push(target.error)
      continue
    }
    const parameter = parameterAt(operation, at, target.value)
    if (parameter === undefined) continue
    const key = `${parameter.in} ${parameter.name}`
    if (!parameters.has(key)) parameters.set(key, parameter)
  }
  return { parameters: [...parameters.values()], failures }
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
        contents: object === undefined ? [] : contentsOf(operation, object),
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

/** The most specific media type that a Content-Type falls under: itself, then its range (`text/*`), then any. */
export function contentFor(contents: readonly Content[], contentType: string): Content | undefined {
  const essence = essenceOf(contentType)
  const range = `${essence.slice(0, essence.indexOf('/'))}/*`
  return (
    contents.find((content) => content.mediaType.trim().toLowerCase() === contentType.trim().toLowerCase()) ??
    contents.find((content) => essenceOf(content.mediaType) === essence) ??
    contents.find((content) => essenceOf(content.mediaType) === range) ??
    contents.find((content) => essenceOf(content.mediaType) === '*/*')
  )
}

/** JSON media types first, then the others, each in document order: a JSON Pointer is most likely meant for the first. */
export function jsonFirst(contents: readonly Content[]): readonly Content[] {
  return [
    ...contents.filter(({ mediaType }) => isJsonMediaType(mediaType)),
    ...contents.filter(({ mediaType }) => !isJsonMediaType(mediaType)),
  ]
}

function contentsOf(operation: Operation, holder: Located): readonly Content[] {
  return members(child(holder, 'content')).flatMap(({ name, at }) => {
    // A Media Type Object may be a reference since OAS 3.2.
    const target = operation.description.resolve(at)
    // Where it leads nowhere, a look-up in its schema finds out why.
    if (!target.ok) return [{ mediaType: name, at: at as Located<MediaTypeObject>, schema: at }]
    if (!isObjectValue(target.value)) return []
    return [{ mediaType: name, at: target.value as Located<MediaTypeObject>, schema: child(target.value, 'schema') }]
  })
}

function headersOf(operation: Operation, response: Located): readonly ResponseHeader[] {
  return members(child(response, 'headers')).map(({ name, at }) => {
    const target = operation.description.resolve(at)
    const object = target.ok && isObjectValue(target.value) ? (target.value as Located<HeaderObject>) : undefined
    return { name, at, object, schema: object && (child(object, 'schema') ?? contentsOf(operation, object)[0]?.schema) }
  })
}

const locations: readonly string[] = ['path', 'query', 'querystring', 'header', 'cookie'] satisfies ParameterLocation[]

function parameterAt(operation: Operation, at: Located, target: Located): Parameter | undefined {
  if (!isObjectValue(target)) return undefined
  const { name, in: location, required } = target.value
  if (typeof name !== 'string' || typeof location !== 'string' || !locations.includes(location)) return undefined
  const contents = contentsOf(operation, target)
  return {
    name,
    in: location as ParameterLocation,
    required: required === true || location === 'path',
    at,
    object: target as unknown as Located<ParameterObject>,
    schema: child(target, 'schema') ?? contents[0]?.schema,
    contents,
  }
}

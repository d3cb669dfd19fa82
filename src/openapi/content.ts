import { essenceOf, isJsonMediaType } from '../http/index.ts'
import type { OpenApiDescription } from './description.ts'
import { child, isObjectValue, type Located, members } from './located.ts'
import type { MediaTypeObject } from './types.ts'

/** One media type of a request body, a response, a parameter or a header. */
export interface Content {
  /** As written: a media type, with or without parameters, or a range (`text/*`). */
  readonly mediaType: string
  readonly at: Located<MediaTypeObject>
  /** Before any `$ref`. */
  readonly schema: Located | undefined
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

/** The `content` of a Request Body, Response, Parameter or Header Object, in document order. */
export function contentsOf(description: OpenApiDescription, holder: Located): readonly Content[] {
  return members(child(holder, 'content')).flatMap(({ name, at }) => {
    // A Media Type Object may be a reference since OAS 3.2.
    const target = description.resolve(at)
    // Where it leads nowhere, a look-up in its schema finds out why.
    if (!target.ok) return [{ mediaType: name, at: at as Located<MediaTypeObject>, schema: at }]
    if (!isObjectValue(target.value)) return []
    return [{ mediaType: name, at: target.value as Located<MediaTypeObject>, schema: child(target.value, 'schema') }]
  })
}

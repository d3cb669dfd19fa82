import { essenceOf, isJsonMediaType } from '../http/index.ts'
import { type Content, contentFor } from '../openapi/index.ts'
import { err, memo, ok, type Result } from '../util/index.ts'
import type { RequestProblem } from './request-problem.ts'

/** What a body is written as: the value of Content-Type, and what is declared for it. */
export interface ChosenContent {
  readonly mediaType: string
  readonly format: Format
  /** Absent when the operation declares no media type at all. */
  readonly content: Content | undefined
}

export type Format = 'json' | 'form' | 'multipart' | 'text' | 'xml' | 'bytes'

/**
 * The media type for a body: the one that is asked for, else the first declared one that can carry it, JSON before others. A range
 * (`text/*`) stands for the most usual type in it.
 */
export function chooseContent(
  contents: readonly Content[],
  body: unknown,
  asked: string | undefined,
): Result<ChosenContent, RequestProblem> {
  if (asked !== undefined) {
    const content = contentFor(contents, asked)
    if (content === undefined && contents.length > 0) return err(notDeclared(contents, asked))
    return ok({ mediaType: asked, format: formatOf(asked), content })
  }
  if (contents.length === 0) {
    const mediaType = usualType('*/*', body)
    return ok({ mediaType, format: formatOf(mediaType), content: undefined })
  }
  let first: ChosenContent | undefined
  for (const content of contents) {
    const mediaType = concrete(content.mediaType, body)
    const format = formatOf(mediaType)
    if (!carries(format, body)) continue
    if (format === preferred(body)) return ok({ mediaType, format, content })
    first ??= { mediaType, format, content }
  }
  return first === undefined ? err(cannotCarry(contents, body)) : ok(first)
}

/** How a body of this media type is written. */
export const formatOf: (mediaType: string) => Format = memo((mediaType) => {
  const essence = essenceOf(mediaType)
  if (isJsonMediaType(mediaType)) return 'json'
  if (essence === 'application/x-www-form-urlencoded') return 'form'
  if (essence.startsWith('multipart/')) return 'multipart'
  if (essence === 'application/xml' || essence === 'text/xml' || essence.endsWith('+xml')) return 'xml'
  return essence.startsWith('text/') || textual.includes(essence) ? 'text' : 'bytes'
}, 100)

const textual = ['application/yaml', 'application/javascript', 'application/sql', 'application/graphql', 'application/jwt']

/** Whether a value can be written in a format. Bytes can always: they are taken for the written body. */
export function carries(format: Format, body: unknown): boolean {
  if (body instanceof Uint8Array) return true
  switch (format) {
    case 'json':
      return true
    case 'form':
    case 'multipart':
      return typeof body === 'object' && body !== null && !Array.isArray(body)
    case 'text':
    case 'xml':
    case 'bytes':
      return typeof body === 'string' || (format === 'text' && (typeof body === 'number' || typeof body === 'boolean'))
  }
}

function preferred(body: unknown): Format {
  return body instanceof Uint8Array ? 'bytes' : 'json'
}

function concrete(mediaType: string, body: unknown): string {
  return mediaType.includes('*') ? usualType(essenceOf(mediaType), body) : mediaType
}

function usualType(range: string, body: unknown): string {
  if (range === 'text/*') return 'text/plain'
  if (range === 'multipart/*') return 'multipart/form-data'
  if (range !== '*/*' && range !== 'application/*') return body instanceof Uint8Array ? range.replace('*', 'octet-stream') : range
  return body instanceof Uint8Array ? 'application/octet-stream' : 'application/json'
}

function notDeclared(contents: readonly Content[], mediaType: string): RequestProblem {
  const declared = contents.map((content) => content.mediaType)
  const message = `Expected one of the media types that the callback declares (${declared.join(', ')}) but found ${JSON.stringify(mediaType)}.`
  return { reason: 'media-type-not-declared', mediaType, declared, message }
}

function cannotCarry(contents: readonly Content[], body: unknown): RequestProblem {
  const declared = contents.map(({ mediaType }) => mediaType).join(', ')
  return {
    reason: 'body-not-encodable',
    mediaType: undefined,
    message: `Expected a body that can be written as ${declared} but found ${kindOf(body)}. Pass a Uint8Array to send bytes as they are.`,
  }
}

export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

import { essenceOf, fieldValue, formFields, type HeaderFields, isJsonMediaType } from '../http/index.ts'
import { err, ok, type Result, textOf } from '../util/index.ts'
import { missOf, nowhere, type Step, walk } from './pointer-walk.ts'
import type { Message, Unresolved } from './unresolved.ts'

interface MessageWithBody {
  readonly headers?: HeaderFields | undefined
  readonly body?: unknown
}

/** The value in the body at the end of the steps. `multipartRoot`: the part of a multipart body in which they begin. */
export function valueInBody(
  source: MessageWithBody,
  message: Message,
  steps: readonly Step[],
  multipartRoot: string | undefined,
): Result<unknown, Unresolved> {
  let { body } = source
  if (body === undefined) return err({ reason: 'no-body', message })
  if (typeof body === 'string' || ArrayBuffer.isView(body)) {
    const parsed = parsedBody(source, body, message)
    if (!parsed.ok) return parsed
    body = parsed.value
  } else if (typeof body === 'object' && body !== null && !Array.isArray(body) && isMultipart(source.headers)) {
    return valueInParts(body, message, steps, multipartRoot)
  }
  const value = walk(body, steps)
  return value === nowhere ? err({ reason: 'pointer-not-found', message, ...missOf(body, steps) }) : ok(value)
}

interface ParsedBody {
  readonly of: unknown
  readonly mediaType: string | undefined
  readonly result: Result<unknown, Unresolved>
}

// Bodies that are still text are parsed once, however many expressions point into them.
const parsedBodies = new WeakMap<MessageWithBody, ParsedBody>()

function parsedBody(source: MessageWithBody, body: string | ArrayBufferView, message: Message): Result<unknown, Unresolved> {
  const mediaType = mediaTypeOf(source.headers)
  const known = parsedBodies.get(source)
  if (known !== undefined && known.of === body && known.mediaType === mediaType) return known.result
  const result = parse(mediaType, body, message)
  parsedBodies.set(source, { of: body, mediaType, result })
  return result
}

function parse(mediaType: string | undefined, body: string | ArrayBufferView, message: Message): Result<unknown, Unresolved> {
  if (mediaType !== undefined && isJsonMediaType(mediaType)) {
    const value = jsonOf(asText(body))
    return value === nowhere ? err({ reason: 'body-not-parsable', message, mediaType }) : ok(value)
  }
  if (mediaType === 'application/x-www-form-urlencoded') return ok(formFields(asText(body)))
  return err({ reason: 'body-has-no-members', message, mediaType })
}

/** A pointer addresses the record of parts; in a part that is still JSON text it goes on. */
function valueInParts(
  parts: object,
  message: Message,
  steps: readonly Step[],
  multipartRoot: string | undefined,
): Result<unknown, Unresolved> {
  const all = multipartRoot === undefined ? steps : [{ token: multipartRoot, index: -1 }, ...steps]
  const direct = walk(parts, all)
  if (direct !== nowhere) return ok(direct)
  const part = walk(parts, all.slice(0, 1))
  if (typeof part === 'string' || ArrayBuffer.isView(part)) {
    const document = jsonOf(asText(part))
    const value = document === nowhere ? nowhere : walk(document, all.slice(1))
    if (value !== nowhere) return ok(value)
  }
  return err({ reason: 'pointer-not-found', message, ...missOf(parts, all) })
}

function isMultipart(headers: HeaderFields | undefined): boolean {
  return mediaTypeOf(headers)?.startsWith('multipart/') ?? false
}

function mediaTypeOf(headers: HeaderFields | undefined): string | undefined {
  if (headers === undefined || headers === null) return undefined
  const contentType = fieldValue(headers, 'content-type')
  return contentType === undefined ? undefined : essenceOf(contentType)
}

function jsonOf(text: string): unknown {
  try {
    // A byte order mark is no part of the text (RFC 8259, section 8.1).
    return JSON.parse(text.replace(/^\ufeff/, '')) as unknown
  } catch {
    return nowhere
  }
}

function asText(body: string | ArrayBufferView): string {
  return typeof body === 'string' ? body : textOf(new Uint8Array(body.buffer, body.byteOffset, body.byteLength))
}

import { fieldValue, type HeaderFields } from '../http/index.ts'
import { type Body, bodyOf, recordOfParts } from './body.ts'

/**
 * What a framework has made of a body that was read before us, once it has: its value, its bytes, or a promise of what was read. An empty
 * object may only stand for content that it has not parsed.
 */
export interface BodyHolder {
  readonly body?: unknown
}

export const unread: Body = { kind: 'lost', reason: 'unread' }

/** `wasRead`: somebody has read the request to its end, so that there can be a value. */
export function parsedBody({ body: value }: BodyHolder, headers: HeaderFields, wasRead: boolean): Body {
  if (value instanceof Promise) {
    const body = value.then((read) => bodyRead(read, headers))
    return { kind: 'pending', body: body.catch(() => unread) }
  }
  // A parser that gives bytes has undone the content coding.
  if (value instanceof Uint8Array) return bodyOf(() => value, undefined)
  const isObject = typeof value === 'object' && value !== null
  // A handler of Fastify that reads for itself is given the request as the body.
  const isStream = isObject && 'pipe' in value && typeof value.pipe === 'function'
  const isEmpty = isObject && !Array.isArray(value) && Object.keys(value).length === 0
  if (value === undefined || isStream || (isEmpty && !(wasRead && mayBeEmpty(headers)))) return unread
  return { kind: 'value', value }
}

/** What the methods of a `Request` of the web give. */
async function bodyRead(read: unknown, headers: HeaderFields): Promise<Body> {
  if (read instanceof FormData) return { kind: 'value', value: await recordOfParts(read) }
  if (!(read instanceof ArrayBuffer)) return unread
  return bodyOf(() => new Uint8Array(read), fieldValue(headers, 'content-encoding'))
}

/** Whether content can have been an object without members. A form of files only has none, but is long. */
function mayBeEmpty(headers: HeaderFields): boolean {
  const type = fieldValue(headers, 'content-type') ?? ''
  return /multipart/i.test(type) || (/json|urlencoded/i.test(type) && !(Number(fieldValue(headers, 'content-length')) > 64))
}

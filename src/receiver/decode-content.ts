import { charsetOf, essenceOf, isJsonMediaType } from '../http/index.ts'
import { strictTextOf } from '../util/index.ts'
import type { BodyKind } from './call.ts'

export interface Decoded {
  readonly kind: BodyKind
  readonly value: unknown
  /** Why it is given as bytes although its media type promised more. */
  readonly error?: string
}

/** A file part of a multipart body; other parts are text. */
export interface FilePart {
  readonly filename: string
  readonly contentType: string
  readonly bytes: Uint8Array
}

const none: Decoded = { kind: 'none', value: undefined }

/** Content by its media type. What cannot be read as it says stays as bytes, with the reason. */
export async function decodeContent(bytes: Uint8Array, contentType: string | undefined): Promise<Decoded> {
  if (bytes.length === 0) return none
  if (contentType === undefined) return { kind: 'bytes', value: bytes }
  const essence = essenceOf(contentType)
  if (isJsonMediaType(essence)) return json(bytes)
  if (essence === 'application/x-www-form-urlencoded') return form(bytes)
  if (essence === 'multipart/form-data') return multipart(bytes, contentType)
  if (essence.startsWith('text/')) return text(bytes, contentType)
  return { kind: 'bytes', value: bytes }
}

function json(bytes: Uint8Array): Decoded {
  const source = strictTextOf(bytes)
  if (source === undefined) return asBytes(bytes, 'JSON that is not UTF-8')
  try {
    return { kind: 'json', value: JSON.parse(source) }
  } catch (error) {
    // The words of JSON.parse quote the content, which has no place in an error text: only the position is kept.
    const position = / position (\d+)/.exec(String(error))?.[1]
    return asBytes(bytes, position === undefined ? 'malformed JSON' : `malformed JSON at offset ${position}`)
  }
}

function form(bytes: Uint8Array): Decoded {
  const source = strictTextOf(bytes)
  if (source === undefined) return asBytes(bytes, 'form fields that are not UTF-8')
  return { kind: 'form', value: recordOf(new URLSearchParams(source)) }
}

async function multipart(bytes: Uint8Array, contentType: string): Promise<Decoded> {
  try {
    const parts = await new Response(bytes.slice(), { headers: { 'content-type': contentType } }).formData()
    const fields: [string, string | FilePart][] = []
    for (const [name, part] of parts) fields.push([name, typeof part === 'string' ? part : await filePart(part)])
    return { kind: 'multipart', value: recordOf(fields) }
  } catch {
    return asBytes(bytes, 'malformed multipart content')
  }
}

async function filePart(file: File): Promise<FilePart> {
  return { filename: file.name, contentType: file.type, bytes: new Uint8Array(await file.arrayBuffer()) }
}

function text(bytes: Uint8Array, contentType: string): Decoded {
  const charset = charsetOf(contentType) ?? 'utf-8'
  try {
    return { kind: 'text', value: new TextDecoder(charset, { fatal: true }).decode(bytes) }
  } catch {
    return asBytes(bytes, `text that is not ${charset.slice(0, 40)}`)
  }
}

function asBytes(value: Uint8Array, error: string): Decoded {
  return { kind: 'bytes', value, error }
}

/** One value, or several in their order. Own properties only, whatever the names are. */
function recordOf<T>(fields: Iterable<[string, T]>): Record<string, T | T[]> {
  const all = new Map<string, T[]>()
  for (const [name, value] of fields) all.set(name, [...(all.get(name) ?? []), value])
  return Object.fromEntries([...all].map(([name, values]) => [name, values.length === 1 ? (values[0] as T) : values]))
}

/** True when a decoded value has an own `__proto__` key somewhere. Walks without recursion: the nesting is the sender's. */
export function hasPrototypeKey(value: unknown): boolean {
  const pending = [value]
  while (pending.length > 0) {
    const next = pending.pop()
    if (typeof next !== 'object' || next === null) continue
    if (Object.hasOwn(next, '__proto__')) return true
    for (const child of Object.values(next)) if (typeof child === 'object' && child !== null) pending.push(child)
  }
  return false
}

import { charsetOf, essenceOf, formFields, type HeaderFields, isJsonMediaType } from '../http/index.ts'
import { textOf } from '../util/index.ts'
import type { LostBody } from './problem.ts'

/** The content of a message as far as it was kept. */
export type Body =
  | { readonly kind: 'none' }
  | BodyBytes
  /** Somebody else has read and decoded it. */
  | { readonly kind: 'value'; readonly value: unknown }
  /** The same, but it has to be waited for. */
  | { readonly kind: 'pending'; readonly body: Promise<Body> }
  /** `told` is called when somebody reads it. */
  | { readonly kind: 'lost'; readonly reason: LostBody; readonly told?: () => void }

interface BodyBytes {
  readonly kind: 'bytes'
  readonly bytes: () => Uint8Array
  readonly coding: string | undefined
  /** The same in UTF-8, where it was written as one text. */
  readonly text: string | undefined
}

// By a constructor, because it leads to the content: see exchange-view.ts.
class KeptBytes implements BodyBytes {
  readonly kind = 'bytes'
  readonly bytes: () => Uint8Array
  readonly coding: string | undefined
  readonly text: string | undefined

  constructor(bytes: () => Uint8Array, coding: string | undefined, text: string | undefined) {
    this.bytes = bytes
    this.coding = coding
    this.text = text
  }
}

export function bodyOf(bytes: () => Uint8Array, coding: string | undefined, text?: string): Body {
  return new KeptBytes(bytes, coding, text)
}

export const noBody: Body = { kind: 'none' }

/** Whether its value can be told at once. */
export function isReady(body: Body, headers: HeaderFields): boolean {
  if (body.kind === 'pending') return false
  return body.kind !== 'bytes' || (isPlain(body.coding) && !isMultipart(headers))
}

/** Undoes the content coding and takes multipart content apart. */
export async function madeReady(body: Body, headers: HeaderFields, maxBytes: number): Promise<Body> {
  if (body.kind === 'pending') return madeReady(await body.body, headers, maxBytes)
  if (body.kind !== 'bytes') return body
  const bytes = isPlain(body.coding) ? body.bytes() : await uncoded(body.bytes(), body.coding ?? '', maxBytes)
  if (!(bytes instanceof Uint8Array)) return { kind: 'lost', reason: bytes }
  if (!isMultipart(headers)) return bodyOf(() => bytes, undefined)
  const parts = await partsOf(bytes, typeOf(headers))
  return parts === undefined ? { kind: 'lost', reason: 'undecodable' } : { kind: 'value', value: parts }
}

/** The value of a body that is ready, by its media type. JSON that does not parse stays text: who reads a member of it is told. */
export function contentOf(body: Body, headers: HeaderFields): unknown {
  if (body.kind === 'value') return body.value
  if (body.kind === 'lost') body.told?.()
  if (body.kind !== 'bytes') return undefined
  const contentType = typeOf(headers)
  const essence = essenceOf(contentType)
  const { text } = body
  if (text && isJsonMediaType(essence) && isUtf8(charsetIn(contentType)) && isAsSent(text)) return parsed(text)
  const bytes = body.bytes()
  if (bytes.length === 0) return undefined
  if (isJsonMediaType(essence)) return parsed(textIn(contentType, bytes))
  if (essence === 'application/x-www-form-urlencoded') return formFields(textIn(contentType, bytes))
  if (essence.startsWith('text/') || essence.endsWith('xml')) return textIn(contentType, bytes)
  const { buffer, byteOffset, length } = bytes
  return new Uint8Array(buffer, byteOffset, length)
}

/** Whether bytes that it is written as, and read again, are the same text. */
function isAsSent(text: string): boolean {
  return !text.startsWith('\ufeff') && (text as { isWellFormed?(): boolean }).isWellFormed?.() === true
}

function charsetIn(contentType: string): string {
  return charsetOf(contentType) ?? 'utf-8'
}

function isUtf8(charset: string): boolean {
  return /^utf-?8$/i.test(charset)
}

/** In the charset that is named; in UTF-8 where none is, or one that this runtime does not know. */
function textIn(contentType: string, bytes: Uint8Array): string {
  const charset = charsetIn(contentType)
  if (isUtf8(charset)) return textOf(bytes)
  // Which of the two it is, UTF-16 says by its first character.
  const isBigEndian = /^utf-?16$/i.test(charset) && bytes[0] === 0xfe && bytes[1] === 0xff
  try {
    return new TextDecoder(isBigEndian ? 'utf-16be' : charset).decode(bytes)
  } catch {
    return textOf(bytes)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function isPlain(coding: string | undefined): boolean {
  return coding === undefined || coding === '' || coding === 'identity'
}

function isMultipart(headers: HeaderFields): boolean {
  return /^multipart\/form-data/i.test(typeOf(headers))
}

/** Of the content. Adapters give names in lower case. */
function typeOf(headers: HeaderFields): string {
  return String(headers['content-type'] ?? '')
}

async function partsOf(bytes: Uint8Array, contentType: string): Promise<Record<string, unknown> | undefined> {
  try {
    return await recordOfParts(await new Response(bytes.slice(), { headers: { 'content-type': contentType } }).formData())
  } catch {
    return undefined
  }
}

/** One value, or several in their order. What has a file name is bytes. */
export async function recordOfParts(form: FormData): Promise<Record<string, unknown>> {
  const parts = new Map<string, unknown[]>()
  for (const [name, part] of form) {
    const value = typeof part === 'string' ? part : new Uint8Array(await part.arrayBuffer())
    parts.set(name, [...(parts.get(name) ?? []), value])
  }
  return Object.fromEntries([...parts].map(([name, values]) => [name, values.length === 1 ? values[0] : values]))
}

/** Only the codings that Node 20 knows: zstd came later. */
async function uncoded(bytes: Uint8Array, coding: string, maxOutputLength: number): Promise<Uint8Array | LostBody> {
  const { brotliDecompress, gunzip, inflate } = await import('node:zlib')
  const decoders = new Map([
    ['gzip', gunzip],
    ['x-gzip', gunzip],
    ['deflate', inflate],
    ['br', brotliDecompress],
  ])
  const decode: typeof gunzip | undefined = decoders.get(coding.trim().toLowerCase())
  if (decode === undefined) return 'undecodable'
  return new Promise((resolve) => {
    decode(bytes, { maxOutputLength }, (error, decoded) => {
      if (error === null) resolve(new Uint8Array(decoded))
      else resolve((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'undecodable')
    })
  })
}

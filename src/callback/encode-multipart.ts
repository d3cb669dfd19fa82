import { createHash } from 'node:crypto'
import { essenceOf } from '../http/index.ts'
import { child, type Located } from '../openapi/index.ts'
import { utf8 } from '../util/index.ts'
import { encodingOf } from './encode-form.ts'
import type { EncodedBody } from './encoded-body.ts'
import { jsonText } from './json-text.ts'
import { plainValue } from './plain-value.ts'

interface Part {
  readonly name: string
  readonly contentType: string
  readonly isFile: boolean
  readonly bytes: Uint8Array
}

/**
 * A multipart body (RFC 2046, RFC 7578) with a part for each member, for an array one for each item: bytes as they are, texts and numbers
 * as `text/plain`, objects as JSON, or as the Encoding Object says. The boundary depends on the parts and on `seed` alone, so that the
 * same request has the same bytes. `undefined`: a part cannot be written.
 */
export function encodeMultipart(
  body: object,
  mediaType: Located | undefined,
  contentType: string,
  seed: string,
): EncodedBody | undefined {
  const parts: Part[] = []
  for (const [name, value] of Object.entries(body)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item === undefined || item === null) continue
      const part = partOf(name, item, encodingOf(mediaType, name))
      if (part === undefined) return undefined
      parts.push(part)
    }
  }
  const boundary = boundaryFor(parts, seed)
  const isForm = essenceOf(contentType) === 'multipart/form-data'
  const chunks = parts.flatMap((part) => [utf8(`--${boundary}\r\n${headOf(part, isForm)}\r\n\r\n`), part.bytes, utf8('\r\n')])
  const bytes = Buffer.concat([...chunks, utf8(`--${boundary}--\r\n`)])
  const bare = contentType.replace(/;\s*boundary=(?:"[^"]*"|[^;]*)/i, '')
  return { bytes: new Uint8Array(bytes), contentType: `${bare};boundary=${boundary}` }
}

function partOf(name: string, given: unknown, encoding: Located | undefined): Part | undefined {
  const value = plainValue(given)
  if (typeof value === 'symbol') return undefined
  const declared = encoding && child(encoding, 'contentType')?.value
  // A list of types or a range is what is accepted; only a single type says what to write.
  const asked = typeof declared === 'string' && /^[^,*\r\n]+$/.test(declared) ? declared.trim() : undefined
  if (value instanceof Uint8Array) {
    return { name, contentType: asked ?? 'application/octet-stream', isFile: true, bytes: value }
  }
  const isJson = typeof value === 'object' || (asked !== undefined && essenceOf(asked).endsWith('json'))
  const text = isJson ? jsonText(value) : String(value)
  if (text === undefined) return undefined
  return {
    name,
    contentType: asked ?? (isJson ? 'application/json' : 'text/plain;charset=utf-8'),
    isFile: false,
    bytes: utf8(text),
  }
}

function headOf({ name, contentType, isFile }: Part, isForm: boolean): string {
  // As browsers do (HTML, multipart/form-data encoding algorithm): a name must not end its own field.
  const quoted = name.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22')
  const file = isFile ? `; filename="${quoted}"` : ''
  const disposition = isForm
    ? `Content-Disposition: form-data; name="${quoted}"${file}`
    : `Content-ID: <${encodeURIComponent(name)}>`
  return `${disposition}\r\nContent-Type: ${contentType}`
}

function boundaryFor(parts: readonly Part[], seed: string): string {
  const hash = createHash('sha256').update(seed)
  for (const { name, bytes } of parts) hash.update(`${JSON.stringify(name)} ${bytes.length} `).update(bytes)
  return `ringback-${hash.digest('hex').slice(0, 32)}`
}

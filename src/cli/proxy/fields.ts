import type { IncomingMessage } from 'node:http'

/** Names and values in turn, as `rawHeaders` of Node has them: case, order and repetition are kept. */
export type RawFields = readonly string[]

const hopByHop = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']

/**
 * Fields for everyone on the way, which `Connection` has no right to name (RFC 9110, 7.6.1): without them a request says something else, is for
 * somebody else, or comes from somebody else.
 */
const never =
  /^(?:accept|authorization|cache-control|content-.+|cookie|date|digest|etag|expect|forwarded|host|idempotency-key|if-.+|location|origin|range|set-cookie|te|trailer|traceparent|via|x-.+)$/

/** What goes on to the next connection: all but the fields that are about this one (RFC 9110, 7.6.1). `TE` goes on, because trailers do. */
export function endToEnd(raw: RawFields): string[] {
  const dropped = new Set(hopByHop)
  for (const [name, value] of pairs(raw)) {
    if (name.toLowerCase() !== 'connection') continue
    for (const option of value.toLowerCase().split(',')) if (!never.test(option.trim())) dropped.add(option.trim())
  }
  return without(raw, dropped)
}

/** The fields of a request as they go on, with a framing that is ours, whatever the client has said of its own. */
export function requestFields(request: IncomingMessage): string[] {
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers
  const fields = endToEnd(request.rawHeaders)
  if (coding !== undefined) return [...without(fields, contentLength), 'Transfer-Encoding', 'chunked']
  const plain = without(fields, trailer)
  // Leading zeros are allowed, and not read alike by everyone.
  if (length !== undefined)
    return plain.map((one, i) => (isLength(plain[i - 1]) && i % 2 === 1 ? one.replace(/^0+(?=\d)/, '') : one))
  // Otherwise Node would send an empty content in chunks.
  return withoutContent.has(request.method ?? '') ? plain : [...plain, 'Content-Length', '0']
}

function isLength(name: string | undefined): boolean {
  return name?.toLowerCase() === 'content-length'
}

/** The fields of a response as they go on. `isChunked`: with room for trailers. */
export function responseFields(rawHeaders: RawFields, isChunked: boolean): string[] {
  return isChunked ? endToEnd(rawHeaders) : without(endToEnd(rawHeaders), trailer)
}

/** Trailers neither frame nor route (RFC 9110, 6.5.1). */
export function trailerFields(raw: RawFields): [name: string, value: string][] {
  return pairs(without(raw, forbiddenTrailers))
}

/** RFC 9112, 6.3: a request has content when it says so. */
export function hasContent({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0
}

export function pairs(raw: RawFields): [name: string, value: string][] {
  return Array.from({ length: raw.length >> 1 }, (_, i) => [raw[2 * i] ?? '', raw[2 * i + 1] ?? ''])
}

/** As bytes of a head, without the empty line. */
export function lines(raw: RawFields): string {
  return pairs(raw)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
}

function without(raw: RawFields, names: ReadonlySet<string>): string[] {
  return pairs(raw).flatMap(([name, value]) => (names.has(name.toLowerCase()) ? [] : [name, value]))
}

const contentLength: ReadonlySet<string> = new Set(['content-length'])
const trailer: ReadonlySet<string> = new Set(['trailer'])
const forbiddenTrailers: ReadonlySet<string> = new Set([...hopByHop, 'content-length', 'host', 'trailer'])

/** Methods whose requests Node sends without content where nothing is said of it. */
const withoutContent: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'])

import { fieldLines, type HeaderFields } from '../http/index.ts'
import { err, ok, type Result } from '../util/index.ts'
import { type InnerList, type Item, serializeInnerList, serializeItem } from './structured-fields.ts'

/** What of a request a signature can cover. */
export interface SignedMessage {
  readonly method: string | undefined
  readonly targetUri: string | undefined
  readonly headers: HeaderFields
}

/** A component that the message does not have, or that is not supported. */
export type ComponentProblem = string

/** The text that is signed (RFC 9421, 2.5): a line for each covered component, then the parameters of the signature. */
export function signatureBase(message: SignedMessage, input: InnerList): Result<string, ComponentProblem> {
  const url = message.targetUri === undefined ? undefined : wireUrl(message.targetUri)
  const lines: string[] = []
  const seen = new Set<string>()
  for (const item of input.items) {
    const identifier = serializeItem(item)
    if (item.value.kind !== 'string' || seen.has(identifier))
      return err(`Expected each component once, as a string: ${identifier}.`)
    seen.add(identifier)
    const value = item.value.value.startsWith('@')
      ? derivedComponent(item, item.value.value, message, url)
      : fieldComponent(item, item.value.value, message.headers)
    if (value === undefined) return err(`Expected a component that the request has, and that is supported: ${identifier}.`)
    // A line feed in a value would forge further lines.
    if (/[\r\n]/.test(value)) return err(`Expected a component without line breaks: ${identifier}.`)
    lines.push(`${identifier}: ${value}`)
  }
  lines.push(`"@signature-params": ${serializeInnerList(input)}`)
  return ok(lines.join('\n'))
}

/** As the transport sends it: normalised by WHATWG URL, without fragment, and without the dot of the root. */
function wireUrl(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  if (url.hash !== '') url.hash = ''
  if (url.hostname.endsWith('.')) url.hostname = url.hostname.slice(0, -1)
  return url
}

function derivedComponent(item: Item, name: string, { method }: SignedMessage, url: URL | undefined): string | undefined {
  const isPlain = item.parameters.size === 0
  if (name === '@method') return isPlain ? method : undefined
  if (url === undefined) return undefined
  if (name === '@query-param') return queryParameter(item, url)
  if (!isPlain) return undefined
  switch (name) {
    case '@target-uri':
      return url.href
    case '@authority':
      return url.host
    case '@scheme':
      return url.protocol.slice(0, -1)
    case '@request-target':
      return url.pathname + url.search
    case '@path':
      return url.pathname
    case '@query':
      return url.search === '' ? '?' : url.search
    default:
      return undefined
  }
}

/** A parameter that stands twice cannot be covered (RFC 9421, 2.2.8): which of them was meant? */
function queryParameter({ parameters }: Item, url: URL): string | undefined {
  const name = parameters.get('name')
  if (parameters.size !== 1 || name?.kind !== 'string') return undefined
  const values = [...url.searchParams].filter(([key]) => encoded(key) === name.value).map(([, value]) => value)
  return values.length === 1 ? encoded(values[0] ?? '') : undefined
}

/** The percent-encode set of application/x-www-form-urlencoded, with `%20` for a space. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()~]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
}

function fieldComponent({ parameters }: Item, name: string, headers: HeaderFields): string | undefined {
  if (parameters.size > 0 || name !== name.toLowerCase()) return undefined
  const lines = fieldLines(headers, name)
  if (lines.length === 0) return undefined
  return lines.map((line) => line.replace(/[ \t]*\r\n[ \t]+/g, ' ').replace(/^[ \t]+|[ \t]+$/g, '')).join(', ')
}

import type { ExpressionTemplate, TemplatePart } from '../expression/index.ts'
import { err, ok, type Result } from '../util/index.ts'
import { parseKey } from './parse-key.ts'

/** What a URL that was really called says about the key that it came from. */
export interface CallbackUrlMatch {
  /** In the order of the key: one for each expression and each `{name}`. */
  readonly values: readonly HoleValue[]
  /** Of `{name}`, by name. */
  readonly params: Readonly<Record<string, string>>
}

export interface HoleValue {
  /** As it is written in the key. */
  readonly part: string
  readonly kind: 'embedded-expression' | 'path-parameter'
  /** Percent-decoded; as it is at the start of the key, where it is the URL itself. */
  readonly value: string
}

export interface CallbackUrlMismatch {
  readonly reason: 'bad-syntax' | 'no-match'
  readonly message: string
}

/**
 * The inverse of resolving a key: whether a URL can come from it, and with which values. The literal text of the key must be there, a value
 * that is no more than a part of the URL must be percent-encoded, and an expression that occurs twice must have one value. A path that
 * was put before the query of the value (`tail: 'join'`) is found as well.
 */
export function matchCallbackUrl(key: string, url: string | URL): Result<CallbackUrlMatch, CallbackUrlMismatch> {
  const parsed = parseKey(key)
  if (!parsed.ok) return err({ reason: 'bad-syntax', message: parsed.error.broken.message })
  const { template } = parsed.value
  const text = String(url)
  const values = alongParts(template.parts, text) ?? joinedTail(template, text) ?? normalised(template, text)
  if (values === undefined) {
    return err({ reason: 'no-match', message: `${JSON.stringify(text)} is no URL that ${JSON.stringify(key)} can lead to.` })
  }
  return matchOf(key, template, values)
}

function matchOf(
  key: string,
  { parts }: ExpressionTemplate,
  raw: readonly string[],
): Result<CallbackUrlMatch, CallbackUrlMismatch> {
  const values: HoleValue[] = []
  const params: Record<string, string> = {}
  for (const [i, part] of parts.entries()) {
    if (part.kind === 'literal') continue
    const written = key.slice(part.span.start, part.span.end)
    const value = i === 0 ? (raw[i] ?? '') : decoded(raw[i] ?? '')
    const same = values.find((one) => one.part === written)
    if (same !== undefined && same.value !== value) {
      return err({ reason: 'no-match', message: `${written} would have two values.` })
    }
    values.push({ part: written, kind: part.kind, value })
    if (part.kind === 'path-parameter') Object.defineProperty(params, part.name, { value, enumerable: true, configurable: true })
  }
  return ok({ values, params })
}

/**
 * The text of each part, or `undefined`. Linear: for each part the places where it can end are found from those of the part before. Where
 * several splits are possible the later values are the shorter ones.
 */
function alongParts(parts: readonly TemplatePart[], url: string): readonly string[] | undefined {
  // A value at the start is an absolute URL, or the key leads nowhere.
  if (parts[0]?.kind !== 'literal' && !/^https?:\/\/[^/?#]/i.test(url)) return undefined
  const ends: Uint8Array[] = []
  let before = new Uint8Array(url.length + 1)
  before[0] = 1
  for (const [i, part] of parts.entries()) {
    const after = new Uint8Array(url.length + 1)
    if (part.kind === 'literal') {
      const { text } = part
      for (let at = url.indexOf(text); at !== -1; at = url.indexOf(text, at + 1)) {
        if (before[at] === 1) after[at + text.length] = 1
      }
    } else {
      const isValue = i === 0 ? isUrlUnit : isValueUnit
      let isOpen = false
      for (let at = 0; at <= url.length; at++) {
        if (at > 0 && !isValue(url.charCodeAt(at - 1))) isOpen = false
        if (before[at] === 1) isOpen = true
        if (isOpen) after[at] = 1
      }
    }
    ends.push(after)
    before = after
  }
  return before[url.length] === 1 ? textsOf(parts, ends, url) : undefined
}

function textsOf(parts: readonly TemplatePart[], ends: readonly Uint8Array[], url: string): readonly string[] {
  const texts: string[] = []
  let end = url.length
  for (let i = parts.length - 1; i >= 0; i--) {
    const part = parts[i]
    const before = ends[i - 1]
    let start = part?.kind === 'literal' ? end - part.text.length : end
    while (start > 0 && before?.[start] !== 1) start--
    texts.unshift(url.slice(start, end))
    end = start
  }
  return texts
}

/** A value at the start is a URL. */
function isUrlUnit(unit: number): boolean {
  return unit > 0x20 && unit !== 0x7f
}

/** What resolving writes: unreserved characters and escapes; in an authority also a colon and brackets. */
function isValueUnit(unit: number): boolean {
  return (
    (unit >= 0x61 && unit <= 0x7a) ||
    (unit >= 0x41 && unit <= 0x5a) ||
    (unit >= 0x30 && unit <= 0x3a) ||
    '%-._~[]'.includes(String.fromCharCode(unit))
  )
}

/** The path of the key stands in front of the query that belongs to the value. */
function joinedTail({ parts }: ExpressionTemplate, url: string): readonly string[] | undefined {
  const [first, second] = parts
  const at = url.search(/[?#]/)
  if (at === -1 || first?.kind === 'literal' || second?.kind !== 'literal' || !second.text.startsWith('/')) return undefined
  if (parts.some((part) => part.kind === 'literal' && /[?#]/.test(part.text))) return undefined
  const texts = alongParts(parts, url.slice(0, at))
  return texts && [`${texts[0] ?? ''}${url.slice(at)}`, ...texts.slice(1)]
}

/**
 * The key as clients write the URL: the host in lower case, the default port left out, other characters percent-encoded. Marks stand for its
 * values meanwhile.
 */
function normalised({ parts }: ExpressionTemplate, url: string): readonly string[] | undefined {
  const marks = parts.map((_, i) => `ringback${i}mark`)
  const marked = parts
    .map((part, i) => (part.kind === 'literal' ? part.text : i === 0 ? `https://${marks[i]}/value` : marks[i]))
    .join('')
  if (!URL.canParse(marked) || !URL.canParse(url)) return undefined
  let rest = new URL(marked).href
  const literals: TemplatePart[] = []
  for (const [i, part] of parts.entries()) {
    if (part.kind !== 'literal') {
      const mark = i === 0 ? `https://${marks[i]}/value` : (marks[i] ?? '')
      if (!rest.startsWith(mark)) return undefined
      rest = rest.slice(mark.length)
      literals.push(part)
      continue
    }
    const next = parts[i + 1] === undefined ? -1 : rest.indexOf(marks[i + 1] ?? '')
    const text = next === -1 ? rest : rest.slice(0, next)
    if (text === '') return undefined
    literals.push({ ...part, text })
    rest = rest.slice(text.length)
  }
  return rest === '' ? alongParts(literals, new URL(url).href) : undefined
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

import type { ExpressionTemplate, RuntimeExpression, TemplatePart } from '../../expression/index.ts'

/** The key of a Callback Object as an endpoint sees it: what stands for the endpoint's URL, and what senders add to it. */
export interface KeyShape {
  readonly base: KeyBase
  /** Path segments behind the URL, each literals and holes; none when nothing is added. */
  readonly path: readonly (readonly TemplatePart[])[]
  readonly query: readonly QueryPair[]
}

export type KeyBase =
  /** The expression that has the URL as its value. */
  | { readonly kind: 'expression'; readonly expression: RuntimeExpression; readonly text: string }
  /** `{url}`: the author of the description left it to somebody else to say. */
  | { readonly kind: 'parameter'; readonly text: string }
  /** The key spells the host out, or a part of it. */
  | { readonly kind: 'host'; readonly text: string }
  /** A path alone. */
  | { readonly kind: 'relative' }
  /** A webhook: the URL is agreed elsewhere. */
  | { readonly kind: 'elsewhere' }

export interface QueryPair {
  readonly name: string
  readonly value: readonly TemplatePart[]
}

export const webhookShape: KeyShape = { base: { kind: 'elsewhere' }, path: [], query: [] }

/** `undefined` for a tail that cannot follow our URL: it begins with neither `/` nor `?`. */
export function shapeOf(key: string, { parts }: ExpressionTemplate): KeyShape | undefined {
  const { base, rest } = splitBase(key, parts)
  const { path, query } = splitQuery(rest)
  const [first] = path
  if (first !== undefined && !(first.kind === 'literal' && first.text.startsWith('/'))) return undefined
  return { base, path: segments(path), query: pairs(query) }
}

function splitBase(
  key: string,
  parts: readonly TemplatePart[],
): { readonly base: KeyBase; readonly rest: readonly TemplatePart[] } {
  const [first, ...rest] = parts
  if (first === undefined) return { base: { kind: 'relative' }, rest }
  if (first.kind === 'path-parameter') return { base: { kind: 'parameter', text: `{${first.name}}` }, rest }
  const written = key.slice(first.span.start, first.span.end)
  if (first.kind === 'embedded-expression') {
    return { base: { kind: 'expression', expression: first.expression, text: written }, rest }
  }
  if (!/^https?:\/\//i.test(first.text)) return { base: { kind: 'relative' }, rest: parts }
  const tail = behindAuthority(parts)
  const end = tail[0]?.span.start ?? key.length
  return { base: { kind: 'host', text: key.slice(0, end) }, rest: tail }
}

function behindAuthority(parts: readonly TemplatePart[]): readonly TemplatePart[] {
  for (const [i, part] of parts.entries()) {
    if (part.kind !== 'literal') continue
    const from = i === 0 ? part.text.indexOf('://') + 3 : 0
    const at = part.text.slice(from).search(/[/?#]/)
    if (at !== -1) return [literal(part, from + at), ...parts.slice(i + 1)]
  }
  return []
}

/** A fragment is never sent: it ends both. */
function splitQuery(parts: readonly TemplatePart[]): {
  readonly path: readonly TemplatePart[]
  readonly query: readonly TemplatePart[]
} {
  const path: TemplatePart[] = []
  const query: TemplatePart[] = []
  let into = path
  for (const part of parts) {
    if (part.kind !== 'literal') {
      into.push(part)
      continue
    }
    const hash = part.text.indexOf('#')
    const text = hash === -1 ? part.text : part.text.slice(0, hash)
    const mark = into === path ? text.indexOf('?') : -1
    if (mark > 0) path.push(literal(part, 0, mark))
    if (mark !== -1) into = query
    if (mark + 1 < text.length) into.push(literal(part, mark + 1, text.length))
    if (hash !== -1) break
  }
  return { path, query }
}

function segments(parts: readonly TemplatePart[]): readonly (readonly TemplatePart[])[] {
  return split(parts, '/').slice(1)
}

function pairs(parts: readonly TemplatePart[]): readonly QueryPair[] {
  return split(parts, '&').flatMap((pair) => {
    const [first, ...rest] = pair
    if (first?.kind !== 'literal') return []
    const equals = first.text.indexOf('=')
    if (equals === -1) return rest.length === 0 ? [{ name: decoded(first.text), value: [] }] : []
    const value = equals + 1 < first.text.length ? [literal(first, equals + 1), ...rest] : rest
    return [{ name: decoded(first.text.slice(0, equals)), value }]
  })
}

function split(parts: readonly TemplatePart[], separator: string): TemplatePart[][] {
  const lists: TemplatePart[][] = [[]]
  for (const part of parts) {
    if (part.kind !== 'literal') {
      lists.at(-1)?.push(part)
      continue
    }
    let start = 0
    for (const [i, text] of part.text.split(separator).entries()) {
      if (i > 0) lists.push([])
      if (text !== '') lists.at(-1)?.push(literal(part, start, start + text.length))
      start += text.length + separator.length
    }
  }
  return lists
}

function literal(
  part: Extract<TemplatePart, { kind: 'literal' }>,
  from: number,
  to: number = part.text.length,
): Extract<TemplatePart, { kind: 'literal' }> {
  const { start } = part.span
  return { kind: 'literal', text: part.text.slice(from, to), span: { start: start + from, end: start + to } }
}

/** Percent-decoded; text with a broken escape as it is. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

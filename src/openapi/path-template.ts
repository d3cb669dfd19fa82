/** One segment of a path template. */
export type TemplateSegment =
  | { readonly kind: 'literal'; readonly text: string }
  /** `literals` stand around the parameters: one more than there are names. `{id}` alone has two empty ones. */
  | { readonly kind: 'templated'; readonly names: readonly string[]; readonly literals: readonly string[] }

/** Segments of a path template such as `/orders/{id}/{from}-{to}`; literal text is percent-decoded. */
export function templateSegments(path: string): readonly TemplateSegment[] {
  return withoutSlash(path).split('/').map(segmentOf)
}

function withoutSlash(path: string): string {
  return path.startsWith('/') ? path.slice(1) : path
}

function segmentOf(text: string): TemplateSegment {
  const names: string[] = []
  const literals: string[] = []
  let from = 0
  for (let open = text.indexOf('{'); open !== -1; open = text.indexOf('{', from)) {
    const close = text.indexOf('}', open)
    if (close === -1) break
    literals.push(decodeSegment(text.slice(from, open)))
    names.push(text.slice(open + 1, close))
    from = close + 1
  }
  literals.push(decodeSegment(text.slice(from)))
  return names.length === 0 ? { kind: 'literal', text: literals[0] ?? '' } : { kind: 'templated', names, literals }
}

/**
 * Values of the parameters of one segment, or `undefined` when it does not match. Each has at least one character; where several
 * splits are possible the earlier parameters are the shorter ones: `{a}-{b}` reads `x-y-z` as `x` and `y-z`. `key`: the text as it is compared,
 * of the same length.
 */
export function matchTemplated(
  segment: TemplateSegment & { kind: 'templated' },
  text: string,
  key: string = text,
): readonly string[] | undefined {
  const { literals } = segment
  const first = literals[0] ?? ''
  const last = literals.at(-1) ?? ''
  const end = text.length - last.length
  if (!key.startsWith(first) || end < first.length || !key.endsWith(last)) return undefined
  const values: string[] = []
  let from = first.length
  for (let i = 1; i < literals.length - 1; i++) {
    const literal = literals[i] ?? ''
    const at = key.indexOf(literal, from + 1)
    if (at === -1 || at + literal.length >= end) return undefined
    values.push(text.slice(from, at))
    from = at + literal.length
  }
  if (from >= end) return undefined
  values.push(text.slice(from, end))
  return values
}

/** Percent-decoding of one segment; a segment with a bad escape is taken as it is, never refused. */
export function decodeSegment(segment: string): string {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

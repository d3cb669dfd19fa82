import type { TemplatePart } from '../../expression/index.ts'
import { decoded, type KeyShape } from './key-shape.ts'

export type Hole = Exclude<TemplatePart, { kind: 'literal' }>

/** What a request has where the key has an expression or a `{name}`. */
export interface Filling {
  readonly hole: Hole
  /** Percent-decoded. */
  readonly value: string
}

/** What a path behind our URL says about the key; `undefined`: it does not come from this key. */
export function matchPath({ path }: KeyShape, subPath: string): readonly Filling[] | undefined {
  const found = subPath === '' ? [] : subPath.slice(1).split('/')
  // Of a key that ends with its host, `http://a.example/`, the slash may be left out.
  if (subPath === '' && path.length === 1 && path[0]?.length === 0) return []
  if (found.length !== path.length) return undefined
  const fillings: Filling[] = []
  for (const [i, segment] of path.entries()) {
    const filled = matchText(segment, found[i] ?? '')
    if (filled === undefined) return undefined
    fillings.push(...filled)
  }
  return fillings
}

/** What a query says about the key, or the names of the parameters that are missing or have another value. */
export function matchQuery(
  { query }: KeyShape,
  found: readonly (readonly [name: string, rawValue: string])[],
): { readonly fillings: readonly Filling[]; readonly missing: readonly string[] } {
  const fillings: Filling[] = []
  const missing: string[] = []
  for (const { name, value } of query) {
    const filled = found
      .flatMap(([other, text]) => (other === name ? [matchText(value, text)] : []))
      .find((one) => one !== undefined)
    if (filled === undefined) missing.push(name)
    else fillings.push(...filled)
  }
  return { fillings, missing }
}

/** Linear: each literal is taken where it comes first, the last one at the end. */
function matchText(parts: readonly TemplatePart[], text: string): readonly Filling[] | undefined {
  const fillings: Filling[] = []
  let at = 0
  let open: Hole | undefined
  for (const [i, part] of parts.entries()) {
    if (part.kind !== 'literal') {
      if (open !== undefined) fillings.push({ hole: open, value: '' })
      open = part
      continue
    }
    const isLast = i === parts.length - 1
    const start = open === undefined ? at : isLast ? text.length - part.text.length : text.indexOf(part.text, at)
    if (start < at || !text.startsWith(part.text, start)) return undefined
    if (open !== undefined) fillings.push({ hole: open, value: decoded(text.slice(at, start)) })
    open = undefined
    at = start + part.text.length
  }
  if (open !== undefined) fillings.push({ hole: open, value: decoded(text.slice(at)) })
  else if (at !== text.length) return undefined
  return fillings
}

import type { ExpressionTemplate, RuntimeExpression } from './ast.ts'
import type { Dialect } from './dialect.ts'
import { safeParseExpression, safeParseTemplate } from './parse.ts'
import type { ExpressionSyntaxError } from './problem.ts'

/** What a value of a Link Object is (OAS 3.0.4 and later: "constant or expression"). */
export type LinkValue =
  | { readonly kind: 'expression'; readonly expression: RuntimeExpression }
  | { readonly kind: 'template'; readonly template: ExpressionTemplate }
  /** Sent as it is. `looksLikeExpression`: it was probably meant as one, and says what is wrong with it. */
  | { readonly kind: 'constant'; readonly value: unknown; readonly looksLikeExpression?: ExpressionSyntaxError }

/** Tells an expression, text with embedded expressions, and a constant apart. */
export function readLinkValue(value: unknown, { dialect = 'oas3' }: { readonly dialect?: Dialect } = {}): LinkValue {
  if (typeof value !== 'string') return { kind: 'constant', value }
  const expression = safeParseExpression(value, { dialect })
  if (expression.ok) return { kind: 'expression', expression: expression.value }
  if (value.includes('{$')) {
    const template = safeParseTemplate(value, { dialect, mode: 'text' })
    return template.ok
      ? { kind: 'template', template: template.value }
      : { kind: 'constant', value, looksLikeExpression: template.error }
  }
  return looksLikeExpression(value)
    ? { kind: 'constant', value, looksLikeExpression: expression.error }
    : { kind: 'constant', value }
}

const roots = ['$url', '$method', '$statusCode', '$request', '$response']

/** `$…` near one of the roots, or `request.…` without its dollar. */
function looksLikeExpression(text: string): boolean {
  if (/^(?:request|response)\.(?:header|query|path|body)\b/i.test(text)) return true
  const root = /^\$[A-Za-z]+/.exec(text)?.[0]
  return root !== undefined && roots.some((known) => withinTwoEdits(root.toLowerCase(), known.toLowerCase()))
}

/** Whether at most two characters must be added, removed or replaced (Levenshtein). */
function withinTwoEdits(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 2) return false
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return (row[b.length] ?? 0) <= 2
}

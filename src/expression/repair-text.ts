import type { ExpressionTemplate } from './ast.ts'
import { type ParseOptions, safeParseExpression, safeParseTemplate, type TemplateOptions } from './parse.ts'
import type { SyntaxProblem, TextEdit } from './problem.ts'
import { applyEdits } from './repair.ts'

/** What a text was probably meant to be. */
export interface Repair {
  /** The text with the edits made. */
  readonly text: string
  readonly edits: readonly TextEdit[]
  /** What is wrong with the text as it stands. Empty where it parses, but does not say what was meant. */
  readonly problems: readonly SyntaxProblem[]
  /** Whether the mended text parses. */
  readonly valid: boolean
}

export interface RepairOptions extends ParseOptions, TemplateOptions {
  /** What the text is. Default `template`: a callback's key, or what `mode` says. */
  readonly kind?: 'expression' | 'template'
}

/**
 * The edits for a broken text and, for a callback's key, also for one that parses as literal text though an expression was meant:
 * `http://$request.query.url`, `https://h/${$url}`, white space at its ends. `undefined`: there is nothing to mend, or no way known.
 */
export function repair(text: string, { kind = 'template', repair: _, ...options }: RepairOptions = {}): Repair | undefined {
  const parse = (source: string) =>
    kind === 'expression' ? safeParseExpression(source, options) : safeParseTemplate(source, options)
  const parsed = parse(text)
  const problems = parsed.ok ? [] : parsed.error.problems
  const isKey = kind === 'template' && (options.mode ?? 'callback-key') === 'callback-key' && options.dialect !== 'arazzo-1.1.0'
  const edits =
    parsed.ok && isKey && parsed.value.kind === 'expression-template'
      ? editsOfLiterals(text, parsed.value, options.delimiters === 'angle' ? ['<', '>'] : ['{', '}'])
      : problems.flatMap((problem) => problem.edits)
  if (edits.length === 0) return undefined
  const mended = applyEdits(text, edits)
  return mended === text ? undefined : { text: mended, edits, problems, valid: parse(mended).ok }
}

/** Expressions without delimiters in the literal text of a key, and white space around it. */
function editsOfLiterals(
  text: string,
  { parts, bare }: ExpressionTemplate,
  [open, close]: readonly [string, string],
): TextEdit[] {
  if (bare) return []
  const edits: TextEdit[] = []
  const start = text.length - text.trimStart().length
  const end = text.trimEnd().length
  if (start > 0) edits.push({ span: { start: 0, end: start }, text: '' })
  if (end < text.length) edits.push({ span: { start: end, end: text.length }, text: '' })
  for (const [index, part] of parts.entries()) {
    if (part.kind !== 'literal') continue
    // `${$request.body#/id}`: the dollar of another template language.
    if (part.text.endsWith('$') && parts[index + 1]?.kind === 'embedded-expression') {
      edits.push({ span: { start: part.span.end - 1, end: part.span.end }, text: '' })
    }
    // A name ends where the URL goes on; a pointer goes on to the query.
    const embedded =
      /(?<![{<])\$(?:(?:request|response)\.(?:body(?:#[^?&\s]*)?|(?:header|query|path)\.[^/?&#\s]+)|(?:url|method|statusCode)(?![\w-]))/gi
    for (const match of part.text.matchAll(embedded)) {
      const at = part.span.start + match.index
      edits.push(
        { span: { start: at, end: at }, text: open },
        { span: { start: at + match[0].length, end: at + match[0].length }, text: close },
      )
    }
  }
  return edits
}

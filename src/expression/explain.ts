import type { PartialExchange } from '../http/index.ts'
import { assertNever, err, ok, type Result } from '../util/index.ts'
import type { Delimiters, ExpressionTemplate, RuntimeExpression, Span, TemplatePart } from './ast.ts'
import { compileExpression } from './compile-expression.ts'
import { compileTemplate, describeTemplateFailure, type InterpolateOptions, type TemplateParameters } from './compile-template.ts'
import type { Dialect, TemplateMode } from './dialect.ts'
import { safeParseExpression, safeParseTemplate } from './parse.ts'
import type { ExpressionSyntaxError, SyntaxProblem } from './problem.ts'
import { applyEdits } from './repair.ts'
import { repair } from './repair-text.ts'
import { describeUnresolved } from './unresolved.ts'
import { wordsFor } from './words.ts'

export interface ExplainOptions {
  /** Without one, only what the text reads is told. */
  readonly exchange?: PartialExchange
  /** Default `oas3`. */
  readonly dialect?: Dialect
  /** Default: text that starts with `$` is one expression, other text a template (`callback-key`; `expression-string` in Arazzo 1.1). */
  readonly mode?: TemplateMode
  readonly delimiters?: Delimiters
  readonly interpolate?: InterpolateOptions
  /** Values for `{name}`. */
  readonly params?: TemplateParameters
}

/** An expression or template, part by part, in words. Plain JSON but for the values of the exchange. */
export interface Explanation {
  readonly text: string
  readonly kind: 'expression' | 'template'
  readonly dialect: Dialect
  readonly valid: boolean
  /** In order; of a broken text what was understood. */
  readonly parts: readonly ExplainedPart[]
  /** What is wrong with the text, ordered by offset. */
  readonly problems: readonly SyntaxProblem[]
  /** What was probably meant, where the text is broken, or parses as text though an expression was meant, and a repair is known. */
  readonly repaired?: string
  /** The value of the whole, or why it has none. Absent without an exchange, or where the text is broken. */
  readonly result?: Result<unknown, string>
}

export interface ExplainedPart {
  readonly kind: TemplatePart['kind']
  readonly text: string
  readonly span: Span
  /** What the part reads, or is. */
  readonly words: string
  /** Absent without an exchange, and for literal text. */
  readonly result?: Result<unknown, string>
}

/** Tells what a text reads and, with an exchange, which value each part has or exactly why it has none. Never throws. */
export function explain(text: string, options: ExplainOptions = {}): Explanation {
  const dialect = options.dialect ?? 'oas3'
  const single = options.mode === undefined && text.startsWith('$') && text !== '$ref'
  const head = { text, kind: single ? 'expression' : 'template', dialect } as const
  if (single) {
    const expression = safeParseExpression(text, { dialect })
    if (expression.ok) return { ...head, ...explainExpression(expression.value, text, options) }
    // A broken bare key may be a template that lacks a delimiter: the repair of a key knows that.
    const asKey = dialect === 'oas3' ? safeParseTemplate(text, { dialect, ...delimitersOf(options) }) : expression
    return { ...head, ...explainBroken(text, asKey.ok ? expression.error : asKey.error, options) }
  }
  const template = safeParseTemplate(text, { dialect, ...modeOf(options), ...delimitersOf(options) })
  if (!template.ok) return { ...head, ...explainBroken(text, template.error, options) }
  // It parses as literal text, though an expression was meant: `http://$request.query.url`.
  const meant = repair(text, { dialect, ...modeOf(options), ...delimitersOf(options) })
  return { ...head, ...explainTemplate(template.value, text, options), ...(meant === undefined ? {} : { repaired: meant.text }) }
}

type Explained = Omit<Explanation, 'text' | 'kind' | 'dialect'>

function explainExpression(expression: RuntimeExpression, text: string, options: ExplainOptions): Explained {
  const result = resultOf(expression, options)
  const part: ExplainedPart = {
    kind: 'embedded-expression',
    text,
    span: expression.span,
    words: wordsFor(expression),
    ...(result === undefined ? {} : { result }),
  }
  return { valid: true, parts: [part], problems: [], ...(result === undefined ? {} : { result }) }
}

function explainTemplate(template: ExpressionTemplate, text: string, options: ExplainOptions): Explained {
  const parts = template.parts.map((part) => explainPart(part, text, options))
  if (options.exchange === undefined) return { valid: true, parts, problems: [] }
  const whole = compileTemplate(template, options.interpolate ?? {})(options.exchange, options.params)
  return { valid: true, parts, problems: [], result: whole.ok ? whole : err(describeTemplateFailure(whole.error)) }
}

function explainBroken(text: string, error: ExpressionSyntaxError, options: ExplainOptions): Explained {
  const { partial, problems } = error
  const parts = partial?.kind === 'expression-template' ? partial.parts.map((part) => explainPart(part, text, options)) : []
  const repaired = applyEdits(
    text,
    problems.flatMap((problem) => problem.edits),
  )
  return { valid: false, parts, problems, ...(repaired === text ? {} : { repaired }) }
}

function explainPart(part: TemplatePart, text: string, options: ExplainOptions): ExplainedPart {
  const head = { kind: part.kind, text: text.slice(part.span.start, part.span.end), span: part.span }
  switch (part.kind) {
    case 'literal':
      return { ...head, words: 'text' }
    case 'path-parameter':
      return {
        ...head,
        words: `the path parameter ${JSON.stringify(part.name)} of the callback, given when it is sent`,
        ...given(part.name, options),
      }
    case 'embedded-expression': {
      const result = resultOf(part.expression, options)
      return { ...head, words: wordsFor(part.expression), ...(result === undefined ? {} : { result }) }
    }
    default:
      return assertNever(part)
  }
}

function resultOf(expression: RuntimeExpression, { exchange, interpolate }: ExplainOptions): Result<unknown, string> | undefined {
  if (exchange === undefined) return undefined
  const result = compileExpression(expression, interpolate ?? {})(exchange)
  return result.ok ? result : err(describeUnresolved(result.error))
}

function given(name: string, { exchange, params }: ExplainOptions): { readonly result?: Result<unknown, string> } {
  if (exchange === undefined) return {}
  const value = params !== undefined && Object.hasOwn(params, name) ? params[name] : undefined
  return { result: value === undefined ? err(`No value was given for the path parameter {${name}}.`) : ok(value) }
}

function modeOf({ mode }: ExplainOptions): { readonly mode?: TemplateMode } {
  return mode === undefined ? {} : { mode }
}

function delimitersOf({ delimiters }: ExplainOptions): { readonly delimiters?: Delimiters } {
  return delimiters === undefined ? {} : { delimiters }
}

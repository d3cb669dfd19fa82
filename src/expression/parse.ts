import { err, ok, type Result } from '../util/index.ts'
import type { Delimiters, ExpressionTemplate, RuntimeExpression } from './ast.ts'
import { type Dialect, dialects, type TemplateMode } from './dialect.ts'
import { type Finding, readExpression, readTemplate } from './grammar/index.ts'
import { messageOf } from './message.ts'
import { ExpressionSyntaxError, type SyntaxProblem } from './problem.ts'
import { applyEdits, editsAt, type Reading } from './repair.ts'
import { requireOneOf } from './require-one-of.ts'

export interface ParseOptions {
  /** Default `oas3`. */
  readonly dialect?: Dialect
  /** Read what was probably meant where the text is broken and the edits of its problems mend it. Spans then refer to the mended text. Default false. */
  readonly repair?: boolean
  /** Longer texts are refused unread. UTF-16 units; default 8192. */
  readonly maxLength?: number
}

export interface TemplateOptions extends ParseOptions {
  /** Default `callback-key`; `expression-string` for Arazzo 1.1. */
  readonly mode?: TemplateMode
  /** Default `braces`. */
  readonly delimiters?: Delimiters
}

/** Parses one expression without braces (OAS 3, "Runtime Expressions"). Throws {@link ExpressionSyntaxError}. */
export function parseExpression(text: string, options?: ParseOptions): RuntimeExpression {
  return valueOrThrow(safeParseExpression(text, options))
}

/** Parses one expression without braces (OAS 3, "Runtime Expressions"). */
export function safeParseExpression(text: string, options: ParseOptions = {}): Result<RuntimeExpression, ExpressionSyntaxError> {
  requireText(text)
  requireOneOf('dialect', options.dialect, dialects)
  const reading: Reading = { dialect: options.dialect ?? 'oas3' }
  const result = parseBare(text, reading, options.maxLength)
  return result.ok || options.repair !== true
    ? result
    : repaired(result, (mended) => parseBare(mended, reading, options.maxLength))
}

/** Parses a callback's key, or text with expressions embedded in it. Throws {@link ExpressionSyntaxError}. */
export function parseTemplate(text: string, options?: TemplateOptions): ExpressionTemplate {
  return valueOrThrow(safeParseTemplate(text, options))
}

/** Parses a callback's key (OAS 3, Callback Object, "Key Expression"), or text with expressions embedded in it. */
export function safeParseTemplate(
  text: string,
  options: TemplateOptions = {},
): Result<ExpressionTemplate, ExpressionSyntaxError> {
  requireText(text)
  requireOneOf('dialect', options.dialect, dialects)
  requireOneOf('mode', options.mode, ['callback-key', 'text', 'expression-string'])
  requireOneOf('delimiters', options.delimiters, ['braces', 'angle'])
  const dialect = options.dialect ?? 'oas3'
  const mode = options.mode ?? (dialect === 'arazzo-1.1.0' ? 'expression-string' : 'callback-key')
  const template = { mode, delimiters: options.delimiters ?? 'braces' }
  const parse = (source: string): Result<ExpressionTemplate, ExpressionSyntaxError> =>
    mode === 'callback-key'
      ? parseKey(source, { dialect, template }, options.maxLength)
      : parseText(source, { dialect, template }, options.maxLength)
  const result = parse(text)
  return result.ok || options.repair !== true ? result : repaired(result, parse)
}

type TemplateReading = Reading & Required<Pick<Reading, 'template'>>

function parseBare(text: string, reading: Reading, maxLength?: number): Result<RuntimeExpression, ExpressionSyntaxError> {
  const tooLong = lengthProblem(text, maxLength)
  if (tooLong !== undefined) return err(tooLong)
  const { tree, findings } = readExpression(text, reading.dialect)
  return tree !== undefined && findings.length === 0 ? ok(tree) : err(syntaxError(text, findings, reading, tree))
}

function parseKey(text: string, reading: TemplateReading, maxLength?: number): Result<ExpressionTemplate, ExpressionSyntaxError> {
  const whole = { start: 0, end: text.length }
  if (text === '') return err(syntaxError(text, [{ code: 'empty', ...whole, expected: [] }], reading))
  if (text === '$ref') return err(syntaxError(text, [{ code: 'reserved-key', ...whole, expected: [] }], reading))
  if (text.startsWith('x-')) return err(syntaxError(text, [{ code: 'extension-key', ...whole, expected: [] }], reading))
  if (!text.startsWith('$')) return parseText(text, reading, maxLength)
  const bare = parseBare(text, reading, maxLength)
  if (!bare.ok) return bare
  return ok({
    kind: 'expression-template',
    parts: [{ kind: 'embedded-expression', expression: bare.value, span: whole }],
    bare: true,
    delimiters: reading.template.delimiters,
    span: whole,
  })
}

function parseText(
  text: string,
  reading: TemplateReading,
  maxLength?: number,
): Result<ExpressionTemplate, ExpressionSyntaxError> {
  const tooLong = lengthProblem(text, maxLength)
  if (tooLong !== undefined) return err(tooLong)
  const { mode, delimiters } = reading.template
  const { tree, findings } = readTemplate(text, reading.dialect, mode, delimiters)
  return findings.length === 0 ? ok(tree) : err(syntaxError(text, findings, reading, tree))
}

function syntaxError(
  text: string,
  findings: readonly Finding[],
  reading: Reading,
  partial?: RuntimeExpression | ExpressionTemplate,
): ExpressionSyntaxError {
  const problems = findings.map(
    ({ code, start, end, expected }): SyntaxProblem => ({
      code,
      span: { start, end },
      message: messageOf(code, text, start, end, expected),
      expected,
      edits: editsAt(text, start, reading),
    }),
  )
  return new ExpressionSyntaxError(text, problems as [SyntaxProblem, ...SyntaxProblem[]], partial)
}

const defaultMaxLength = 8192

function lengthProblem(text: string, maxLength = defaultMaxLength): ExpressionSyntaxError | undefined {
  if (text.length <= maxLength) return undefined
  const span = { start: maxLength, end: text.length }
  const message = `The text has ${text.length} characters, but at most ${maxLength} are read: pass maxLength for more.`
  return new ExpressionSyntaxError(text, [{ code: 'too-long', span, message, expected: [], edits: [] }])
}

function repaired<T>(
  result: Result<T, ExpressionSyntaxError>,
  parse: (text: string) => Result<T, ExpressionSyntaxError>,
): Result<T, ExpressionSyntaxError> {
  if (result.ok) return result
  const edits = result.error.problems.flatMap((problem) => problem.edits)
  if (edits.length === 0) return result
  const second = parse(applyEdits(result.error.text, edits))
  return second.ok ? second : result
}

function valueOrThrow<T>(result: Result<T, ExpressionSyntaxError>): T {
  if (result.ok) return result.value
  throw result.error
}

function requireText(text: unknown): asserts text is string {
  if (typeof text !== 'string') throw new TypeError(`Expected a string to parse but got ${text === null ? 'null' : typeof text}.`)
}

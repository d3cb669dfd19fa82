import type { PartialExchange } from 'ringback'
import {
  applyEdits,
  type Delimiters,
  type Dialect,
  evaluate,
  interpolate,
  safeParseExpression,
  safeParseTemplate,
  type TemplateMode,
  type TemplateParameters,
} from 'ringback/expression'
import { treeOfExpression, treeOfTemplate } from './tree.ts'

/** A row of an expression file; test/fixtures/conformance/README.md says what each member means. */
export interface ExpressionRow {
  readonly id: string
  readonly dialect: string
  readonly version?: string
  readonly kind: 'expression' | 'template' | 'evaluate'
  readonly form?: 'expression' | 'template'
  readonly mode?: TemplateMode
  readonly delimiters?: Delimiters
  readonly input: string
  readonly valid?: boolean
  readonly error?: string
  readonly errorAt?: number
  readonly fix?: string
  readonly ast?: unknown
  readonly context?: PartialExchange
  readonly contextJson?: string
  readonly options?: { readonly encode?: 'none' | 'url'; readonly params?: TemplateParameters }
  readonly value?: unknown
  readonly missing?: true
}

/** The members that are compared, as the row wants them and as they came out. */
export interface Outcome {
  readonly expected: Readonly<Record<string, unknown>>
  readonly got: Readonly<Record<string, unknown>>
}

export function runExpressionRow(row: ExpressionRow): Outcome {
  requireShape(row)
  return row.kind === 'evaluate' ? runEvaluation(row) : runParse(row)
}

/** A member with a value that the format does not have makes a row of another format. */
function requireShape({ id, kind, form, mode, options, input, valid }: ExpressionRow): void {
  const known =
    typeof input === 'string' &&
    [undefined, 'callback-key', 'text', 'expression-string'].includes(mode) &&
    [undefined, 'none', 'url'].includes(options?.encode) &&
    (kind === 'evaluate' ? form === 'expression' || form === 'template' : typeof valid === 'boolean')
  if (!known) throw new TypeError(`Row ${id}: a member has a value that test/fixtures/conformance/README.md does not know.`)
}

function runParse(row: ExpressionRow): Outcome {
  const { valid, error, errorAt, fix, ast } = row
  const result =
    row.kind === 'expression'
      ? mapped(safeParseExpression(row.input, { dialect: dialectOf(row) }), treeOfExpression)
      : mapped(safeParseTemplate(row.input, { dialect: dialectOf(row), ...templateOptions(row) }), treeOfTemplate)
  if (valid === true)
    return { expected: { valid, ast }, got: result.ok ? { valid: true, ast: result.value } : wrong(row, result.error, false) }
  return {
    expected: { valid, error, errorAt, ...(fix === undefined ? {} : { fix }) },
    got: result.ok ? { valid: true, ast: result.value } : wrong(row, result.error, fix !== undefined),
  }
}

function wrong(row: ExpressionRow, error: ParseError, withFix: boolean): Record<string, unknown> {
  const [first] = error.problems
  const edits = error.problems.flatMap((problem) => problem.edits)
  return { valid: false, error: first.code, errorAt: first.span.start, ...(withFix ? { fix: applyEdits(row.input, edits) } : {}) }
}

function runEvaluation(row: ExpressionRow): Outcome {
  const context = (row.contextJson === undefined ? row.context : JSON.parse(row.contextJson)) as PartialExchange
  const expected = Object.hasOwn(row, 'value')
    ? { value: row.value }
    : row.missing === true
      ? { missing: true }
      : { error: row.error }
  if (row.form === 'expression') {
    const parsed = safeParseExpression(row.input, { dialect: dialectOf(row) })
    if (!parsed.ok) return { expected, got: wrong(row, parsed.error, false) }
    const result = evaluate(parsed.value, context)
    return { expected, got: result.ok ? { value: result.value } : { missing: true } }
  }
  const parsed = safeParseTemplate(row.input, { dialect: dialectOf(row), ...templateOptions(row) })
  if (!parsed.ok) return { expected, got: wrong(row, parsed.error, false) }
  const result = interpolate(parsed.value, context, row.options ?? {})
  return { expected, got: result.ok ? { value: result.value } : { error: result.error.reason } }
}

type ParseError = Extract<ReturnType<typeof safeParseTemplate>, { ok: false }>['error']

function mapped<T, U, E>(
  result: { ok: true; value: T } | { ok: false; error: E },
  map: (value: T) => U,
): { ok: true; value: U } | { ok: false; error: E } {
  return result.ok ? { ok: true, value: map(result.value) } : result
}

function templateOptions({ mode, delimiters }: ExpressionRow): { mode?: TemplateMode; delimiters?: Delimiters } {
  return { ...(mode === undefined ? {} : { mode }), ...(delimiters === undefined ? {} : { delimiters }) }
}

function dialectOf({ id, dialect, version }: ExpressionRow): Dialect {
  if (/^oas3(?:\.\d+)*$/.test(dialect)) return 'oas3'
  if (dialect === 'draft2017') return 'draft2017'
  if (dialect === 'arazzo1') {
    if (version === '1.0.0' || version === '1.0.1' || version === '1.1.0') return `arazzo-${version}`
  } else if (dialect === 'asyncapi' && version !== undefined) {
    return version === '2.0.0' ? 'asyncapi-2.0.0' : 'asyncapi'
  }
  throw new TypeError(`Row ${id}: unknown dialect ${JSON.stringify(dialect)} ${version ?? 'without version'}.`)
}

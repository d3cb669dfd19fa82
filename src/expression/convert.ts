import { err, ok, type Result } from '../util/index.ts'
import type { JsonPointer, RuntimeExpression, Source } from './ast.ts'
import type { Dialect } from './dialect.ts'
import { type ParseOptions, safeParseExpression } from './parse.ts'
import { print } from './print.ts'

/** Why an expression cannot be said in another dialect. */
export interface ConversionProblem {
  readonly reason: 'no-such-root' | 'no-such-source' | 'not-sayable'
  readonly message: string
}

/**
 * Says an expression in another dialect: the draft of 2017 in `oas3` and back, OAS in Arazzo and back. What a dialect has no words for is a
 * problem, never dropped. Spans of the result refer to its own text (`print`).
 */
export function convertExpression(
  expression: RuntimeExpression,
  { to }: { readonly to: Dialect },
): Result<RuntimeExpression, ConversionProblem> {
  const rewritten = rewrite(expression, to)
  if (!rewritten.ok) return rewritten
  const text = print(rewritten.value)
  const options: ParseOptions = { dialect: to, maxLength: Number.POSITIVE_INFINITY }
  const parsed = safeParseExpression(text, options)
  if (parsed.ok) return parsed
  const { problems } = parsed.error
  const reason =
    problems[0].code === 'unknown-root'
      ? 'no-such-root'
      : problems[0].code === 'unknown-source'
        ? 'no-such-source'
        : 'not-sayable'
  return err({ reason, message: `${text} cannot be said in ${to}. ${problems[0].message}` })
}

function rewrite(expression: RuntimeExpression, to: Dialect): Result<RuntimeExpression, ConversionProblem> {
  if (expression.kind !== 'request' && expression.kind !== 'response') return ok(expression)
  const source = to === 'draft2017' ? draftSource(expression.source) : pointerSource(expression.source)
  return source.ok ? ok({ ...expression, source: source.value }) : source
}

/** `body.a[0]` → `body#/a/0` */
function pointerSource(source: Source): Result<Source, ConversionProblem> {
  if (source.kind !== 'draft-body-reference') return ok(source)
  const { span, path } = source
  if (path.length === 0) return ok({ kind: 'body-reference', span })
  const pointer: JsonPointer = { kind: 'json-pointer', tokens: path.map(String), span }
  return ok({ kind: 'body-reference', pointer, span })
}

/** `body#/a/0` → `body.a[0]` */
function draftSource(source: Source): Result<Source, ConversionProblem> {
  if (source.kind !== 'body-reference') return ok(source)
  const tokens = source.pointer?.tokens ?? []
  const unsayable = tokens.find((token) => token === '' || /[.[]/.test(token))
  if (unsayable !== undefined) {
    const member = JSON.stringify(unsayable)
    return err({
      reason: 'not-sayable',
      message: `draft2017 has no way to name the member ${member}: names there are not empty and hold no "." or "[".`,
    })
  }
  const path = tokens.map((token) => (/^(?:0|[1-9]\d{0,14})$/.test(token) ? Number(token) : token))
  const raw = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${JSON.stringify(step).slice(1, -1)}`)).join('')
  return ok({ kind: 'draft-body-reference', path, raw, span: source.span })
}

import {
  type ExpressionTemplate,
  type Reads,
  reads,
  repair,
  safeParseTemplate,
  type TemplateFailure,
} from '../expression/index.ts'
import { type TargetConstraint, targetConstraintOf } from '../http/index.ts'
import type { OpenApiDescription } from '../openapi/index.ts'
import { err, ok, type Result } from '../util/index.ts'
import type { BrokenKey } from './callback-target.ts'

/** The key of a Callback Object, read once. */
export type ParsedKey = Result<
  KeyTemplate,
  {
    readonly broken: BrokenKey
    /** What was probably meant. */
    readonly repaired: KeyTemplate | undefined
  }
>

export interface KeyTemplate {
  readonly text: string
  readonly template: ExpressionTemplate
  readonly constraint: TargetConstraint
  readonly fixesSomething: boolean
  readonly reads: Reads
  readonly readsResponse: boolean
  /** The first part that has no value in any exchange, such as a query parameter of a response. */
  readonly neverResolves: TemplateFailure | undefined
}

const parsedKeys = new WeakMap<OpenApiDescription, Map<string, ParsedKey>>()

/** Each text once per description, however many callbacks have it for a key. */
export function parsedKeyOf(description: OpenApiDescription, key: string): ParsedKey {
  let known = parsedKeys.get(description)
  if (known === undefined) {
    known = new Map()
    parsedKeys.set(description, known)
  }
  let parsed = known.get(key)
  if (parsed === undefined) {
    parsed = parseKey(key)
    known.set(key, parsed)
  }
  return parsed
}

export function parseKey(key: string): ParsedKey {
  const parsed = safeParseTemplate(key)
  if (parsed.ok && !parsed.value.parts.some((part) => part.kind === 'literal' && part.text.includes('$'))) {
    return ok(keyTemplate(key, parsed.value))
  }
  const mend = repair(key)
  if (parsed.ok && (mend === undefined || mend.text === key.trim())) return ok(keyTemplate(key, parsed.value))
  const mended = mend?.valid ? safeParseTemplate(mend.text) : undefined
  const repaired = mended?.ok && mend !== undefined ? keyTemplate(mend.text, mended.value) : undefined
  // Such as `http://$request.query.url`: text by the grammar, and a host that nobody has.
  const what = parsed.ok
    ? 'The key holds an expression without braces, which is text and no part of a URL.'
    : parsed.error.message
  const hint = repaired === undefined ? '' : ` Did you mean ${JSON.stringify(repaired.text)}?`
  const broken: BrokenKey = {
    reason: 'bad-syntax',
    message: `${what}${hint}`,
    problems: parsed.ok ? [] : parsed.error.problems,
    ...(repaired === undefined || mend === undefined ? {} : { repair: { text: mend.text, edits: mend.edits } }),
  }
  return err({ broken, repaired })
}

function keyTemplate(text: string, template: ExpressionTemplate): KeyTemplate {
  const parts = template.parts.map((part) =>
    part.kind === 'literal' ? { kind: 'literal' as const, text: part.text } : { kind: 'hole' as const },
  )
  const constraint = targetConstraintOf(parts)
  const read = reads(template)
  const { status, headers, body } = read.response
  return {
    text,
    template,
    constraint,
    fixesSomething: constraint.scheme !== undefined || constraint.authority !== undefined,
    reads: read,
    readsResponse: status || body || headers.length > 0,
    neverResolves: neverResolving(template),
  }
}

function neverResolving({ parts }: ExpressionTemplate): TemplateFailure | undefined {
  for (const part of parts) {
    if (part.kind !== 'embedded-expression' || part.expression.kind !== 'response') continue
    const { kind } = part.expression.source
    if (kind !== 'query-reference' && kind !== 'path-reference') continue
    const location = kind === 'query-reference' ? 'query' : 'path'
    return { reason: 'missing', because: { reason: 'response-has-no-parameters', in: location }, span: part.span }
  }
  return undefined
}

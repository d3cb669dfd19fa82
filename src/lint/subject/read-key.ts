import { type ExpressionTemplate, repair, type SyntaxProblem, safeParseTemplate, type TextEdit } from '../../expression/index.ts'
import type { Callback, CallbackKey, Located } from '../../openapi/index.ts'
import { memo } from '../../util/index.ts'
import type { KeySubject } from './subject.ts'
import { usesOf } from './uses.ts'

export interface KeyPlace {
  readonly at: Located
  readonly text: string
  readonly callback?: Callback | undefined
  readonly member?: CallbackKey | undefined
}

/** Parses a key, or mends it, and looks up what its expressions read. */
export function readKey({ at, text, callback, member }: KeyPlace): KeySubject {
  const reading = understood(text)
  const subject = {
    kind: 'key' as const,
    in: 'key' as const,
    at,
    text,
    callback,
    member,
    operation: callback?.operation,
    pathItem: member?.pathItem,
    ...reading,
    uses: [],
  }
  const operation = callback?.operation
  return { ...subject, uses: usesOf(subject, operation && { operation }) }
}

interface Understood {
  readonly problems: readonly SyntaxProblem[]
  readonly mended: { readonly text: string; readonly edits: readonly TextEdit[] } | undefined
  readonly template: ExpressionTemplate | undefined
  readonly angle: boolean
}

// Descriptions say the same key many times: 3GPP's, and those that are generated.
const understood = memo(understand, 1_000)

function understand(text: string): Understood {
  const parsed = safeParseTemplate(text)
  const angle = parsed.ok ? angleTemplate(text, parsed.value) : undefined
  if (angle !== undefined) return { problems: [], mended: angle, template: parseOrNothing(angle.text), angle: true }
  const mended = parsed.ok ? (withoutDollar(text) ?? repair(text)) : (withoutSpaceAtEnd(text) ?? repair(text))
  if (parsed.ok && mended === undefined) return { problems: [], mended: undefined, template: parsed.value, angle: false }
  const template = mended === undefined ? undefined : parseOrNothing(mended.text)
  return {
    problems: parsed.ok ? [] : parsed.error.problems,
    mended: template === undefined ? undefined : mended,
    template: template ?? (parsed.ok ? parsed.value : undefined),
    angle: false,
  }
}

function parseOrNothing(text: string): ExpressionTemplate | undefined {
  const parsed = safeParseTemplate(text)
  return parsed.ok ? parsed.value : undefined
}

/** `<$request.body#/url>`: to braces. Only where there is an expression inside; `<id>` alone may be anything. */
function angleTemplate(
  text: string,
  literal: ExpressionTemplate,
): { readonly text: string; readonly edits: readonly TextEdit[] } | undefined {
  const both = bracketsInBraces(text)
  if (both !== undefined) return both
  if (!text.includes('<') || literal.parts.some(({ kind }) => kind !== 'literal')) return undefined
  const parsed = safeParseTemplate(text, { delimiters: 'angle' })
  if (!parsed.ok || !parsed.value.parts.some(({ kind }) => kind === 'embedded-expression')) return undefined
  const edits = parsed.value.parts.flatMap(({ kind, span }) =>
    kind === 'literal'
      ? []
      : [
          { span: { start: span.start, end: span.start + 1 }, text: '{' },
          { span: { start: span.end - 1, end: span.end }, text: '}' },
        ],
  )
  return { text: edited(text, edits), edits }
}

/** `{<$request.body#/url>}`: the braces are enough. */
function bracketsInBraces(text: string): { readonly text: string; readonly edits: readonly TextEdit[] } | undefined {
  const edits = [...text.matchAll(/\{<(\$[^<>{}]*)>\}/g)].flatMap(({ index, 1: inside = '' }) => [
    { span: { start: index + 1, end: index + 2 }, text: '' },
    { span: { start: index + 2 + inside.length, end: index + 3 + inside.length }, text: '' },
  ])
  const mended = edited(text, edits)
  return edits.length > 0 && parseOrNothing(mended) !== undefined ? { text: mended, edits } : undefined
}

/** An expression that is not closed may end with a space by the grammar; at the end of a key it is none of it. */
function withoutSpaceAtEnd(text: string): { readonly text: string; readonly edits: readonly TextEdit[] } | undefined {
  const trimmed = text.trimEnd()
  if (trimmed === text) return undefined
  const mended = repair(trimmed)
  if (mended?.valid !== true) return undefined
  return { text: mended.text, edits: [{ span: { start: 0, end: text.length }, text: mended.text }] }
}

/** `request.body#/url` as a whole key is literal text for the grammar. */
function withoutDollar(text: string): { readonly text: string; readonly edits: readonly TextEdit[] } | undefined {
  if (!/^(?:request|response)\.(?:body|header|query|path)\b/i.test(text.trim())) return undefined
  const start = text.search(/\S/)
  const mended = `$${text.trim()}`
  const asKey = repair(mended) ?? { text: mended, edits: [] }
  if (parseOrNothing(asKey.text) === undefined) return undefined
  if (asKey.text !== mended) return { text: asKey.text, edits: [{ span: { start: 0, end: text.length }, text: asKey.text }] }
  const edits: TextEdit[] = [{ span: { start: 0, end: start }, text: '$' }]
  const end = text.trimEnd().length
  if (end < text.length) edits.push({ span: { start: end, end: text.length }, text: '' })
  return { text: mended, edits }
}

function edited(text: string, edits: readonly TextEdit[]): string {
  let result = ''
  let at = 0
  for (const { span, text: inserted } of edits) {
    result += text.slice(at, span.start) + inserted
    at = span.end
  }
  return result + text.slice(at)
}

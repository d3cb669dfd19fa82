import { safeParseExpression } from '../../expression/index.ts'
import type { Finding, Rule } from '../rule.ts'
import type { ExpressionUse, KeySubject } from '../subject/index.ts'
import { fileEdits, isCertain, resolve } from '../subject/index.ts'
import { inText, inUse, replaceUse, wholeWith } from './support.ts'

/** `{ $url }`, `$request.body #/url`, a key with a space at its end: spaces are part of the text, not ignored. */
export const whitespaceInKey: Rule = {
  name: 'whitespace-in-key',
  summary: 'White space stands where an expression or a URL cannot have it.',
  group: 'syntax',
  severity: 'error',
  fixable: true,
  syntax: ({ code, rest }) =>
    code === 'whitespace-in-braces' || (code === 'expected-hash' && /^\s/.test(rest))
      ? { message: 'White space cannot stand inside an expression.' }
      : undefined,
  *key(key) {
    yield* around(key)
    yield* inUrl(key)
  },
  *use(use) {
    yield* atEnd(use)
  },
}

function* around(key: KeySubject): Iterable<Finding> {
  const { text, mended } = key
  if (key.problems.length > 0 || mended === undefined || /^\s*(?:request|response)\./i.test(text)) return
  for (const { span, text: inserted } of mended.edits) {
    if (inserted !== '' || text.slice(span.start, span.end).trim() !== '') continue
    // A key of one expression is certain when it resolves; around a literal URL white space never means anything.
    const certain = key.uses.length === 0 || isCertain(key)
    yield inText(key, `White space at the ${span.start === 0 ? 'beginning' : 'end'} of a callback key is part of the URL.`, {
      ...span,
      suggestion: mended.text,
      fix: certain ? fileEdits(key, mended.edits) : undefined,
    })
  }
}

/** `https://example.com/a b/{$url}`: it is sent as `%20`, if at all. What is no URL otherwise is told of by other rules. */
function* inUrl(key: KeySubject): Iterable<Finding> {
  const { problems, mended, template, text } = key
  if (problems.length > 0 || mended !== undefined || template === undefined || template.parts.length < 2) return
  const [first] = template.parts
  if (first?.kind === 'path-parameter' || (first?.kind === 'literal' && !/^https?:\/\//i.test(first.text))) return
  for (const { kind, span } of template.parts) {
    const space = kind === 'literal' ? /\s+/.exec(text.slice(span.start, span.end)) : null
    if (space === null) continue
    const start = span.start + space.index
    yield inText(key, 'White space cannot stand in a URL.', {
      start,
      end: start + space[0].length,
      severity: 'warning',
    })
  }
}

/** A name or a pointer may end with a space by the grammar. It is a slip if only what stands before the space exists. */
function* atEnd(use: ExpressionUse): Iterable<Finding> {
  const { text, resolution, subject } = use
  if (!/\s$/.test(text) || subject.operation === undefined || subject.mended !== undefined) return
  if (resolution?.kind !== 'missing' && resolution?.kind !== 'undeclared') return
  const trimmed = text.trimEnd()
  const parsed = safeParseExpression(trimmed)
  if (!parsed.ok) return
  const response = subject.kind === 'link-value' ? subject.link.response : undefined
  const found = resolve(parsed.value, { operation: subject.operation, response })?.kind === 'found'
  yield inUse(use, 'The white space at the end is part of the name that is looked for.', {
    start: trimmed.length,
    end: text.length,
    ...(found ? replaceUse(use, trimmed) : { suggestion: wholeWith(use, trimmed) }),
  })
}

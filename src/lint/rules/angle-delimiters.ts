import type { Rule } from '../rule.ts'
import { fileEdits, isCertain } from '../subject/index.ts'
import { inText, quoted } from './support.ts'

/** `<$request.body#/url>` for `{$request.body#/url}`. */
export const angleDelimiters: Rule = {
  name: 'angle-delimiters',
  summary: 'An expression stands in angle brackets instead of braces.',
  group: 'syntax',
  severity: 'warning',
  fixable: true,
  *key(key) {
    const { mended } = key
    if (!key.angle || mended === undefined) return
    yield inText(key, `Expressions are put into a URL with braces, not with angle brackets: expected ${quoted(mended.text)}.`, {
      start: mended.edits[0]?.span.start ?? 0,
      end: mended.edits.at(-1)?.span.end ?? key.text.length,
      suggestion: mended.text,
      fix: isCertain(key) ? fileEdits(key, mended.edits) : undefined,
    })
  },
}

import type { Rule } from '../rule.ts'
import { fileEdits, isCertain, isMeantAsExpression } from '../subject/index.ts'
import { inText, quoted } from './support.ts'

/** `response.body#/id` in a link is a constant, and passed as it stands. */
export const looksLikeExpression: Rule = {
  name: 'looks-like-expression',
  summary: 'A constant in a link looks as if an expression was meant.',
  group: 'links',
  severity: 'warning',
  fixable: true,
  *link({ values }) {
    for (const value of values) {
      if (!value.looksLikeExpression || isMeantAsExpression(value)) continue
      const meant = value.mended === undefined ? '' : ` Did you mean ${quoted(value.mended.text)}?`
      yield inText(value, `This is no expression, so the text itself is passed.${meant}`, {
        start: 0,
        end: value.text.length,
        ...(value.mended === undefined ? {} : { suggestion: value.mended.text }),
        fix: isCertain(value) && value.mended !== undefined ? fileEdits(value, value.mended.edits) : undefined,
      })
    }
  },
}

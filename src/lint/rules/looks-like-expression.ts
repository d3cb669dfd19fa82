import type { Rule } from '../rule.ts'
import { fileEdits, guesses, isCertain, isMeantAsExpression } from '../subject/index.ts'
import { didYouMean, inText } from './support.ts'

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
      const { operation, link, mended, text } = value
      const meant = mended === undefined ? guesses(text, operation, link.response) : [mended.text]
      const [first] = meant
      yield inText(value, `This is no expression, so the text itself is passed.${didYouMean(meant)}`, {
        start: 0,
        end: text.length,
        ...(first === undefined ? {} : { suggestion: first }),
        fix: isCertain(value) && mended !== undefined ? fileEdits(value, mended.edits) : undefined,
      })
    }
  },
}

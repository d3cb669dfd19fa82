import type { Finding, Rule } from '../rule.ts'
import {
  fileEdits,
  guesses,
  isCertain,
  isMeantAsExpression,
  type LinkValueSubject,
  leadsSomewhere,
  parsed,
} from '../subject/index.ts'
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
      if (!value.looksLikeExpression) yield* disguised(value)
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

/** An expression in what others write around it, or without the name of its message. */
function* disguised(value: LinkValueSubject): Iterable<Finding> {
  const { text, uses, operation, link } = value
  // `{$response.body#/id}` is one, with text around it or not.
  if (uses.length > 0 && !text.startsWith('{{')) return
  const leads = (one: string): boolean => operation !== undefined && leadsSomewhere(one, operation, link.response)
  const inside = /^[\s{<$("'`]*((?:request|response)\.(?:body|header|query|path)\b[^\s{}<>()"'`]*)[\s}>)"'`]*$/i.exec(text)?.[1]
  const whole = inside === undefined ? undefined : parsed(`$${inside}`)
  const [, before = '', bare = ''] =
    /^(\S*[^\s\w$])(\$(?:request|response)\.(?:body#\/|header\.|query\.|path\.)[^\s{}<>"']+)/.exec(text) ?? []
  const isBare = inside === undefined && bare !== '' && leads(bare)
  const meant = isBare
    ? [`${before}{${bare}}${text.slice(before.length + bare.length)}`]
    : whole !== undefined
      ? [whole]
      : // `$.id` alone may be a JSONPath for the one who gets it.
        /^\$body[.[#/]/.test(text)
        ? ['$response.', '$request.'].flatMap((message) => parsed(message + text.slice(1)) ?? []).filter(leads)
        : []
  const [first] = meant
  if (first === undefined) return
  const span = { start: 0, end: text.length }
  yield inText(value, `This is no expression, so the text itself is passed.${didYouMean(meant)}`, {
    ...span,
    suggestion: first,
    fix: first === whole && leads(whole) ? fileEdits(value, [{ span, text: whole }]) : undefined,
  })
}

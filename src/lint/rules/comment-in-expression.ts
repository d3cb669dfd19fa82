import { safeParseExpression } from '../../expression/index.ts'
import { rangeOf, valueStyleOf } from '../../openapi/index.ts'
import type { Rule } from '../rule.ts'
import { quotingEdits, resolve } from '../subject/index.ts'
import { quoted } from './support.ts'

/** `petId: $response.body #/id`: what follows the space is a comment for YAML. */
export const commentInExpression: Rule = {
  name: 'comment-in-expression',
  summary: 'Part of an expression is a YAML comment, because of the space before its "#".',
  group: 'syntax',
  severity: 'error',
  fixable: true,
  *link({ values }) {
    for (const value of values) {
      const range = rangeOf(value.at)
      const source = value.at.file.source?.text
      if (range === undefined || source === undefined || valueStyleOf(value.at) !== 'plain' || !value.text.endsWith('.body'))
        continue
      const comment = /^[ \t]+(#\/\S*)/.exec(source.slice(range.end.offset, range.end.offset + 1000))
      if (comment === null) continue
      const whole = value.text + comment[1]
      const parsed = safeParseExpression(whole)
      const { operation, link } = value
      const found =
        parsed.ok && operation !== undefined && resolve(parsed.value, { operation, response: link.response })?.kind === 'found'
      const end = range.end.offset + comment[0].length
      yield {
        place: { in: 'text', at: value.at, start: end - (comment[1]?.length ?? 0), end },
        message: `For YAML this is a comment, because of the space before it: the value is only ${quoted(value.text)}.`,
        expression: whole,
        suggestion: whole,
        fix: found ? quotingEdits({ ...value, text: whole })?.map((edit) => ({ ...edit, end })) : undefined,
      }
    }
  },
}

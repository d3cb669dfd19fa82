import type { Rule } from '../rule.ts'
import { fileEdits, isCertain } from '../subject/index.ts'
import { inText } from './support.ts'

/** `{request.body#/url}` for `{$request.body#/url}`: the commonest defect of published documents. */
export const noDollar: Rule = {
  name: 'no-dollar',
  summary: 'An expression lacks the "$" it starts with.',
  group: 'syntax',
  severity: 'error',
  fixable: true,
  syntax: ({ code }) =>
    code === 'missing-dollar' || code === 'expected-dollar'
      ? { message: 'An expression starts with "$", which is missing here.' }
      : undefined,
  *key(key) {
    // Without braces either, the grammar takes it for the text of a URL.
    if (key.problems.length > 0 || key.mended === undefined || !/^\s*(?:request|response)\./i.test(key.text)) return
    const start = key.text.search(/\S/)
    yield inText(key, 'An expression starts with "$", which is missing here.', {
      start,
      suggestion: key.mended.text,
      fix: isCertain(key) ? fileEdits(key, key.mended.edits) : undefined,
    })
  },
}

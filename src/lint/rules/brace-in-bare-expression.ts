import type { Rule } from '../rule.ts'
import { inUse } from './support.ts'

/** `$request.body#/a{b}` is legal as a whole key, and cannot be written with braces around it. */
export const braceInBareExpression: Rule = {
  name: 'brace-in-bare-expression',
  summary: 'A name or pointer in an expression without braces has a brace in it.',
  group: 'syntax',
  severity: 'info',
  strict: 'warning',
  fixable: false,
  *use(use) {
    const brace = use.text.search(/[{}]/)
    if (brace === -1 || use.subject.template?.bare !== true) return
    yield inUse(use, 'This brace is part of the name that is looked for, because the expression has no braces around it.', {
      start: brace,
      end: brace + 1,
    })
  },
}

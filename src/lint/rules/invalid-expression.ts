import type { Rule } from '../rule.ts'

/** Every defect of the grammar that no other rule speaks of. Last in the list. */
export const invalidExpression: Rule = {
  name: 'invalid-expression',
  summary: 'A key or a value of a link is no runtime expression, for a reason that has no rule of its own.',
  group: 'syntax',
  severity: 'error',
  fixable: false,
  syntax: ({ message }) => ({ message: message.replace(/ at offset \d+ of "[\s\S]*"\.$/, '.') }),
}

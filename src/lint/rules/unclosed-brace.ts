import type { Rule } from '../rule.ts'

/** `{$request.body#/url`: the closing brace is missing. */
export const unclosedBrace: Rule = {
  name: 'unclosed-brace',
  summary: 'A brace is opened and never closed.',
  group: 'syntax',
  severity: 'error',
  fixable: true,
  syntax: ({ code }) =>
    code === 'unclosed-expression' || code === 'unclosed-brace'
      ? { message: 'This brace is never closed: expected "}".' }
      : undefined,
}

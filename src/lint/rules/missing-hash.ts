import type { Rule } from '../rule.ts'

/** `$request.body/url` for `$request.body#/url`. */
export const missingHash: Rule = {
  name: 'missing-hash',
  summary: 'The "#" between "body" and its JSON Pointer is missing, or something else stands there.',
  group: 'syntax',
  severity: 'error',
  fixable: true,
  syntax: ({ code, rest }) =>
    code === 'expected-hash' && !/^(?:\.[^#/]|\[|\s)/.test(rest)
      ? { message: 'Expected the end of the expression, or "#" and a JSON Pointer, after "body".' }
      : undefined,
}

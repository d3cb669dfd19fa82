import type { Rule } from '../rule.ts'

/** `$request.body#url` for `$request.body#/url`. */
export const missingSlashAfterHash: Rule = {
  name: 'missing-slash-after-hash',
  summary: 'A JSON Pointer does not start with "/".',
  group: 'syntax',
  severity: 'error',
  fixable: true,
  syntax: ({ code }) =>
    code === 'pointer-must-start-with-slash' ? { message: 'A JSON Pointer starts with "/", which is missing here.' } : undefined,
}

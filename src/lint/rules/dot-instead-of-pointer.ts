import type { Rule } from '../rule.ts'

/** `$request.body.url`, `$request.body[0]`: the notation of other languages, and of the draft of 2017. */
export const dotInsteadOfPointer: Rule = {
  name: 'dot-instead-of-pointer',
  summary: 'A body is looked into with dots or brackets instead of a JSON Pointer.',
  group: 'syntax',
  severity: 'error',
  fixable: true,
  syntax: ({ code, rest }) =>
    code === 'expected-hash' && /^(?:\.[^#/]|\[)/.test(rest)
      ? { message: 'A body is looked into with "#" and a JSON Pointer, not with dots or brackets.' }
      : undefined,
}

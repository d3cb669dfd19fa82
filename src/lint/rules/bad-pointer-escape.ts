import type { Rule } from '../rule.ts'

/** RFC 6901, section 3: `~` is `~0`, `/` inside a name is `~1`. */
export const badPointerEscape: Rule = {
  name: 'bad-pointer-escape',
  summary: 'A "~" in a JSON Pointer is not followed by 0 or 1.',
  group: 'syntax',
  severity: 'error',
  fixable: true,
  syntax: ({ code }) =>
    code === 'bad-pointer-escape'
      ? { message: 'In a JSON Pointer "~" is written "~0", and a "/" inside a name "~1" (RFC 6901, section 3).' }
      : undefined,
}

import type { Rule } from '../rule.ts'

/** Names of query and path parameters are written as in a JSON string (RFC 8259, section 7). */
export const badName: Rule = {
  name: 'bad-name',
  summary: 'The name of a query or path parameter holds a quotation mark, backslash or control character that is not escaped.',
  group: 'syntax',
  severity: 'error',
  fixable: true,
  syntax({ code }) {
    switch (code) {
      case 'quote-in-name':
        return { message: 'A quotation mark in a name is written \\".' }
      case 'bad-escape-in-name':
        return { message: 'A backslash in a name begins a JSON escape, which this is not.' }
      case 'control-character-in-name':
        return { message: 'A control character in a name is written as an escape such as \\u0009.' }
      default:
        return undefined
    }
  },
}

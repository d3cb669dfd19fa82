import type { Rule } from '../rule.ts'

/** `{{$url}}`, `{$url}}`, `{}`: braces that are no pair around one expression or name. */
export const strayBrace: Rule = {
  name: 'stray-brace',
  summary: 'A brace opens or closes nothing, or stands inside another pair.',
  group: 'syntax',
  severity: 'error',
  fixable: true,
  syntax({ code }) {
    switch (code) {
      case 'stray-brace':
        return { message: 'This brace closes nothing. A URL has no braces but those around an expression or a parameter.' }
      case 'nested-brace':
        return { message: 'A brace cannot stand inside braces: the first "}" closes.' }
      case 'empty-braces':
        return { message: 'Expected an expression or the name of a path parameter between the braces, but there is nothing.' }
      default:
        return undefined
    }
  },
}

import type { Rule } from '../rule.ts'

/** `${request.body#/url}` for `{$request.body#/url}`: the notation of template strings. */
export const dollarOutsideBrace: Rule = {
  name: 'dollar-outside-brace',
  summary: 'The "$" of an expression stands before the brace instead of inside it.',
  group: 'syntax',
  severity: 'error',
  fixable: true,
  syntax: ({ code, source, span }) => {
    const outside =
      code === 'missing-dollar'
        ? source.slice(0, span.start).endsWith('${')
        : code === 'unknown-root' && source.startsWith('${', span.start)
    return outside ? { message: 'The "$" belongs inside the braces: "{$…}", not "${…}".' } : undefined
  },
}

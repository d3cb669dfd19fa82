import type { Rule } from '../rule.ts'

/** `$request.headers.x`, `$request.queryParams.x`: the singular is the language's word. */
export const headersInsteadOfHeader: Rule = {
  name: 'headers-instead-of-header',
  summary: 'A source is written in the plural: "headers" for "header".',
  group: 'syntax',
  severity: 'error',
  fixable: true,
  syntax({ code, rest }) {
    const plural =
      code === 'unknown-source'
        ? /^(?:headers|queries|paths|queryParam(?:eter)?s|pathParam(?:eter)?s)(?=[.[])/i.exec(rest)?.[0]
        : undefined
    if (plural === undefined) return undefined
    const singular = /^h/i.test(plural) ? 'header' : /^q/i.test(plural) ? 'query' : 'path'
    return { message: `Expected "${singular}." but found "${plural}".` }
  },
}

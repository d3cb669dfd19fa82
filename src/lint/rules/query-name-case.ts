import type { Rule } from '../rule.ts'
import { inUse, quoted, replaceUse, wholeWith } from './support.ts'

/** `$request.query.callbackURL` where `callbackUrl` is declared: names of query parameters are case-sensitive. */
export const queryNameCase: Rule = {
  name: 'query-name-case',
  summary: 'A query parameter is declared in another case than an expression reads it.',
  group: 'semantics',
  severity: 'error',
  fixable: true,
  *use(use) {
    const { resolution, text } = use
    if (resolution?.kind !== 'undeclared' || resolution.what !== 'query') return
    const [declared, ...others] = resolution.didYouMean
    if (declared?.toLowerCase() !== resolution.name.toLowerCase()) return
    const start = text.length - resolution.name.length
    const message = `Names of query parameters are case-sensitive: the operation declares ${quoted(declared)}.`
    const mended = text.slice(0, start) + declared
    const certain = others.length === 0 && text.endsWith(resolution.name)
    yield inUse(use, message, {
      start,
      end: text.length,
      ...(certain ? replaceUse(use, mended) : { suggestion: wholeWith(use, mended) }),
    })
  },
}

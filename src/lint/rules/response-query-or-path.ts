import type { Rule } from '../rule.ts'
import { inUse, wholeWith } from './support.ts'

/** The grammar allows it, because requests and responses share their sources. It never has a value. */
export const responseQueryOrPath: Rule = {
  name: 'response-query-or-path',
  summary: 'An expression reads a query or path parameter of a response, which has neither.',
  group: 'semantics',
  severity: 'warning',
  fixable: false,
  *use(use) {
    const { resolution, text } = use
    if (resolution?.kind !== 'impossible') return
    yield inUse(use, `A response has no ${resolution.what} parameters, so this never has a value.`, {
      suggestion: wholeWith(use, text.replace(/^\$response/i, '$request')),
    })
  },
}

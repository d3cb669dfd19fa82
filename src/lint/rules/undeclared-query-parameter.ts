import type { Rule } from '../rule.ts'
import { undeclared } from './declared.ts'
import { inUse } from './support.ts'

/** OAS, Runtime Expressions: a request parameter that is not declared cannot be evaluated. */
export const undeclaredQueryParameter: Rule = {
  name: 'undeclared-query-parameter',
  summary: 'A query parameter that an expression reads is not declared by the operation.',
  group: 'semantics',
  severity: 'error',
  fixable: true,
  *use(use) {
    const { resolution } = use
    if (resolution?.kind !== 'undeclared' || resolution.what !== 'query') return
    // Another rule speaks of a name in the wrong case.
    if (resolution.didYouMean[0]?.toLowerCase() === resolution.name.toLowerCase()) return
    yield inUse(use, ...undeclared(use, resolution))
  },
}

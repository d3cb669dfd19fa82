import type { Rule } from '../rule.ts'
import { undeclared } from './declared.ts'
import { inUse } from './support.ts'

/** An info: a request may carry header fields that nobody declared, and some cannot be declared. */
export const undeclaredRequestHeader: Rule = {
  name: 'undeclared-request-header',
  summary: 'A header field of the request that an expression reads is not declared.',
  group: 'semantics',
  severity: 'info',
  strict: 'warning',
  fixable: false,
  *use(use) {
    const { resolution } = use
    if (resolution?.kind === 'undeclared' && resolution.what === 'request-header')
      yield inUse(use, ...undeclared(use, resolution))
  },
}

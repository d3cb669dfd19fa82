import type { Rule } from '../rule.ts'
import { inUse } from './support.ts'

/** Whoever sends the request chooses the host that the server will contact. */
export const expressionInHost: Rule = {
  name: 'expression-in-host',
  summary: 'An expression is part of the host of the URL.',
  group: 'semantics',
  severity: 'info',
  strict: 'warning',
  fixable: false,
  *use(use) {
    if (use.subject.kind !== 'key' || use.position !== 'host') return
    yield inUse(
      use,
      'This value becomes part of the host: whoever sends it chooses which machine the server contacts. Check it before use.',
    )
  },
}

import type { Rule } from '../rule.ts'
import { inUse } from './support.ts'

/** `$request.query.` is legal: the grammar lets names be empty. */
export const emptyName: Rule = {
  name: 'empty-name',
  summary: 'The name of a query or path parameter is empty.',
  group: 'syntax',
  severity: 'info',
  strict: 'warning',
  fixable: false,
  *use(use) {
    const { expression } = use
    if (expression.kind !== 'request' && expression.kind !== 'response') return
    const { source } = expression
    if ((source.kind === 'query-reference' || source.kind === 'path-reference') && source.name === '')
      yield inUse(use, 'This reads the parameter whose name is the empty text.')
  },
}

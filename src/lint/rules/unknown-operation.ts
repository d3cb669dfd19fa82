import type { Rule } from '../rule.ts'
import { atValue, didYouMean } from './support.ts'

/** OAS, Link Object: `operationId` is the name of an existing operation, `operationRef` a reference to one. */
export const unknownOperation: Rule = {
  name: 'unknown-operation',
  summary: 'A link leads to an operation that does not exist.',
  group: 'links',
  severity: 'error',
  fixable: false,
  *link({ target }) {
    if (target.kind !== 'unknown') return
    const { field, name, why, didYouMean: near, at } = target
    yield atValue(
      at,
      `The ${field} ${JSON.stringify(name)} names no operation: ${why}.${didYouMean(near)}`,
      near[0] === undefined ? {} : { suggestion: near[0] },
    )
  },
}

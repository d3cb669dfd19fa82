import { child, isObjectValue } from '../../openapi/index.ts'
import type { Rule } from '../rule.ts'
import { inText } from './support.ts'

/** `{}` under a key, or nothing at all: no request is described. */
export const emptyPathItem: Rule = {
  name: 'empty-path-item',
  summary: 'A key of a Callback Object has no operation under it.',
  group: 'structure',
  severity: 'info',
  strict: 'warning',
  fixable: false,
  *key(key) {
    const { pathItem } = key
    if (pathItem === undefined || pathItem.failure !== undefined || pathItem.operations.length > 0) return
    // A text or a list is for structural validators.
    if (!isObjectValue(key.at) && key.at.value !== null) return
    if (pathItem.parts.some((part) => child(part, '$ref') !== undefined && pathItem.parts.length === 1)) return
    yield inText(key, 'There is no operation under this callback key, so no request is described.')
  },
}

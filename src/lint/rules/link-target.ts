import { child } from '../../openapi/index.ts'
import type { Rule } from '../rule.ts'
import { atMember } from './support.ts'

/** OAS, Link Object: an operation MUST be identified by `operationRef` or `operationId`; the two exclude each other. */
export const linkTarget: Rule = {
  name: 'link-target',
  summary: 'A link names no operation, or names one in two ways.',
  group: 'links',
  severity: 'error',
  fixable: false,
  *link({ link, object }) {
    if (object === undefined || !isMapping(object.value)) return
    const id = child(object, 'operationId')
    const ref = child(object, 'operationRef')
    if (id !== undefined && ref !== undefined)
      yield atMember(ref, 'A link has an "operationId" or an "operationRef", not both: readers choose one, and not the same.')
    if (id === undefined && ref === undefined)
      yield atMember(link.at, 'This link leads nowhere: expected an "operationId" or an "operationRef".')
  },
}

/** A text or a list is for structural validators. */
function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

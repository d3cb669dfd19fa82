import { child, requestBodyOf } from '../../openapi/index.ts'
import type { Rule } from '../rule.ts'
import { atMember } from './support.ts'

/** RFC 9110, section 9.3.1: content in a GET request has no meaning, and may be dropped or refused. */
export const getWithBody: Rule = {
  name: 'get-with-body',
  summary: 'A callback that is sent with GET or HEAD has a request body.',
  group: 'structure',
  severity: 'warning',
  fixable: false,
  *operation(operation) {
    if (operation.kind !== 'callback' || (operation.method !== 'GET' && operation.method !== 'HEAD')) return
    const at = child(operation.at, 'requestBody')
    if (at === undefined || requestBodyOf(operation) === undefined) return
    yield atMember(
      at,
      `A body in a ${operation.method} request has no meaning, and may be dropped or refused on its way (RFC 9110, section 9.3.1).`,
    )
  },
}

import { nameOf } from '../../openapi/index.ts'
import type { Rule } from '../rule.ts'
import { atMember } from './support.ts'

/** Nobody can tell whether its expressions have values, or that it will ever be sent. */
export const unusedCallback: Rule = {
  name: 'unused-callback',
  summary: 'A Callback Object under "components" is not referred to by any operation.',
  group: 'structure',
  severity: 'info',
  strict: 'warning',
  fixable: false,
  *description(_description, { unused }) {
    for (const at of unused)
      yield atMember(
        at,
        `No operation refers to the callback ${JSON.stringify(nameOf(at))}, so its expressions cannot be checked.`,
      )
  },
}

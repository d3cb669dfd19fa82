import type { Rule } from '../rule.ts'
import { atMember } from './support.ts'

/** Legal, and rarely supported: `$request` in its keys is the callback's request, and the roles are swapped. */
export const nestedCallback: Rule = {
  name: 'nested-callback',
  summary: 'An operation of a callback or a webhook has callbacks of its own.',
  group: 'structure',
  severity: 'info',
  fixable: false,
  *callback({ operation, at, name }) {
    if (operation.kind === 'path') return
    yield atMember(
      at,
      `The ${operation.kind} ${operation.method} ${JSON.stringify(operation.path)} has the callback ${JSON.stringify(name)}: "$request" in its keys is the request of that ${operation.kind}.`,
    )
  },
}

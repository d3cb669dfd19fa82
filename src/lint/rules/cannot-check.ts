import type { Rule } from '../rule.ts'
import type { Resolution } from '../subject/index.ts'
import { inUse } from './support.ts'

type CannotTell = Resolution & { kind: 'cannot-tell' }

/** An open schema, or a reference that was not followed: nothing is wrong, and nothing is sure. */
export const cannotCheck: Rule = {
  name: 'cannot-check',
  summary: 'The description does not say enough to tell whether an expression has a value.',
  group: 'semantics',
  severity: 'info',
  fixable: false,
  *use(use) {
    if (use.resolution?.kind === 'cannot-tell')
      yield inUse(use, `Cannot check whether this has a value: ${reason(use.resolution)}.`)
  },
  *link({ target }) {
    if (target.kind === 'cannot-tell')
      yield {
        place: { in: 'value', at: target.at },
        message: `Cannot check where this link leads: ${target.why.replace(/\.$/, '')}.`,
      }
  },
}

function reason({ why, detail }: CannotTell): string {
  switch (why) {
    case 'additional-properties':
      return 'the schema allows additional properties'
    case 'pattern-properties':
      return 'the schema describes its properties by patterns'
    case 'no-items':
      return 'the schema of the array says nothing of its items'
    case 'open-schema':
      return 'the schema says nothing of what is inside'
    case 'unresolved-reference':
      return `a reference could not be followed${detail === undefined ? '' : ` (${detail.replace(/\.$/, '')})`}`
    case 'dynamic-reference':
      return 'the schema has a "$dynamicRef"'
    case 'too-large':
      return 'there are more schemas than are looked through'
    case 'media-type':
      return 'the body is not JSON, a form or multipart'
    case 'no-schema':
      return 'the body has no schema'
    case 'no-content':
      return 'no content is described'
  }
}

import type { Rule } from '../rule.ts'
import { inUse } from './support.ts'

/** A callback is sent after a response that is no error; none of those has content. */
export const responseWithoutBody: Rule = {
  name: 'response-without-body',
  summary: 'An expression reads the body of a response that has none.',
  group: 'semantics',
  severity: 'error',
  fixable: false,
  *use(use) {
    const { resolution, subject } = use
    if (resolution?.kind !== 'no-body' || resolution.message !== 'response') return
    yield inUse(
      use,
      subject.kind === 'key'
        ? 'No successful response of the operation has a body.'
        : `The response ${subject.link.response?.status} has no body.`,
    )
  },
}

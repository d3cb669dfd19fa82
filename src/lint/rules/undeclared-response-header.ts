import type { Rule } from '../rule.ts'
import { spanOfName } from './declared.ts'
import { didYouMean, inUse, quoted, wholeWith } from './support.ts'

/** A callback needs its URL, so a key is worth a warning; a link loses one parameter. */
export const undeclaredResponseHeader: Rule = {
  name: 'undeclared-response-header',
  summary: 'A header field of the response that an expression reads is declared by none of the responses.',
  group: 'semantics',
  severity: 'warning',
  fixable: false,
  *use(use) {
    const { resolution, subject } = use
    if (resolution?.kind !== 'undeclared' || resolution.what !== 'response-header') return
    const [near] = resolution.didYouMean
    const where =
      subject.kind === 'key'
        ? 'No successful response declares'
        : `The response ${subject.link.response?.status} does not declare`
    yield inUse(use, `${where} a header ${quoted(resolution.name)}.${didYouMean(resolution.didYouMean)}`, {
      severity: subject.kind === 'key' ? 'warning' : 'info',
      ...spanOfName(use),
      ...(near === undefined ? {} : { suggestion: wholeWith(use, `$response.header.${near}`) }),
    })
  },
}

import { describeTemplateFailure, type TemplateFailure, type Unresolved } from '../expression/index.ts'
import { assertNever } from '../util/index.ts'
import type { UnusableKey } from './callback-target.ts'
import type { KeyTemplate } from './parse-key.ts'

/** Why a key has no URL, in the words of planning. */
export function noTargetFor(failure: TemplateFailure, { text }: KeyTemplate): UnusableKey {
  const part = text.slice(failure.span.start, failure.span.end)
  return { reason: reasonFor(failure), message: describeTemplateFailure(failure), part }
}

function reasonFor(failure: TemplateFailure): UnusableKey['reason'] {
  switch (failure.reason) {
    case 'missing':
      return reasonForUnresolved(failure.because)
    case 'missing-parameter':
    case 'dot-segment':
    case 'tail-after-query':
    case 'not-a-host':
      return failure.reason
    case 'null-in-url':
      return 'null'
    case 'not-scalar-in-url':
      return 'not-scalar'
    case 'ambiguous-value':
      return 'ambiguous'
    case 'not-an-absolute-url':
      return 'not-absolute'
    case 'not-well-formed':
    case 'not-serialisable':
      return 'not-encodable'
    default:
      return assertNever(failure)
  }
}

function reasonForUnresolved(unresolved: Unresolved): UnusableKey['reason'] {
  switch (unresolved.reason) {
    case 'no-request':
    case 'not-recorded':
    case 'header-not-found':
    case 'query-parameter-not-found':
    case 'path-parameter-not-found':
    case 'no-body':
    case 'pointer-not-found':
      return 'absent'
    case 'no-response':
      return 'needs-response'
    case 'body-has-no-members':
    case 'body-not-parsable':
      return 'unreadable-body'
    case 'not-declared':
      return 'undeclared-parameter'
    case 'response-has-no-parameters':
    case 'outside-exchange':
      return 'never-resolves'
    default:
      return assertNever(unresolved)
  }
}

import { lookUpContent, responsesOf } from '../../openapi/index.ts'
import type { Rule } from '../rule.ts'
import { type ExpressionUse, namedLikewise } from '../subject/index.ts'
import { didYouMean, inUse, wholeWith } from './support.ts'

/** `$request.body#/id` on a GET: often a parameter is meant, or the body of the response. */
export const requestWithoutBody: Rule = {
  name: 'request-without-body',
  summary: 'An expression reads the request body of an operation that has none.',
  group: 'semantics',
  severity: 'error',
  fixable: false,
  *use(use) {
    const { resolution, subject } = use
    if (resolution?.kind !== 'no-body' || resolution.message !== 'request' || subject.operation === undefined) return
    const meant = insteadOf(use)
    const { method, path } = subject.operation
    yield inUse(
      use,
      `${method} ${path} has no request body.${didYouMean(meant)}`,
      meant[0] === undefined ? {} : { suggestion: wholeWith(use, meant[0]) },
    )
  },
}

function insteadOf({ expression, subject, text }: ExpressionUse): readonly string[] {
  const { operation } = subject
  if (operation === undefined || expression.kind !== 'request' || expression.source.kind !== 'body-reference') return []
  const tokens = expression.source.pointer?.tokens ?? []
  const [only = ''] = tokens
  const parameters = tokens.length === 1 ? namedLikewise(operation, only) : []
  if (parameters.length > 0 || tokens.length === 0) return parameters
  const responses =
    subject.kind === 'link-value'
      ? [subject.link.response]
      : responsesOf(operation).filter(({ status }) => status.startsWith('2'))
  const inResponse = responses.some(
    (response) => lookUpContent(operation.description, response?.contents ?? [], tokens)?.verdict.kind === 'found',
  )
  return inResponse ? [text.replace(/^\$request/i, '$response')] : []
}

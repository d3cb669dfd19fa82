import { type OpenApiDescription, type ReferenceFailure, referenceTarget } from '../../openapi/index.ts'
import type { Finding, Rule } from '../rule.ts'
import { atValue } from './support.ts'

/** Only of callbacks, their path items, and links: other linters speak of all the others. */
export const unresolvedReference: Rule = {
  name: 'unresolved-reference',
  summary: 'The "$ref" of a callback, of its path item, or of a link leads to nothing.',
  group: 'structure',
  severity: 'error',
  fixable: false,
  *callback({ failure, operation }) {
    yield* reported(operation.description, failure)
  },
  *key({ pathItem }) {
    if (pathItem !== undefined) yield* reported(pathItem.description, pathItem.failure)
  },
  *link({ link }) {
    yield* reported(link.description, link.failure)
  },
}

function* reported(description: OpenApiDescription, failure: ReferenceFailure | undefined): Iterable<Finding> {
  if (failure === undefined) return
  const { at, ref, reason, message } = failure
  const uri = referenceTarget(at.file, ref)?.uri
  const wasRead = uri === undefined || description.files.has(uri)
  // A file that was looked for and is not there is worth a warning: it may be elsewhere where the document is used.
  const severity =
    wasRead || reason === 'cyclic' ? 'error' : description.unavailable.get(uri)?.reason === 'not-found' ? 'warning' : 'info'
  yield atValue(at, wasRead ? message : `Cannot check what is behind this reference: ${message}`, { severity })
}

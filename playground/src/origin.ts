import type { RuntimeExpression, Source, TemplatePart } from '../../src/expression/index.ts'
import { assertNever } from '../../src/util/index.ts'

/** Where a part of a callback's URL came from. */
export type Origin =
  | 'text'
  | 'request-line'
  | 'request-header'
  | 'request-query'
  | 'request-path'
  | 'request-body'
  | 'response-status'
  | 'response-header'
  | 'response-body'
  | 'parameter'
  | 'server'
  | 'mixed'
  | 'nowhere'

/** In the order of the legend. */
export const originWords: Readonly<Record<Origin, string>> = {
  text: 'text of the key',
  'request-line': 'method or URL',
  'request-path': 'request path',
  'request-query': 'request query',
  'request-header': 'request header',
  'request-body': 'request body',
  'response-status': 'response status',
  'response-header': 'response header',
  'response-body': 'response body',
  parameter: 'callback parameter',
  server: 'callback server',
  mixed: 'several sources',
  nowhere: 'no source',
}

export function originOf(part: TemplatePart): Origin {
  switch (part.kind) {
    case 'literal':
      return 'text'
    case 'path-parameter':
      return 'parameter'
    case 'embedded-expression':
      return originOfExpression(part.expression)
    default:
      return assertNever(part)
  }
}

function originOfExpression(expression: RuntimeExpression): Origin {
  switch (expression.kind) {
    case 'url':
    case 'method':
      return 'request-line'
    case 'status-code':
      return 'response-status'
    case 'request':
    case 'response':
      return originOfSource(expression.source, expression.kind)
    default:
      // Roots of other dialects: no exchange has them.
      return 'nowhere'
  }
}

function originOfSource(source: Source, message: 'request' | 'response'): Origin {
  switch (source.kind) {
    case 'header-reference':
      return `${message}-header`
    case 'query-reference':
      return message === 'request' ? 'request-query' : 'nowhere'
    case 'path-reference':
      return message === 'request' ? 'request-path' : 'nowhere'
    case 'body-reference':
    case 'draft-body-reference':
      return `${message}-body`
    case 'payload-reference':
      return 'nowhere'
    default:
      return assertNever(source)
  }
}

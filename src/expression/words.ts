import { assertNever } from '../util/index.ts'
import type { ArazzoNameExpression, JsonPointer, RuntimeExpression, Source } from './ast.ts'
import { print } from './print.ts'

/** What an expression reads, in words: `the member "url" of the request body`. */
export function wordsFor(expression: RuntimeExpression): string {
  switch (expression.kind) {
    case 'url':
      return 'the URL of the request'
    case 'method':
      return 'the method of the request'
    case 'status-code':
      return 'the status code of the response'
    case 'self':
      return 'the URI of the Arazzo description'
    case 'request':
    case 'response':
    case 'message':
      return wordsForSource(expression.source, expression.kind)
    case 'message-header':
      return within(expression.pointer, 'the message headers')
    case 'message-payload':
      return within(expression.pointer, 'the message payload')
    case 'arazzo-name':
      return wordsForName(expression)
    case 'inputs':
      return within(expression.pointer, `the workflow input ${quoted(expression.name)}`)
    case 'outputs':
      return within(expression.pointer, `the workflow output ${quoted(expression.name)}`)
    case 'steps':
      return within(expression.pointer, `the output ${quoted(expression.output)} of the step ${quoted(expression.stepId)}`)
    case 'workflows': {
      const field = expression.field === 'inputs' ? 'input' : 'output'
      return within(
        expression.pointer,
        `the ${field} ${quoted(expression.name)} of the workflow ${quoted(expression.workflowId)}`,
      )
    }
    case 'source-descriptions':
      return `${quoted(expression.reference)} of the source description ${quoted(expression.source)}`
    case 'components':
      return `the component ${quoted(expression.name)} of ${expression.componentType}`
    default:
      return assertNever(expression)
  }
}

/** Arazzo 1.0 has one name after the root; only its examples and tables say what the parts of one are. */
function wordsForName({ root, name }: ArazzoNameExpression): string {
  const meant = meantBy(root, name)
  if (meant === undefined) return `${quoted(name)} of the ${root}`
  return root === 'inputs' || root === 'outputs' ? meant : `${meant} (to Arazzo 1.0 ${quoted(name)} is one name of the ${root})`
}

function meantBy(root: ArazzoNameExpression['root'], name: string): string | undefined {
  if (root === 'inputs' || root === 'outputs')
    return name === '' ? undefined : `the workflow ${root.slice(0, -1)} ${quoted(name)}`
  const [, first = '', field = '', rest = ''] =
    (root === 'steps' || root === 'workflows' ? /^([\w-]+)\.(inputs|outputs)\.(.+)$/s : /^([\w-]+)()\.(.+)$/s).exec(name) ?? []
  if (rest === '' || (root === 'steps' && field === 'inputs')) return undefined
  switch (root) {
    case 'steps':
    case 'workflows':
      return `the ${field.slice(0, -1)} ${quoted(rest)} of the ${root.slice(0, -1)} ${quoted(first)}`
    case 'sourceDescriptions':
      return `${quoted(rest)} of the source description ${quoted(first)}`
    case 'components':
      return `the component ${quoted(rest)} of ${first}`
    default:
      return assertNever(root)
  }
}

function wordsForSource(source: Source, message: 'request' | 'response' | 'message'): string {
  switch (source.kind) {
    case 'header-reference':
      return `the header field ${quoted(source.raw)} of the ${message}`
    case 'query-reference':
      return message === 'request'
        ? `the query parameter ${quoted(source.name)} of the request`
        : `the query parameter ${quoted(source.name)} of the ${message}, which has none`
    case 'path-reference':
      return message === 'request'
        ? `the path parameter ${quoted(source.name)} of the request`
        : `the path parameter ${quoted(source.name)} of the ${message}, which has none`
    case 'body-reference':
      return source.pointer === undefined ? `the body of the ${message}` : within(source.pointer, `the ${message} body`)
    case 'payload-reference':
      return source.pointer === undefined ? `the payload of the ${message}` : within(source.pointer, `the ${message} payload`)
    case 'draft-body-reference':
      return source.path.length === 0 ? `the body of the ${message}` : `${source.raw} of the ${message} body`
    default:
      return assertNever(source)
  }
}

function within(pointer: JsonPointer | undefined, whole: string): string {
  if (pointer === undefined) return whole
  const { tokens } = pointer
  if (tokens.length === 0) return `${whole}, as a document`
  const [only] = tokens
  return tokens.length === 1 && only !== undefined && !/^\d+$/.test(only)
    ? `the member ${quoted(only)} of ${whole}`
    : `what ${print(pointer)} points to in ${whole}`
}

function quoted(text: string): string {
  return JSON.stringify(text)
}

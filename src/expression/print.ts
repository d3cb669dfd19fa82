import pointer from 'json-pointer'
import { assertNever } from '../util/index.ts'
import type { ExpressionNode, ExpressionTemplate, JsonPointer } from './ast.ts'

/** The text of a tree, keywords in their canonical spelling: `print(parse(text))` is `text` but for the case of keywords. */
export function print(node: ExpressionNode): string {
  switch (node.kind) {
    case 'url':
      return '$url'
    case 'method':
      return '$method'
    case 'status-code':
      return '$statusCode'
    case 'self':
      return '$self'
    case 'request':
      return `$request.${print(node.source)}`
    case 'response':
      return `$response.${print(node.source)}`
    case 'message':
      return `$message.${print(node.source)}`
    case 'message-header':
      return `$message.header${fragment(node.pointer)}`
    case 'message-payload':
      return `$message.payload${fragment(node.pointer)}`
    case 'arazzo-name':
      return `$${node.root}.${node.raw}`
    case 'inputs':
      return `$inputs.${node.name}${fragment(node.pointer)}`
    case 'outputs':
      return `$outputs.${node.name}${fragment(node.pointer)}`
    case 'steps':
      return `$steps.${node.stepId}.outputs.${node.output}${fragment(node.pointer)}`
    case 'workflows':
      return `$workflows.${node.workflowId}.${node.field}.${node.name}${fragment(node.pointer)}`
    case 'source-descriptions':
      return `$sourceDescriptions.${node.source}.${node.raw}`
    case 'components':
      return `$components.${node.componentType}.${node.name}`
    case 'header-reference':
      return `header.${node.raw}`
    case 'query-reference':
      return `query.${node.raw}`
    case 'path-reference':
      return `path.${node.raw}`
    case 'body-reference':
      return `body${fragment(node.pointer)}`
    case 'payload-reference':
      return `payload${fragment(node.pointer)}`
    case 'draft-body-reference':
      return `body${node.raw}`
    case 'json-pointer':
      return pointer.compile([...node.tokens])
    case 'literal':
      return node.text
    case 'embedded-expression':
      return `{${print(node.expression)}}`
    case 'path-parameter':
      return `{${node.name}}`
    case 'expression-template':
      return printTemplate(node)
    default:
      return assertNever(node)
  }
}

function fragment(node: JsonPointer | undefined): string {
  return node === undefined ? '' : `#${print(node)}`
}

function printTemplate({ parts, bare, delimiters }: ExpressionTemplate): string {
  const [open, close] = delimiters === 'angle' ? ['<', '>'] : ['{', '}']
  return parts
    .map((part) => {
      switch (part.kind) {
        case 'literal':
          return part.text
        case 'embedded-expression':
          return bare ? print(part.expression) : `${open}${print(part.expression)}${close}`
        case 'path-parameter':
          return `${open}${part.name}${close}`
        default:
          return assertNever(part)
      }
    })
    .join('')
}

import type { ExpressionTemplate, JsonPointer, RuntimeExpression, Source, TemplatePart } from 'ringback/expression'

/** Our trees in the shapes of test/fixtures/conformance/README.md. */
export function treeOfExpression(node: RuntimeExpression): object {
  switch (node.kind) {
    case 'url':
    case 'method':
    case 'self':
      return { root: node.kind }
    case 'status-code':
      return { root: 'statusCode' }
    case 'request':
    case 'response':
    case 'message':
      return { root: node.kind, ...treeOfSource(node.source) }
    case 'message-header':
      return { root: 'message', in: 'header', pointer: tokensOf(node.pointer) }
    case 'message-payload':
      return { root: 'message', in: 'payload', pointer: tokensOf(node.pointer) }
    case 'arazzo-name':
      return { root: node.root, name: node.name }
    case 'inputs':
    case 'outputs':
      return { root: node.kind, name: node.name, pointer: tokensOf(node.pointer) }
    case 'steps':
      return { root: 'steps', stepId: node.stepId, output: node.output, pointer: tokensOf(node.pointer) }
    case 'workflows': {
      const { workflowId, field, name } = node
      return { root: 'workflows', workflowId, field, name, pointer: tokensOf(node.pointer) }
    }
    case 'source-descriptions':
      return { root: 'sourceDescriptions', source: node.source, reference: node.reference }
    case 'components':
      return { root: 'components', componentType: node.componentType, name: node.name }
  }
}

export function treeOfTemplate({ bare, parts }: ExpressionTemplate): object {
  const trees = parts.map(treeOfPart)
  return bare ? { bare: trees[0] } : { parts: trees }
}

function treeOfPart(part: TemplatePart): unknown {
  switch (part.kind) {
    case 'literal':
      return part.text
    case 'embedded-expression':
      return treeOfExpression(part.expression)
    case 'path-parameter':
      return { param: part.name }
  }
}

function treeOfSource(source: Source): object {
  switch (source.kind) {
    case 'header-reference':
      return { in: 'header', name: source.name }
    case 'query-reference':
      return { in: 'query', name: source.name }
    case 'path-reference':
      return { in: 'path', name: source.name }
    case 'body-reference':
      return { in: 'body', pointer: tokensOf(source.pointer) }
    case 'payload-reference':
      return { in: 'payload', pointer: tokensOf(source.pointer) }
    case 'draft-body-reference':
      return { in: 'body', path: source.path }
  }
}

function tokensOf(pointer: JsonPointer | undefined): readonly string[] | null {
  return pointer === undefined ? null : pointer.tokens
}

import { parseSync } from 'oxc-parser'

export interface Import {
  /** `undefined`: computed at run time. */
  readonly specifier: string | undefined
  /** Erased by the compiler. */
  readonly typeOnly: boolean
  /** From 1. */
  readonly line: number
}

interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly [key: string]: unknown
}

/** Every import of a module, whatever its form, in the order of the text. Throws on a syntax error. */
export function readImports(path: string, text: string): Import[] {
  const { program, errors } = parseSync(path, text)
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`)
  const imports: Import[] = []
  const loaders = new Set(['require'])
  const lineOf = (offset: number): number => text.slice(0, offset).split('\n').length
  visit(program, (node) => {
    if (node.type === 'VariableDeclarator' && isCreateRequire(node.init) && isNode(node.id)) loaders.add(String(node.id.name))
    const found = importOf(node, loaders)
    if (found) imports.push({ ...found, line: lineOf(node.start) })
  })
  return imports
}

function importOf(node: SyntaxNode, loaders: ReadonlySet<string>): Omit<Import, 'line'> | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      return node.source ? { specifier: literal(node.source), typeOnly: isErased(node) } : undefined
    case 'ImportExpression':
      return { specifier: literal(node.source), typeOnly: false }
    case 'TSImportType':
      return { specifier: literal(node.source), typeOnly: true }
    case 'TSExternalModuleReference':
      return { specifier: literal(node.expression), typeOnly: false }
    case 'CallExpression':
      return isLoader(node.callee, loaders) ? { specifier: literal(argumentsOf(node)[0]), typeOnly: false } : undefined
    default:
      return undefined
  }
}

function isErased(node: SyntaxNode): boolean {
  if (node.importKind === 'type' || node.exportKind === 'type') return true
  const specifiers = Array.isArray(node.specifiers) ? node.specifiers : []
  return specifiers.length > 0 && specifiers.every((one) => one.importKind === 'type' || one.exportKind === 'type')
}

/** What loads the module that its first argument names: `require`, `createRequire(…)`, `process.getBuiltinModule`, `….resolve`. */
function isLoader(callee: unknown, loaders: ReadonlySet<string>): boolean {
  if (!isNode(callee)) return false
  if (callee.type === 'Identifier') return loaders.has(String(callee.name))
  if (callee.type === 'CallExpression') return isCreateRequire(callee)
  if (callee.type !== 'MemberExpression' || !isNode(callee.property) || !isNode(callee.object)) return false
  if (callee.property.name === 'getBuiltinModule') return true
  return callee.property.name === 'resolve' && (callee.object.type === 'MetaProperty' || loaders.has(String(callee.object.name)))
}

function isCreateRequire(node: unknown): boolean {
  return isNode(node) && node.type === 'CallExpression' && isNode(node.callee) && node.callee.name === 'createRequire'
}

function argumentsOf(node: SyntaxNode): unknown[] {
  return Array.isArray(node.arguments) ? node.arguments : []
}

function literal(node: unknown): string | undefined {
  if (!isNode(node)) return undefined
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value
  const [quasi, ...others] = node.type === 'TemplateLiteral' && Array.isArray(node.quasis) ? node.quasis : []
  return quasi && others.length === 0 ? String(quasi.value.cooked) : undefined
}

function visit(node: unknown, enter: (node: SyntaxNode) => void): void {
  if (Array.isArray(node)) for (const one of node) visit(one, enter)
  else if (typeof node === 'object' && node !== null) {
    if (isNode(node)) enter(node)
    for (const child of Object.values(node)) visit(child, enter)
  }
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

import { assertNever } from '../util/index.ts'
import type { OasExpression, RuntimeExpression } from './ast.ts'

/** The root that an expression reads from and that no HTTP exchange has: `$inputs`, `$message`, … */
export function outsideRootOf(expression: Exclude<RuntimeExpression, OasExpression>): string {
  switch (expression.kind) {
    case 'message':
    case 'message-header':
    case 'message-payload':
      return '$message'
    case 'arazzo-name':
      return `$${expression.root}`
    case 'source-descriptions':
      return '$sourceDescriptions'
    case 'self':
    case 'inputs':
    case 'outputs':
    case 'steps':
    case 'workflows':
    case 'components':
      return `$${expression.kind}`
    default:
      return assertNever(expression)
  }
}

export type * from './ast.ts'
export { type Dialect, dialects, type TemplateMode } from './dialect.ts'
export {
  type ParseOptions,
  parseExpression,
  parseTemplate,
  safeParseExpression,
  safeParseTemplate,
  type TemplateOptions,
} from './parse.ts'
export { print } from './print.ts'
export { ExpressionSyntaxError, type SyntaxCode, type SyntaxProblem, type TextEdit } from './problem.ts'
export { applyEdits } from './repair.ts'

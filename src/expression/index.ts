export type * from './ast.ts'
export type { CompiledExpression, DeclaredParameters, EvaluateOptions } from './compile-expression.ts'
export {
  type CompiledTemplate,
  describeTemplateFailure,
  type InterpolateOptions,
  type TemplateFailure,
  type TemplateParameters,
} from './compile-template.ts'
export { type ConversionProblem, convertExpression } from './convert.ts'
export { type Dialect, dialects, type TemplateMode } from './dialect.ts'
export { compile, evaluate, interpolate } from './evaluate.ts'
export { type Expectation, type ExpectedItem, type ExpectOptions, expect } from './expect.ts'
export { type ExplainedPart, type ExplainOptions, type Explanation, explain } from './explain.ts'
export { type LinkValue, readLinkValue } from './link-value.ts'
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
export { type MessageReads, type Reads, reads } from './reads.ts'
export { applyEdits } from './repair.ts'
export { type Repair, type RepairOptions, repair } from './repair-text.ts'
export { describeUnresolved, type PointerMiss, type Unresolved } from './unresolved.ts'
export { wordsFor } from './words.ts'

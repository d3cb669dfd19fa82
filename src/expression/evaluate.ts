import type { PartialExchange } from '../http/index.ts'
import type { Result } from '../util/index.ts'
import type { ExpressionTemplate, RuntimeExpression } from './ast.ts'
import { type CompiledExpression, compileExpression, type EvaluateOptions } from './compile-expression.ts'
import {
  type CompiledTemplate,
  compileTemplate,
  type InterpolateOptions,
  type TemplateFailure,
  type TemplateParameters,
} from './compile-template.ts'
import { parseExpression, parseTemplate } from './parse.ts'
import type { Unresolved } from './unresolved.ts'

/** Makes a function of a tree, for evaluating it many times. The function keeps no state of the exchanges it sees. */
export function compile(expression: RuntimeExpression, options?: EvaluateOptions): CompiledExpression
export function compile(template: ExpressionTemplate, options?: InterpolateOptions): CompiledTemplate
export function compile(
  node: RuntimeExpression | ExpressionTemplate,
  options: InterpolateOptions = {},
): CompiledExpression | CompiledTemplate {
  return node.kind === 'expression-template' ? compileTemplate(node, options) : compileExpression(node, options)
}

/** The value that an expression has in an exchange, in its own type, or why it has none. Text is parsed as `oas3` and may throw. */
export function evaluate(
  expression: RuntimeExpression | string,
  exchange: PartialExchange,
  options: EvaluateOptions = {},
): Result<unknown, Unresolved> {
  const node = typeof expression === 'string' ? parseExpression(expression) : expression
  return compileExpression(node, options)(exchange)
}

/** The text of a template with the values of an exchange in it, or why it has none. Text is parsed as a callback's key and may throw. */
export function interpolate(
  template: ExpressionTemplate | string,
  exchange: PartialExchange,
  { params, ...options }: InterpolateOptions & { readonly params?: TemplateParameters } = {},
): Result<string, TemplateFailure> {
  const node = typeof template === 'string' ? parseTemplate(template) : template
  return compileTemplate(node, options)(exchange, params)
}

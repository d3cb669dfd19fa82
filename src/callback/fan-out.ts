import { type EvaluateOptions, type ExpressionTemplate, evaluate, type TemplateFailure } from '../expression/index.ts'
import type { PartialExchange } from '../http/index.ts'

export interface FanOut {
  readonly values: readonly unknown[]
  /** The key with the place of the array as a path parameter of this name. */
  readonly template: ExpressionTemplate
  readonly name: string
}

/** Not possible as the name of a path parameter in a document: it holds a brace. */
const itemName = '{item}'

/** The array because of which a key had no URL; `undefined` when it failed for another reason. */
export function fanOutOf(
  template: ExpressionTemplate,
  failure: TemplateFailure,
  exchange: PartialExchange,
  options: EvaluateOptions,
): FanOut | undefined {
  if (failure.reason !== 'not-scalar-in-url' && failure.reason !== 'ambiguous-value') return undefined
  const part = template.parts.find(({ span }) => span.start === failure.span.start)
  if (part?.kind !== 'embedded-expression') return undefined
  const value = evaluate(part.expression, exchange, options)
  if (!value.ok || !Array.isArray(value.value)) return undefined
  const parts = template.parts.map((one) =>
    one === part ? ({ kind: 'path-parameter', name: itemName, span: part.span } as const) : one,
  )
  return { values: value.value, template: { ...template, parts, bare: false }, name: itemName }
}

import type { ExpressionTemplate, TemplateParameters, TemplatePart } from '../expression/index.ts'
import { type Operation, type Parameter, parametersOf } from '../openapi/index.ts'
import { declaredValue } from './declared-values.ts'
import { writePathParameter } from './request-parameters.ts'

/** A path parameter of a callback operation, and the value that the description names for it. */
export interface PathValue {
  readonly parameter: Parameter
  readonly declared: unknown
}

export function pathValuesOf(operation: Operation): ReadonlyMap<string, PathValue> {
  const parameters = parametersOf(operation).parameters.filter((one) => one.in === 'path')
  return new Map(parameters.map((parameter) => [parameter.name, { parameter, declared: declaredValue(parameter, operation) }]))
}

const none: TemplateParameters = {}

/** The values of the `{name}` in a key: those given, else those that are declared. */
export function pathValuesFor(
  names: readonly string[],
  known: ReadonlyMap<string, PathValue>,
  given: Readonly<Record<string, unknown>> = {},
): TemplateParameters {
  if (names.length === 0) return none
  const values: Record<string, unknown> = Object.create(null)
  for (const name of names) values[name] = Object.hasOwn(given, name) ? given[name] : known.get(name)?.declared
  return values as TemplateParameters
}

/**
 * The key with arrays, objects, and values of the styles `label` and `matrix` already written, which an interpolation would encode as one
 * text. `undefined`: there are none. Where a value is the whole URL, or stands in its authority, there are no styles.
 */
export function withStyledValues(
  template: ExpressionTemplate,
  known: ReadonlyMap<string, PathValue>,
  values: TemplateParameters,
): ExpressionTemplate | undefined {
  let isStyled = false
  const parts = template.parts.map((part, i): TemplatePart => {
    const text = part.kind === 'path-parameter' ? styledText(part.name, known, values) : undefined
    if (text === undefined || !isAfterAuthority(template.parts.slice(0, i))) return part
    isStyled = true
    return { kind: 'literal', text, span: part.span }
  })
  return isStyled ? { ...template, parts } : undefined
}

function styledText(name: string, known: ReadonlyMap<string, PathValue>, values: TemplateParameters): string | undefined {
  const parameter = known.get(name)?.parameter
  const value: unknown = values[name]
  if (parameter === undefined || value === undefined || value === null) return undefined
  const { style } = parameter.object.value
  const isPlain = typeof value !== 'object' && style !== 'label' && style !== 'matrix' && parameter.contents.length === 0
  const text = isPlain ? undefined : writePathParameter(parameter, value)
  return text === '' || text === '.' || text === '..' ? undefined : text
}

function isAfterAuthority(before: readonly TemplatePart[]): boolean {
  const url = before.map((part, i) => (part.kind === 'literal' ? part.text : i === 0 ? 'http://x' : 'x')).join('')
  return /^https?:\/\/[^/?#]*[/?#]/i.test(url)
}

import { isObjectValue, items, parametersOf, pathItemField } from '../../openapi/index.ts'
import type { Finding, Rule } from '../rule.ts'
import { fileEdits, guesses, type KeySubject, namedLikewise } from '../subject/index.ts'
import { undeclared } from './declared.ts'
import { didYouMean, inText, inUse, quoted } from './support.ts'

/** `$request.path.id` belongs to the operation of the callback, `{id}` in its key to the callback's own path item. */
export const undeclaredPathParameter: Rule = {
  name: 'undeclared-path-parameter',
  summary: 'A path parameter that an expression or a callback key names is not declared.',
  group: 'semantics',
  severity: 'error',
  fixable: true,
  *use(use) {
    if (use.resolution?.kind === 'undeclared' && use.resolution.what === 'path')
      yield inUse(use, ...undeclared(use, use.resolution))
  },
  *key(key) {
    if (key.mended?.text !== undefined && key.problems.length > 0) return
    yield* ofPathItem(key)
  },
}

/** OAS, Path Item Object: a template parameter has a Parameter Object with the same name. */
function* ofPathItem(key: KeySubject): Iterable<Finding> {
  const { template, pathItem, operation } = key
  if (template === undefined || pathItem === undefined || pathItem.failure !== undefined) return
  const declared = declaredBy(pathItem)
  if (declared === undefined) return
  for (const part of template.parts) {
    if (part.kind !== 'path-parameter' || declared.has(part.name)) continue
    const named = operation === undefined ? [] : namedLikewise(operation, part.name)
    const meant = named.length > 0 ? named : guesses(`$${part.name}`, operation)
    const [only] = meant
    const span = { start: part.span.start, end: part.span.end }
    const text = `{${only}}`
    const whole = key.mended?.text ?? key.text
    const certain = named.length === 1 && key.mended === undefined
    yield inText(
      key,
      `${quoted(`{${part.name}}`)} is a path parameter of the callback, and its path item declares none of that name.${didYouMean(meant.map((one) => `{${one}}`))}`,
      {
        ...span,
        ...(only === undefined ? {} : { suggestion: whole.slice(0, span.start) + text + whole.slice(span.end) }),
        fix: certain ? fileEdits(key, [{ span, text }]) : undefined,
      },
    )
  }
}

/** `undefined` when that cannot be told. */
function declaredBy(pathItem: NonNullable<KeySubject['pathItem']>): ReadonlySet<string> | undefined {
  const names = new Set<string>()
  for (const operation of pathItem.operations) {
    const { parameters, failures } = parametersOf(operation)
    if (failures.length > 0) return undefined
    for (const parameter of parameters) if (parameter.in === 'path') names.add(parameter.name)
  }
  for (const at of items(pathItemField(pathItem, 'parameters'))) {
    const target = pathItem.description.resolve(at)
    if (!target.ok) return undefined
    if (isObjectValue(target.value) && target.value.value.in === 'path') names.add(String(target.value.value.name))
  }
  return names
}

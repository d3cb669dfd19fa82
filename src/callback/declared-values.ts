import type { TemplateParameters } from '../expression/index.ts'
import { child, isRecord, type Located, type Operation, type Parameter, parametersOf } from '../openapi/index.ts'

/** The values that path parameters of an operation name themselves; a parameter without one is left out. */
export function declaredPathValues(operation: Operation): TemplateParameters {
  const values: Record<string, string | number | boolean> = Object.create(null)
  for (const parameter of parametersOf(operation).parameters) {
    if (parameter.in !== 'path') continue
    const declared = declaredValue(parameter, operation)
    if (typeof declared === 'string' || typeof declared === 'number' || typeof declared === 'boolean') {
      values[parameter.name] = declared
    }
  }
  return values
}

/** Of a parameter: its `example`, the first of its `examples`, or `example`, first of `examples`, `default` of its schema. */
export function declaredValue(parameter: Parameter, { description }: Operation): unknown {
  const own = child(parameter.object, 'example')?.value
  if (own !== undefined) return own
  const examples = parameter.object.value.examples
  if (isRecord(examples)) {
    for (const name of Object.keys(examples)) {
      const at = child(parameter.object, 'examples')
      const one = at && child(at, name)
      const example = one && description.resolve(one)
      const value = example?.ok ? (child(example.value, 'dataValue') ?? child(example.value, 'value'))?.value : undefined
      if (value !== undefined) return value
    }
  }
  const schema = parameter.schema && description.resolve(parameter.schema)
  return schema?.ok ? schemaValue(schema.value) : undefined
}

function schemaValue(schema: Located): unknown {
  const examples = child(schema, 'examples')?.value
  return child(schema, 'example')?.value ?? (Array.isArray(examples) ? examples[0] : undefined) ?? child(schema, 'default')?.value
}

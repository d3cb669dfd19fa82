import { child, isRecord, type Located, type Operation, type Parameter } from '../openapi/index.ts'

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

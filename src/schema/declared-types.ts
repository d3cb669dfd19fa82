import { child, isRecord, items, type Located, type OpenApiDescription, placeOf } from '../openapi/index.ts'

/** A walk through a schema ends here; real ones are far smaller. */
const mostSteps = 200

/** The JSON types that a schema names, also through `$ref`, `allOf`, `anyOf` and `oneOf`. Empty: it names none. */
export function declaredTypes(description: OpenApiDescription, schema: Located | undefined): ReadonlySet<string> {
  const types = new Set<string>()
  for (const { value } of partsOf(description, schema)) {
    if (!isRecord(value)) continue
    for (const type of [value.type].flat()) if (typeof type === 'string') types.add(type)
    if (value.type === undefined && isRecord(value.properties)) types.add('object')
  }
  return types
}

/** Names of the properties that a schema declares. */
export function declaredProperties(description: OpenApiDescription, schema: Located | undefined): ReadonlyMap<string, Located> {
  const properties = new Map<string, Located>()
  for (const part of partsOf(description, schema)) {
    const declared = child(part, 'properties')
    if (declared === undefined || !isRecord(declared.value)) continue
    for (const name of Object.keys(declared.value)) {
      const at = child(declared, name)
      if (at !== undefined && !properties.has(name)) properties.set(name, at)
    }
  }
  return properties
}

/** The schema itself and all that apply to the same value, references followed. */
export function partsOf(description: OpenApiDescription, schema: Located | undefined): readonly Located[] {
  const parts = new Map<string, Located>()
  const waiting = schema === undefined ? [] : [schema]
  for (let at = waiting.shift(); at !== undefined && parts.size < mostSteps; at = waiting.shift()) {
    const target = description.resolve(at)
    // Beside a `$ref`, OAS 3.1 reads the other keywords as well.
    for (const part of target.ok && target.value !== at ? [at, target.value] : [at]) {
      const place = placeOf(part)
      if (parts.has(place)) continue
      parts.set(place, part)
      for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
        const list = child(part, keyword)
        if (list !== undefined) waiting.push(...items(list))
      }
    }
  }
  return [...parts.values()]
}

import { child, items, type Located, type OpenApiDescription } from '../openapi/index.ts'
import { declaredProperties, declaredTypes, partsOf } from './declared-types.ts'

/** Text from a form, a query or a header in the types that its schema names: forms know no numbers. */
export function typed(description: OpenApiDescription, schema: Located | undefined, value: unknown): unknown {
  if (typeof value === 'string') return scalar(description, schema, value)
  if (Array.isArray(value)) {
    const item = itemsOf(description, schema)
    return value.map((one) => typed(description, item, one))
  }
  if (typeof value !== 'object' || value === null) return value
  const properties = declaredProperties(description, schema)
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => {
      const property = properties.get(name)
      const isList = typeof one === 'string' && property !== undefined && declaredTypes(description, property).has('array')
      // One field of that name is a list of one.
      return [name, typed(description, property, isList ? [one] : one)]
    }),
  )
}

function scalar(description: OpenApiDescription, schema: Located | undefined, text: string): unknown {
  const types = declaredTypes(description, schema)
  if (types.size === 0 || types.has('string')) return text
  if ((types.has('number') || types.has('integer')) && /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text))
    return Number(text)
  if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true'
  return types.has('null') && text === '' ? null : text
}

function itemsOf(description: OpenApiDescription, schema: Located | undefined): Located | undefined {
  for (const part of partsOf(description, schema)) {
    const own = child(part, 'items')
    if (own !== undefined) return items(own)[0] ?? own
  }
  return undefined
}

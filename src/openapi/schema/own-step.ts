import { child, isObjectValue, type Located } from '../located.ts'
import { isRecord, ownValue } from '../pointer.ts'
import { schemaShape } from './shape.ts'
import type { Step } from './step-result.ts'

type Keywords = Readonly<Record<string, unknown>>

/** One token further by the own keywords of a schema: its `properties`, `items` and what closes them, not its references or alternatives. */
export function ownStep(schema: Located<Keywords>, token: string): Step {
  const types = typesOf(schema.value)
  const demands = Array.isArray(schema.value.required) && schema.value.required.includes(token)
  const arrays = types.includes('array') || (types.length === 0 && (has(schema, 'items') || has(schema, 'prefixItems')))
  const objects = types.includes('object') || (types.length === 0 && objectKeywords.some((keyword) => has(schema, keyword)))
  if (arrays && !objects) return itemStep(schema, token)
  if (arrays && /^(?:0|[1-9][0-9]*)$/.test(token)) return itemStep(schema, token)
  if (objects) return propertyStep(schema, token, demands)
  if (types.length > 0) return { verdict: 'missing', demands, parent: 'scalar' }
  return { verdict: 'silent', demands }
}

const objectKeywords = ['properties', 'additionalProperties', 'patternProperties', 'unevaluatedProperties']

/** The `type` of a schema as a list (OAS 3.1 allows several). */
export function typesOf(schema: Keywords): readonly string[] {
  const type = Object.hasOwn(schema, 'type') ? schema.type : undefined
  if (typeof type === 'string') return [type]
  return Array.isArray(type) ? type.filter((one) => typeof one === 'string') : []
}

function has(schema: Located<Keywords>, keyword: string): boolean {
  return Object.hasOwn(schema.value, keyword)
}

function propertyStep(schema: Located<Keywords>, token: string, demands: boolean): Step {
  const properties = child(schema, 'properties')
  const property = properties && isRecord(properties.value) ? child(properties, token) : undefined
  // Nothing is valid against `false`: such a property can never be there.
  if (property?.value === false) return { verdict: 'missing', demands, parent: 'object' }
  if (property !== undefined) return { verdict: 'found', demands, required: demands, maybe: false, shape: schemaShape(property) }
  const patterns = child(schema, 'patternProperties')
  // A pattern is never run: it is the document's, and may take for ever.
  if (patterns && isRecord(patterns.value) && Object.keys(patterns.value).length > 0)
    return { verdict: 'open', demands, why: 'pattern-properties' }
  for (const keyword of ['additionalProperties', 'unevaluatedProperties']) {
    const more = child(schema, keyword)
    if (more === undefined) continue
    if (more.value === false) return { verdict: 'missing', demands, parent: 'object' }
    if (!isObjectValue(more) || Object.keys(more.value).length === 0)
      return { verdict: 'open', demands, why: 'additional-properties' }
    return { verdict: 'found', demands, required: false, maybe: true, shape: schemaShape(more) }
  }
  // Strictly any other property is allowed. Every author who lists some means that these are all.
  const lists = properties !== undefined && isRecord(properties.value) && Object.keys(properties.value).length > 0
  return lists ? { verdict: 'missing', demands, parent: 'object' } : { verdict: 'silent', demands }
}

function itemStep(schema: Located<Keywords>, token: string): Step {
  if (!/^(?:0|[1-9][0-9]*)$/.test(token)) return { verdict: 'missing', demands: false, parent: 'array' }
  const index = Number(token)
  const { maxItems, minItems } = schema.value
  if (typeof maxItems === 'number' && index >= maxItems) return { verdict: 'missing', demands: false, parent: 'array' }
  const required = typeof minItems === 'number' && minItems > index
  const all = child(schema, 'items')
  // JSON Schema before 2020-12 had lists under `items`.
  const listed = child(schema, 'prefixItems') ?? (Array.isArray(all?.value) ? all : undefined)
  const item = (listed && ownValue(listed.value, token) && child(listed, token)) ?? all
  if (item === undefined || Array.isArray(item.value)) return { verdict: 'open', demands: false, why: 'no-items' }
  if (item.value === false) return { verdict: 'missing', demands: false, parent: 'array' }
  return { verdict: 'found', demands: false, required, maybe: false, shape: schemaShape(item) }
}

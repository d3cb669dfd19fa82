import { child, isRecord, type Located, type OpenApiDescription, ownValue, tokensOf } from '../openapi/index.ts'
import { compileSchemaSync, type Direction, sampleOf, selfContained } from '../schema/index.ts'

/** The part of an arbitrary that is used here. */
export interface Arb<T> {
  map<U>(change: (value: T) => U): Arb<U>
}

/** The part of fast-check that is used here. */
export interface Builders {
  constant<T>(value: T): Arb<T>
  constantFrom<T>(...values: readonly T[]): Arb<T>
  oneof<T>(...arbitraries: readonly Arb<T>[]): Arb<T>
  boolean(): Arb<boolean>
  integer(limits: { readonly min: number; readonly max: number }): Arb<number>
  double(limits: { readonly min: number; readonly max: number; readonly noNaN: true }): Arb<number>
  string(limits: { readonly minLength: number; readonly maxLength: number }): Arb<string>
  stringMatching(pattern: RegExp): Arb<string>
  webUrl(options: { readonly validSchemes: readonly string[] }): Arb<string>
  uuid(): Arb<string>
  emailAddress(): Arb<string>
  date(limits: { readonly min: Date; readonly max: Date; readonly noInvalidDate: true }): Arb<Date>
  array<T>(items: Arb<T>, limits: { readonly minLength: number; readonly maxLength: number }): Arb<readonly T[]>
  record<T extends object>(
    model: { readonly [K in keyof T]: Arb<T[K]> },
    options?: { readonly requiredKeys?: readonly string[]; readonly noNullPrototype?: true },
  ): Arb<T>
}

export function buildersOf(fc: object): Builders {
  const builders = fc as Builders
  if (typeof builders?.record === 'function' && typeof builders.stringMatching === 'function') return builders
  throw new TypeError("Expected fast-check 3.10 or newer as the first argument: import fc from 'fast-check'")
}

// Deeper, only what is required is made; deeper still, nothing.
const optionalDepth = 4
const maxDepth = 8
// Schemas that refer to each other in many places would grow without end: from half of these on, only what is required is made.
const mostParts = 2000
const mostItems = 4
const mostText = 40

/**
 * Values that fit a schema. What is made of its types and limits and does not fit it after all (an `allOf` that contradicts itself, `not`)
 * gives way to a sample that does.
 */
export function valuesOf(
  builders: Builders,
  description: OpenApiDescription,
  schema: Located,
  direction: Direction,
): Arb<unknown> {
  const { schema: plain, dialect } = selfContained(description, schema, direction)
  const validate = compileSchemaSync(plain, { dialect })
  const sample = sampleOf(description, schema, direction)
  const hidden = direction === 'request' ? 'readOnly' : 'writeOnly'
  return arbitraryOf({ builders, root: plain, parts: 0 }, plain, 0).map((value) => {
    const plainValue: unknown = value === undefined ? undefined : JSON.parse(JSON.stringify(value))
    const visible = withoutHidden(description, schema, plainValue, hidden)
    return sample !== undefined && validate(visible).length > 0 ? sample.value : visible
  })
}

/** Without the properties that such a message does not have: a request no `readOnly` ones, a response no `writeOnly` ones. */
function withoutHidden(
  description: OpenApiDescription,
  schema: Located | undefined,
  value: unknown,
  hidden: 'readOnly' | 'writeOnly',
): unknown {
  const target = schema === undefined ? undefined : description.resolve(schema)
  if (target?.ok !== true) return value
  if (Array.isArray(value)) return value.map((one) => withoutHidden(description, child(target.value, 'items'), one, hidden))
  if (!isRecord(value)) return value
  const properties = child(target.value, 'properties')
  const shown = Object.entries(value).flatMap(([name, one]) => {
    const at = properties === undefined ? undefined : child(properties, name)
    const declared = at === undefined ? undefined : description.resolve(at)
    if (declared?.ok === true && isRecord(declared.value.value) && declared.value.value[hidden] === true) return []
    return [[name, withoutHidden(description, at, one, hidden)]]
  })
  return Object.fromEntries(shown)
}

interface Context {
  readonly builders: Builders
  /** What references lead into. */
  readonly root: unknown
  /** How many were made. */
  parts: number
}

type Schema = Readonly<Record<string, unknown>>

function arbitraryOf(context: Context, given: unknown, depth: number): Arb<unknown> {
  const { builders } = context
  if (depth > maxDepth || ++context.parts > mostParts) return builders.constant(null)
  const schema = merged(context, given, 0)
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return builders.constantFrom<unknown>(...schema.enum)
  if ('const' in schema) return builders.constant(schema.const)
  for (const keyword of ['oneOf', 'anyOf']) {
    const listed = schema[keyword]
    if (!Array.isArray(listed) || listed.length === 0) continue
    const { [keyword]: _, ...rest } = schema
    return builders.oneof(...listed.map((one) => arbitraryOf(context, { allOf: [rest, one] }, depth + 1)))
  }
  const types = typesOf(schema)
  const all = types.map((type) => ofType(context, schema, type, depth))
  return builders.oneof(...all)
}

/** A schema with what it refers to and what `allOf` adds, as far as keywords can simply be put together. */
function merged(context: Context, given: unknown, steps: number): Schema {
  if (!isRecord(given) || steps > 20) return {}
  const parts = [given, ...(Array.isArray(given.allOf) ? given.allOf.map((one) => merged(context, one, steps + 1)) : [])]
  if (typeof given.$ref === 'string') parts.push(merged(context, referred(context.root, given.$ref), steps + 1))
  const all: Record<string, unknown> = {}
  const properties: Record<string, unknown> = {}
  const required: unknown[] = []
  // What comes first goes before: a schema before what it refers to.
  for (const part of parts.reverse()) {
    Object.assign(all, part)
    if (isRecord(part.properties)) Object.assign(properties, part.properties)
    if (Array.isArray(part.required)) required.push(...part.required)
  }
  if (Object.keys(properties).length > 0) all.properties = properties
  all.required = required
  delete all.allOf
  delete all.$ref
  return all
}

function referred(root: unknown, reference: string): unknown {
  const tokens = tokensOf(decodeURIComponent(reference.replace(/^#/, '')))
  let value = root
  for (const token of tokens.ok ? tokens.value : []) value = ownValue(value, token)?.value
  return value
}

function typesOf(schema: Schema): readonly string[] {
  const named = [schema.type].flat().filter((type) => typeof type === 'string')
  if (named.length === 0) named.push(isRecord(schema.properties) ? 'object' : schema.items === undefined ? 'string' : 'array')
  return schema.nullable === true ? [...named, 'null'] : named
}

function ofType(context: Context, schema: Schema, type: string, depth: number): Arb<unknown> {
  const { builders } = context
  switch (type) {
    case 'object':
      return objectOf(context, schema, depth)
    case 'array': {
      const minLength = limit(schema.minItems, 0)
      const maxLength = Math.max(minLength, Math.min(limit(schema.maxItems, mostItems), minLength + mostItems))
      return builders.array(arbitraryOf(context, schema.items ?? {}, depth + 1), { minLength, maxLength })
    }
    case 'boolean':
      return builders.boolean()
    case 'null':
      return builders.constant(null)
    case 'integer':
    case 'number':
      return numberOf(builders, schema, type === 'integer')
    default:
      return textOf(builders, schema)
  }
}

function objectOf(context: Context, schema: Schema, depth: number): Arb<unknown> {
  const properties = isRecord(schema.properties) ? schema.properties : {}
  const required = new Set((schema.required as readonly string[] | undefined) ?? [])
  const model: Record<string, Arb<unknown>> = {}
  for (const name of new Set([...Object.keys(properties), ...required])) {
    const property = ownValue(properties, name)?.value ?? {}
    if (!required.has(name) && (depth >= optionalDepth || context.parts > mostParts / 2)) continue
    Object.defineProperty(model, name, {
      value: arbitraryOf(context, property, depth + 1),
      enumerable: true,
      configurable: true,
    })
  }
  const requiredKeys = Object.keys(model).filter((name) => required.has(name))
  return context.builders.record<Record<string, unknown>>(model, { requiredKeys, noNullPrototype: true })
}

function numberOf(builders: Builders, schema: Schema, isInteger: boolean): Arb<number> {
  const open = (bound: unknown): number => (typeof bound === 'number' ? bound : Number.NaN)
  const low = Math.max(...[open(schema.minimum), open(schema.exclusiveMinimum)].filter(Number.isFinite), -1_000_000)
  const high = Math.min(...[open(schema.maximum), open(schema.exclusiveMaximum)].filter(Number.isFinite), 1_000_000)
  const [min, max] = [Math.min(low, high), Math.max(low, high)]
  if (isInteger && Math.ceil(min) <= Math.floor(max)) return builders.integer({ min: Math.ceil(min), max: Math.floor(max) })
  return builders.double({ min, max, noNaN: true }).map((value) => (Object.is(value, -0) ? 0 : value))
}

function textOf(builders: Builders, schema: Schema): Arb<string> {
  const minLength = limit(schema.minLength, 0)
  const maxLength = Math.max(minLength, Math.min(limit(schema.maxLength, mostText), minLength + mostText))
  switch (schema.format) {
    case 'uri':
    case 'url':
    case 'uri-reference':
      return builders.webUrl({ validSchemes: ['https', 'http'] })
    case 'uuid':
      return builders.uuid()
    case 'email':
      return builders.emailAddress()
    case 'date':
    case 'date-time': {
      const dates = builders.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
      return dates.map((date) => (schema.format === 'date' ? date.toISOString().slice(0, 10) : date.toISOString()))
    }
    default:
      return matching(builders, schema.pattern) ?? builders.string({ minLength, maxLength })
  }
}

/** What fast-check cannot make texts for, gives way to a sample. */
function matching(builders: Builders, pattern: unknown): Arb<string> | undefined {
  try {
    return typeof pattern === 'string' && pattern.length < 500 ? builders.stringMatching(new RegExp(pattern, 'u')) : undefined
  } catch {
    return undefined
  }
}

function limit(value: unknown, otherwise: number): number {
  return typeof value === 'number' && value >= 0 ? Math.min(value, 1000) : otherwise
}

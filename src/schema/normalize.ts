import { assertNever } from '../util/index.ts'
import { type Holds, keywords } from './keywords.ts'
import { SchemaInvalidError } from './schema-error.ts'
import type { Dialect } from './validator.ts'

type Json = Readonly<Record<string, unknown>>

/** More than the largest schema of a real API, less than what stops a process. */
const maxNodes = 50_000
const maxDepth = 200

/**
 * A copy of a schema with only those keywords that its dialect has, in the form the validator knows: draft 4 and OAS 3.0 become
 * draft 7, with every part at its old place, so that `$ref` and error pointers stay right. What the validator would take for
 * instructions of its own (`$async`, `nullable` elsewhere, unknown formats) is left out.
 */
export function normalize(schema: unknown, dialect: Dialect, isFormat: (name: string) => boolean): unknown {
  const holdsOf = keywords[dialect]
  const refStandsAlone = dialect !== '2019-09' && dialect !== '2020-12'
  const booleanLimits = dialect === 'draft-04' || dialect === 'openapi-3.0'
  let nodes = 0

  function enter(pointer: string, depth: number): void {
    nodes++
    if (nodes > maxNodes) throw new SchemaInvalidError('#', `Expected a schema of at most ${maxNodes} values but found more`)
    if (depth > maxDepth) {
      throw new SchemaInvalidError(
        shorten(pointer),
        `Expected a schema nested at most ${maxDepth} levels deep but found more (is it circular?)`,
      )
    }
  }

  function schemaAt(value: unknown, pointer: string, depth: number): unknown {
    enter(pointer, depth)
    if (typeof value === 'boolean' && dialect !== 'draft-04' && dialect !== 'openapi-3.0') return value
    // additionalProperties and additionalItems may be boolean in every dialect.
    if (typeof value === 'boolean' && /\/additional(Properties|Items)$/.test(pointer)) return value
    if (!isObject(value)) throw new SchemaInvalidError(pointer, `Expected a schema at ${pointer} but found ${kindOf(value)}`)

    const copy: Record<string, unknown> = {}
    const alone = refStandsAlone && typeof value.$ref === 'string'
    for (const [key, part] of Object.entries(value)) {
      const at = `${pointer}/${escaped(key)}`
      const holds = Object.hasOwn(holdsOf, key) ? holdsOf[key] : undefined
      if ((alone && key !== '$ref' && key !== 'definitions') || key === '$async') continue
      // An unknown object says nothing about values, but a `$ref` may lead into it.
      if (holds === undefined) {
        if (typeof part === 'object' && part !== null && !(key in Object.prototype))
          define(copy, key, unknownAt(part, at, depth + 1))
      } else if (key === 'format') {
        if (typeof part === 'string' && isFormat(part)) copy.format = part
      } else define(copy, key, partAt(holds, part, at, depth + 1))
    }
    if (dialect === 'draft-04' && typeof copy.id === 'string') copy.$id = copy.id
    delete copy.id
    if (booleanLimits) limits(copy)
    if (dialect === 'openapi-3.0') nullable(copy)
    return copy
  }

  function partAt(holds: Holds, part: unknown, pointer: string, depth: number): unknown {
    switch (holds) {
      case 'schema':
        return schemaAt(part, pointer, depth)
      case 'schemas':
        return Array.isArray(part) ? part.map((one, i) => schemaAt(one, `${pointer}/${i}`, depth)) : data(part, pointer, depth)
      case 'schema-or-schemas':
        return Array.isArray(part) ? partAt('schemas', part, pointer, depth) : schemaAt(part, pointer, depth)
      case 'schemas-by-name':
        return byName(part, pointer, depth, (one, at) => schemaAt(one, at, depth + 1))
      case 'schemas-or-names-by-name':
        return byName(part, pointer, depth, (one, at) =>
          Array.isArray(one) ? data(one, at, depth + 1) : schemaAt(one, at, depth + 1),
        )
      case 'data':
        return data(part, pointer, depth)
      default:
        return assertNever(holds)
    }
  }

  function byName(part: unknown, pointer: string, depth: number, each: (one: unknown, pointer: string) => unknown): unknown {
    if (!isObject(part)) return data(part, pointer, depth)
    const copy: Record<string, unknown> = {}
    for (const [name, one] of Object.entries(part)) define(copy, name, each(one, `${pointer}/${escaped(name)}`))
    return copy
  }

  /** What may be a schema, if a `$ref` says so. */
  function unknownAt(part: unknown, pointer: string, depth: number): unknown {
    enter(pointer, depth)
    if (Array.isArray(part)) return part.map((one, i) => unknownAt(one, `${pointer}/${i}`, depth + 1))
    if (!isObject(part)) return part
    const copy: Record<string, unknown> = {}
    for (const [key, one] of Object.entries(part))
      if (key !== '$async') define(copy, key, unknownAt(one, `${pointer}/${escaped(key)}`, depth + 1))
    return copy
  }

  function data(part: unknown, pointer: string, depth: number): unknown {
    enter(pointer, depth)
    if (Array.isArray(part)) return part.map((one, i) => data(one, `${pointer}/${i}`, depth + 1))
    if (!isObject(part)) return part
    const copy: Record<string, unknown> = {}
    for (const [key, one] of Object.entries(part)) define(copy, key, data(one, `${pointer}/${escaped(key)}`, depth + 1))
    return copy
  }

  return schemaAt(schema, '#', 0)
}

/** Draft 4 and OAS 3.0 say `minimum: 1, exclusiveMinimum: true` where later drafts say `exclusiveMinimum: 1`. */
function limits(schema: Record<string, unknown>): void {
  for (const [limit, exclusive] of [
    ['minimum', 'exclusiveMinimum'],
    ['maximum', 'exclusiveMaximum'],
  ] as const) {
    if (typeof schema[exclusive] !== 'boolean') continue
    const isExclusive = schema[exclusive] === true && typeof schema[limit] === 'number'
    delete schema[exclusive]
    if (!isExclusive) continue
    schema[exclusive] = schema[limit]
    delete schema[limit]
  }
}

/** `nullable` adds null to the `type` beside it and means nothing without one (OAS 3.0.3, 4.7.24.1). */
function nullable(schema: Record<string, unknown>): void {
  if (schema.nullable === true && typeof schema.type === 'string') schema.type = [schema.type, 'null']
  delete schema.nullable
}

function define(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`
}

function escaped(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1')
}

function shorten(pointer: string): string {
  return pointer.length > 120 ? `${pointer.slice(0, 120)}…` : pointer
}

import { type Holds, keywords } from './keywords.ts'
import { SchemaInvalidError } from './schema-error.ts'
import type { Dialect } from './validator.ts'

/** Beside each reference, how much work its schema is: a keyword that the validator spends before it follows. */
export const stepsKeyword = 'ringback:steps'

/** More than a schema without references can have. */
const mostApplications = 100_000

type Schema = Record<string, unknown>

/**
 * Makes a normalised schema one whose checks end. References make a small schema a large one: two to the same schema, each of which
 * has two, double the work at every level. Where that concerns one and the same value it is known before there is any, and refused with
 * `SchemaInvalidError`; what depends on the value, for each recursion through its members, is counted by `stepsKeyword`.
 */
export function limitWork(root: unknown, dialect: Dialect): void {
  if (!isSchema(root)) return
  const schemas = new Schemas(root, keywords[dialect])
  refuseMultiplied(schemas)
  for (const schema of schemas.all) {
    if (references.some((keyword) => typeof schema[keyword] === 'string')) {
      schema[stepsKeyword] = schemas.sizeOf(schemas.target(schema) ?? root)
    }
  }
}

const references = ['$ref', '$dynamicRef', '$recursiveRef']
/** Keywords whose schemas are for the value itself, not for a part of it. */
const inPlace = ['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentSchemas', 'dependencies']

class Schemas {
  readonly all = new Set<Schema>()
  readonly #root: Schema
  readonly #holds: Readonly<Record<string, Holds>>
  readonly #sizes = new Map<Schema, number>()

  constructor(root: Schema, holds: Readonly<Record<string, Holds>>) {
    this.#root = root
    this.#holds = holds
    this.all.add(root)
    // A set gives what is added while it is gone through.
    for (const schema of this.all) {
      for (const key of Object.keys(schema)) for (const one of this.#below(schema, key, true)) this.all.add(one)
      const target = this.target(schema)
      if (target !== undefined) this.all.add(target)
    }
  }

  /** Where `$ref` leads, when it is a JSON Pointer. */
  target({ $ref }: Schema): Schema | undefined {
    if (typeof $ref !== 'string' || !/^#(?:\/|$)/.test($ref)) return undefined
    let at: unknown = this.#root
    for (const token of $ref.split('/').slice(1)) {
      const name = unescaped(token)
      if (typeof at !== 'object' || at === null || name === undefined || !Object.hasOwn(at, name)) return undefined
      at = (at as Schema)[name]
    }
    return isSchema(at) ? at : undefined
  }

  /** The schemas that are for the same value. */
  inPlace(schema: Schema): readonly Schema[] {
    const target = this.target(schema)
    return [...(target === undefined ? [] : [target]), ...inPlace.flatMap((key) => this.#below(schema, key, false))]
  }

  /** Its schemas, keywords and listed values, without what is only behind references. */
  sizeOf(schema: Schema): number {
    const known = this.#sizes.get(schema)
    if (known !== undefined) return known
    let size = 1
    for (const [key, value] of Object.entries(schema)) {
      if (key === '$defs' || key === 'definitions') continue
      size += Array.isArray(value) ? value.length : 1
      for (const one of this.#below(schema, key, false)) size += this.sizeOf(one)
    }
    this.#sizes.set(schema, size)
    return size
  }

  #below(schema: Schema, key: string, withUnknown: boolean): readonly Schema[] {
    const holds = Object.hasOwn(this.#holds, key) ? this.#holds[key] : undefined
    const value = schema[key]
    if (holds === 'data' || (holds === undefined && !withUnknown) || typeof value !== 'object' || value === null) return []
    if (holds === 'schemas-by-name' || holds === 'schemas-or-names-by-name' || Array.isArray(value)) {
      return Object.values(value).filter(isSchema)
    }
    return [value as Schema]
  }
}

/** Goes through the schemas without recursion: chains of references may be long. */
function refuseMultiplied(schemas: Schemas): void {
  const applications = new Map<Schema, number>()
  for (const start of schemas.all) {
    const pending = applications.has(start) ? [] : [start]
    for (let schema = pending.at(-1); schema !== undefined; schema = pending.at(-1)) {
      const below = schemas.inPlace(schema)
      if (!applications.has(schema)) {
        // A schema inside itself adds nothing here: following it never ends, and is stopped by the steps.
        applications.set(schema, 0)
        pending.push(...below.filter((one) => !applications.has(one)))
        continue
      }
      pending.pop()
      const count = below.reduce((sum, one) => sum + (applications.get(one) ?? 0), 1)
      applications.set(schema, count)
      if (count <= mostApplications) continue
      throw new SchemaInvalidError(
        '#',
        `Expected references that apply at most ${mostApplications} schemas to one value but found more, because many lead to the same schemas`,
      )
    }
  }
}

function unescaped(token: string): string | undefined {
  try {
    return decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~')
  } catch {
    return undefined
  }
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

import { child, isRecord, type Located, type OpenApiDescription, placeOf } from '../openapi/index.ts'
import { dialectOf } from './dialect.ts'
import { type Holds, keywords } from './keywords.ts'
import { SchemaInvalidError } from './schema-error.ts'
import type { Dialect } from './validator.ts'

/** Which message a schema describes: what is `readOnly` is not asked of a request, what is `writeOnly` not of a response. */
export type Direction = 'request' | 'response'

/** As many values as the validator takes. */
const maxNodes = 50_000
const maxDepth = 200

/**
 * A copy of a schema of a description that stands for itself: what it refers to, also in other files, is under its definitions.
 * A reference that cannot be followed allows everything, since nothing is known of what it stands for. Throws `SchemaInvalidError` when the
 * schema is too large or names a dialect that nobody knows.
 */
export function selfContained(
  description: OpenApiDescription,
  schema: Located,
  direction: Direction,
): { readonly schema: unknown; readonly dialect: Dialect } {
  const dialect = dialectIn(description, schema)
  return { schema: new Bundler(description, dialect, direction).bundle(schema), dialect }
}

/** OAS 3.0 has one of its own; later versions take JSON Schema's, by `$schema`, then by `jsonSchemaDialect`. */
function dialectIn(description: OpenApiDescription, schema: Located): Dialect {
  if (description.version === '3.0') return 'openapi-3.0'
  const named = isRecord(schema.value) ? schema.value.$schema : undefined
  return dialectOf({ $schema: named ?? child(description.root, 'jsonSchemaDialect')?.value }, '2020-12')
}

/** What a schema calls itself: references are rewritten, so that nothing is looked up by these. */
const names = ['$id', 'id', '$schema', '$anchor', '$dynamicAnchor', '$recursiveAnchor', '$defs', 'definitions']

class Bundler {
  readonly #description: OpenApiDescription
  readonly #holds: Readonly<Record<string, Holds>>
  readonly #definitionsAt: '$defs' | 'definitions'
  readonly #hidden: 'readOnly' | 'writeOnly'
  readonly #names = new Map<string, string>()
  readonly #waiting: { readonly name: string; readonly at: Located }[] = []
  #nodes = 0

  constructor(description: OpenApiDescription, dialect: Dialect, direction: Direction) {
    this.#description = description
    this.#holds = keywords[dialect]
    this.#definitionsAt = '$defs' in this.#holds ? '$defs' : 'definitions'
    this.#hidden = direction === 'request' ? 'readOnly' : 'writeOnly'
  }

  bundle(schema: Located): unknown {
    const root = this.#copy(schema, 0)
    const definitions: Record<string, unknown> = {}
    for (let i = 0; i < this.#waiting.length; i++) {
      const waiting = this.#waiting[i]
      if (waiting !== undefined) definitions[waiting.name] = this.#copy(waiting.at, 0)
    }
    if (this.#waiting.length === 0) return root
    // Beside a `$ref`, some dialects read nothing else.
    return { allOf: [root], [this.#definitionsAt]: definitions }
  }

  #copy(at: Located, depth: number): unknown {
    this.#count(depth)
    if (!isRecord(at.value)) return at.value
    const copy: Record<string, unknown> = {}
    for (const [key, value] of Object.entries(at.value)) {
      const holds = Object.hasOwn(this.#holds, key) ? this.#holds[key] : undefined
      const below = child(at, key)
      if (holds === undefined || names.includes(key) || below === undefined) continue
      if (key === '$ref' || key === '$dynamicRef' || key === '$recursiveRef') {
        const reference = typeof value === 'string' ? this.#reference(at, value) : undefined
        if (reference !== undefined) copy.$ref = reference
      } else if (key === 'required') define(copy, key, this.#asked(at, value))
      else define(copy, key, this.#part(holds, below, depth + 1))
    }
    return copy
  }

  #part(holds: Holds, at: Located, depth: number): unknown {
    if (holds === 'data') return this.#data(at.value, depth)
    if (holds === 'schema' || (holds === 'schema-or-schemas' && !Array.isArray(at.value))) return this.#copy(at, depth)
    if (Array.isArray(at.value)) return at.value.map((_, i) => this.#copy(child(at, String(i)) ?? at, depth + 1))
    if (!isRecord(at.value)) return at.value
    const copy: Record<string, unknown> = {}
    for (const name of Object.keys(at.value)) {
      const below = child(at, name)
      if (below !== undefined) {
        define(copy, name, Array.isArray(below.value) ? this.#data(below.value, depth) : this.#copy(below, depth + 1))
      }
    }
    return copy
  }

  #data(value: unknown, depth: number): unknown {
    this.#count(depth)
    if (Array.isArray(value)) return value.map((one) => this.#data(one, depth + 1))
    if (!isRecord(value)) return value
    const copy: Record<string, unknown> = {}
    for (const [key, one] of Object.entries(value)) define(copy, key, this.#data(one, depth + 1))
    return copy
  }

  #reference(at: Located, ref: string): string | undefined {
    const target = this.#description.follow(at, ref)
    if (!target.ok) return undefined
    const place = placeOf(target.value)
    let name = this.#names.get(place)
    if (name === undefined) {
      name = String(this.#names.size)
      this.#names.set(place, name)
      this.#waiting.push({ name, at: target.value })
    }
    return `#/${this.#definitionsAt}/${name}`
  }

  /** OAS 3, Schema Object: of a property that is only for the other direction, `required` holds there only. */
  #asked(at: Located, required: unknown): unknown {
    if (!Array.isArray(required)) return this.#data(required, 0)
    const properties = child(at, 'properties')
    return required.filter((name) => {
      const property = typeof name === 'string' && properties ? child(properties, name) : undefined
      const schema = property && this.#description.resolve(property)
      const isHidden = (one: Located | undefined): boolean => isRecord(one?.value) && one.value[this.#hidden] === true
      return !isHidden(property) && !(schema?.ok && isHidden(schema.value))
    })
  }

  #count(depth: number): void {
    if (++this.#nodes <= maxNodes && depth <= maxDepth) return
    throw new SchemaInvalidError(
      '#',
      `Expected a schema of at most ${maxNodes} values, ${maxDepth} levels deep, with all it refers to, but found more`,
    )
  }
}

function define(target: Record<string, unknown>, key: string, value: unknown): void {
  if (value !== undefined) Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
}

import { child, isRecord, items, type Located, type OpenApiDescription } from '../openapi/index.ts'
import { canGenerateCode } from '../util/index.ts'
import { compileSchemaSync } from './compile-schema.ts'
import { most, sampleNumber, sampleString } from './sample-scalar.ts'
import { type SampleBudget, type SampleView, viewsOf } from './sample-view.ts'
import { type Direction, selfContained } from './self-contained.ts'
import type { Validator } from './validator.ts'

/**
 * A value that fits a schema: its examples and defaults where they fit, else made from types, formats and limits. Bounded for recursive
 * schemas. `undefined`: none was found that fits. Throws `SchemaInvalidError`. Where text may not become code, nothing can be checked, and the
 * first value that is made is taken.
 */
export function sampleOf(
  description: OpenApiDescription,
  schema: Located,
  direction: Direction,
): { readonly value: unknown } | undefined {
  const { schema: plain, dialect } = selfContained(description, schema, direction)
  const validate = canGenerateCode() ? compileSchemaSync(plain, { dialect }) : fits
  // Examples are what people write by hand, so one wrong example spoils all; less is taken from the document each time.
  const budget = { left: mostSchemas }
  for (const trust of ['examples', 'fixed'] as const) {
    for (const optional of [true, false]) {
      for (let shift = 0; shift < mostShifts; shift++) {
        const value = new Sampler(description, direction, { trust, optional, shift }, budget).sample([schema], [])
        if (value !== nothing && validate(value).length === 0) return { value }
      }
    }
  }
  return undefined
}

const fits: Validator = () => []
const nothing = Symbol('no value')
type Nothing = typeof nothing

/** How far into the alternatives of `oneOf` and `anyOf` is begun, when a value made from the first ones does not fit. */
const mostShifts = 4
/** Deeper, only what is required is made. */
const optionalDepth = 5
const maxDepth = 40
const maxValues = 1_000
const maxItems = 100
/** Looked at for all tries together. Without it, a thousand values of long chains of references, tried often, take minutes. */
const mostSchemas = 200_000

interface Effort {
  /** Whether examples and defaults are taken, or only `const` and `enum`. */
  readonly trust: 'examples' | 'fixed'
  /** Whether properties that are not required are made. */
  readonly optional: boolean
  /** Which alternative comes first. */
  readonly shift: number
}

class Sampler {
  readonly #description: OpenApiDescription
  readonly #hidden: 'readOnly' | 'writeOnly'
  readonly #trust: Effort['trust']
  readonly #optional: boolean
  readonly #shift: number
  readonly #budget: SampleBudget
  #values = 0

  constructor(description: OpenApiDescription, direction: Direction, { trust, optional, shift }: Effort, budget: SampleBudget) {
    this.#description = description
    this.#hidden = direction === 'request' ? 'readOnly' : 'writeOnly'
    this.#trust = trust
    this.#optional = optional
    this.#shift = shift
    this.#budget = budget
  }

  /** `around`: the views of the values that this one is inside of. `index`: which one of several it is. */
  sample(schemas: readonly Located[], around: readonly SampleView[], index = 0): unknown | Nothing {
    if (around.length > maxDepth || ++this.#values > maxValues) return nothing
    for (const view of viewsOf(this.#description, schemas, this.#shift, this.#budget)) {
      if (view.impossible || this.#isEndless(view, around)) continue
      const value = this.#fixed(view) ?? { value: this.#made(view, around, index) }
      if (value.value !== nothing) return value.value
    }
    return nothing
  }

  /** A recursive schema inside itself for the second time: somebody around it can do without. */
  #isEndless({ schemas }: SampleView, around: readonly SampleView[]): boolean {
    const own = schemas.map(({ file, pointer }) => `${file.uri}#${pointer}`)
    return around.filter(({ places }) => own.some((place) => places.has(place))).length > 1
  }

  #fixed({ schemas }: SampleView): { readonly value: unknown } | undefined {
    for (const schema of schemas) {
      const constant = child(schema, 'const')
      if (constant !== undefined) return constant
    }
    if (this.#trust === 'examples') {
      for (const keyword of ['example', 'examples', 'default']) {
        for (const schema of schemas) {
          const found = child(schema, keyword)
          const value = keyword === 'examples' ? items(found)[0] : found
          if (value !== undefined) return value
        }
      }
    }
    for (const schema of schemas) {
      const listed = items(child(schema, 'enum'))
      const value = listed.find((one) => one.value !== null) ?? listed[0]
      if (value !== undefined) return value
    }
    return undefined
  }

  #made(view: SampleView, around: readonly SampleView[], index: number): unknown | Nothing {
    const keywords = view.schemas.map(({ value }) => value)
    switch (typeOf(view)) {
      case 'object':
        return this.#object(view, around)
      case 'array':
        return this.#array(view, around)
      case 'string':
        return sampleString(keywords, index)
      case 'integer':
        return sampleNumber(keywords, true, index)
      case 'number':
        return sampleNumber(keywords, false, index)
      case 'boolean':
        return index === 0
      case 'null':
        return null
      default:
        return nothing
    }
  }

  #object(view: SampleView, around: readonly SampleView[]): unknown | Nothing {
    const inside = [...around, view]
    const limit =
      most(
        view.schemas.map(({ value }) => value),
        'maxProperties',
        Math.min,
      ) ?? Number.POSITIVE_INFINITY
    const made = new Map<string, unknown>()
    const mayAdd = this.#optional && inside.length <= optionalDepth
    let room = limit - view.required.size
    for (const name of new Set([...view.properties.keys(), ...view.discriminators.keys(), ...view.required])) {
      const isRequired = view.required.has(name)
      if (!isRequired && !view.discriminators.has(name) && (!mayAdd || --room < 0)) continue
      const schemas = view.properties.get(name) ?? additional(view)
      if (schemas.some((schema) => this.#isHidden(schema))) continue
      const discriminator = view.discriminators.get(name)
      const value = discriminator ?? (schemas.length === 0 ? {} : this.sample(schemas, inside))
      if (value !== nothing) made.set(name, value)
      else if (isRequired) return nothing
    }
    this.#fillUp(view, inside, made)
    return Object.fromEntries(made)
  }

  /** `minProperties` of a map. */
  #fillUp(view: SampleView, inside: readonly SampleView[], made: Map<string, unknown>): void {
    const least = Math.min(
      most(
        view.schemas.map(({ value }) => value),
        'minProperties',
        Math.max,
      ) ?? 0,
      maxItems,
    )
    const schemas = additional(view)
    for (let i = 1; made.size < least && i <= maxItems; i++) {
      const value = schemas.length === 0 ? 'string' : this.sample(schemas, inside)
      if (value === nothing) return
      made.set(`property${i}`, value)
    }
  }

  #array(view: SampleView, around: readonly SampleView[]): unknown | Nothing {
    const inside = [...around, view]
    const keywords = view.schemas.map(({ value }) => value)
    const least = most(keywords, 'minItems', Math.max) ?? 0
    const limit = most(keywords, 'maxItems', Math.min) ?? Number.POSITIVE_INFINITY
    if (least > maxItems) return nothing
    const listed = view.schemas.flatMap((schema) => items(child(schema, 'prefixItems')))
    const schemas = view.schemas.flatMap((schema) => child(schema, 'items') ?? [])
    const wanted = Math.min(Math.max(least, listed.length, this.#optional ? 1 : 0), limit)
    const made: unknown[] = []
    for (let i = 0; i < wanted; i++) {
      const own = listed[i]
      const of = own === undefined ? schemas : [own]
      const value = of.length === 0 ? 'string' : this.sample(of, inside, own === undefined ? i : 0)
      if (value === nothing) break
      made.push(value)
    }
    return made.length < least ? nothing : made
  }

  #isHidden(schema: Located): boolean {
    const target = this.#description.resolve(schema)
    const hides = (value: unknown): boolean => isRecord(value) && value[this.#hidden] === true
    return hides(schema.value) || (target.ok && hides(target.value.value))
  }
}

function additional({ schemas }: SampleView): readonly Located[] {
  return schemas.flatMap((schema) => {
    const found = child(schema, 'additionalProperties')
    return found !== undefined && isRecord(found.value) ? [found] : []
  })
}

/** The first type but null, or what the other keywords speak of. */
function typeOf({ types, schemas, properties, required }: SampleView): string | undefined {
  if (types !== undefined) return types.find((type) => type !== 'null') ?? types[0]
  const has = (...keywords: readonly string[]): boolean =>
    schemas.some(({ value }) => keywords.some((keyword) => Object.hasOwn(value, keyword)))
  if (properties.size > 0 || required.size > 0) return 'object'
  if (has('items', 'prefixItems', 'minItems', 'maxItems')) return 'array'
  if (has('minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf')) return 'number'
  if (has('format', 'pattern', 'minLength', 'maxLength')) return 'string'
  return 'object'
}

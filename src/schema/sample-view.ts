import { child, isRecord, items, type Located, members, type OpenApiDescription, placeOf } from '../openapi/index.ts'

type Keywords = Readonly<Record<string, unknown>>

/** Schemas that all hold for one value, with what they say together. */
export interface SampleView {
  /** Every schema that holds, references and `allOf` followed. */
  readonly schemas: readonly Located<Keywords>[]
  /** Their places: a schema that is met again inside its own value is recursive. */
  readonly places: ReadonlySet<string>
  readonly types: readonly string[] | undefined
  readonly required: ReadonlySet<string>
  readonly properties: ReadonlyMap<string, readonly Located[]>
  /** Members whose value an alternative was chosen by. */
  readonly discriminators: ReadonlyMap<string, string>
  /** `false` allows nothing at all. */
  readonly impossible: boolean
}

/** Schemas that may still be looked at, for all tries to make one value. */
export interface SampleBudget {
  left: number
}

/** How many alternatives of one `oneOf` or `anyOf` are tried at most. */
const mostAlternatives = 8

/**
 * The ways to satisfy some schemas, alternative number `shift` of each `oneOf` and `anyOf` first. Lazily: most often the first one will do.
 */
export function* viewsOf(
  description: OpenApiDescription,
  schemas: readonly Located[],
  shift: number,
  budget: SampleBudget,
): Generator<SampleView> {
  for (let choice = 0; choice < mostAlternatives; choice++) {
    const collector = new Collector(description, choice + shift, budget)
    for (const schema of schemas) collector.add(schema)
    if (budget.left < 0) return
    yield collector.view()
    if (collector.mostAlternatives <= choice + 1) return
  }
}

class Collector {
  readonly #description: OpenApiDescription
  readonly #choice: number
  readonly #budget: SampleBudget
  readonly #schemas: Located<Keywords>[] = []
  readonly #places = new Set<string>()
  readonly #discriminators = new Map<string, string>()
  #impossible = false
  /** The most alternatives that one schema had. */
  mostAlternatives = 1

  constructor(description: OpenApiDescription, choice: number, budget: SampleBudget) {
    this.#description = description
    this.#choice = choice
    this.#budget = budget
  }

  add(schema: Located): void {
    if (--this.#budget.left < 0) return
    const place = placeOf(schema)
    if (this.#places.has(place)) return
    this.#places.add(place)
    if (schema.value === false) this.#impossible = true
    if (!isRecord(schema.value)) return
    const at = schema as Located<Keywords>
    const reference = at.value.$ref ?? at.value.$dynamicRef
    if (typeof reference === 'string') {
      const target = this.#description.follow(at, reference)
      if (target.ok) this.add(target.value)
      // In OAS 3.0 nothing else is read beside a reference.
      if (this.#description.version === '3.0') return
    }
    this.#schemas.push(at)
    for (const one of items(child(at, 'allOf'))) this.add(one)
    for (const keyword of ['oneOf', 'anyOf']) this.#addAlternative(at, items(child(at, keyword)))
  }

  view(): SampleView {
    const required = new Set<string>()
    const properties = new Map<string, Located[]>()
    let types: readonly string[] | undefined
    for (const schema of this.#schemas) {
      const { value } = schema
      if (Array.isArray(value.required)) for (const name of value.required) if (typeof name === 'string') required.add(name)
      for (const { name, at } of members(child(schema, 'properties'))) properties.set(name, [...(properties.get(name) ?? []), at])
      const own = typesOf(value)
      if (own !== undefined) types = types === undefined ? own : common(types, own)
    }
    return {
      schemas: this.#schemas,
      places: this.#places,
      types,
      required,
      properties,
      discriminators: this.#discriminators,
      impossible: this.#impossible,
    }
  }

  #addAlternative(schema: Located<Keywords>, alternatives: readonly Located[]): void {
    if (alternatives.length === 0) return
    this.mostAlternatives = Math.max(this.mostAlternatives, alternatives.length)
    const chosen = alternatives[this.#choice % alternatives.length]
    if (chosen === undefined) return
    this.#discriminate(schema, chosen)
    this.add(chosen)
  }

  /** OAS 3, Discriminator Object: by the mapping, else by the name of the schema. */
  #discriminate(schema: Located<Keywords>, chosen: Located): void {
    const { discriminator } = schema.value
    if (!isRecord(discriminator) || typeof discriminator.propertyName !== 'string' || !isRecord(chosen.value)) return
    const { $ref } = chosen.value
    if (typeof $ref !== 'string') return
    const name = $ref.slice($ref.lastIndexOf('/') + 1)
    const mapped = Object.entries(isRecord(discriminator.mapping) ? discriminator.mapping : {}).find(
      ([, to]) => to === $ref || to === name,
    )
    this.#discriminators.set(discriminator.propertyName, mapped?.[0] ?? name)
  }
}

function typesOf({ type }: Keywords): readonly string[] | undefined {
  if (typeof type === 'string') return [type]
  return Array.isArray(type) ? type.filter((one) => typeof one === 'string') : undefined
}

function common(a: readonly string[], b: readonly string[]): readonly string[] {
  return a.flatMap((one) => {
    if (b.includes(one)) return [one]
    return (one === 'number' && b.includes('integer')) || (one === 'integer' && b.includes('number')) ? ['integer'] : []
  })
}

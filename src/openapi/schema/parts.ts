import type { OpenApiDescription } from '../description.ts'
import { child, isObjectValue, items, type Located, members } from '../located.ts'
import { type ReferenceFailure, refOf } from '../reference.ts'

/** A Schema Object taken apart into what must hold all at once. */
export interface SchemaParts {
  /** The schema whose own keywords (`type`, `properties`, `items`) count; absent when it is only a reference (OAS 3.0). */
  readonly own: Located<Readonly<Record<string, unknown>>> | undefined
  /** Schemas that hold as well: what `$ref` leads to, and the members of `allOf`. */
  readonly all: readonly Located[]
  /** Of each group at least one holds: `oneOf`, `anyOf`. */
  readonly any: readonly (readonly Located[])[]
  /** Schemas that may hold: `if` is not decided here. */
  readonly perhaps: readonly Located[]
  readonly failure: ReferenceFailure | undefined
  /** `$dynamicRef`: depends on who refers to whom. */
  readonly dynamic: boolean
}

const nothing: SchemaParts = { own: undefined, all: [], any: [], perhaps: [], failure: undefined, dynamic: false }

export function partsOf(description: OpenApiDescription, schema: Located): SchemaParts {
  if (!isObjectValue(schema)) return nothing
  const all: Located[] = []
  let failure: ReferenceFailure | undefined
  if (refOf(schema.value) !== undefined) {
    const target = description.follow(schema, refOf(schema.value) ?? '')
    if (target.ok) all.push(target.value)
    else failure = target.error
    // Beside a `$ref` nothing counts before OAS 3.1.
    if (description.version === '3.0') return { ...nothing, all, failure }
  }
  all.push(...items(child(schema, 'allOf')))
  const any = ['oneOf', 'anyOf'].map((keyword) => items(child(schema, keyword))).filter((group) => group.length > 0)
  const perhaps = ['if', 'then', 'else'].flatMap((keyword) => child(schema, keyword) ?? [])
  perhaps.push(...members(child(schema, 'dependentSchemas')).map(({ at }) => at))
  return {
    own: schema,
    all,
    any,
    perhaps,
    failure,
    dynamic: '$dynamicRef' in schema.value,
  }
}

/** Schemas that stand in for this one by the value of its discriminator: those of `discriminator.mapping`, and those of the components that build on this one, or on one that does, with `allOf`. */
export function derivedFrom(description: OpenApiDescription, schema: Located): readonly Located[] {
  const discriminator = child(schema, 'discriminator')
  // Beside `oneOf` or `anyOf` it only picks one of those.
  if (discriminator === undefined || child(schema, 'oneOf') || child(schema, 'anyOf')) return []
  const mapped = members(child(discriminator, 'mapping')).flatMap(({ at }) => {
    if (typeof at.value !== 'string') return []
    const named = schemasOf(description).find(({ name }) => name === at.value)
    if (named !== undefined) return [named.at]
    const target = description.follow(at, at.value)
    return target.ok ? [target.value] : []
  })
  return [...mapped, ...builtOn(description, schema)]
}

function schemasOf(description: OpenApiDescription): ReturnType<typeof members> {
  const components = child(description.root, 'components')
  return members(components && child(components, 'schemas'))
}

const derivations = new WeakMap<OpenApiDescription, ReadonlyMap<unknown, readonly Located[]>>()

function builtOn(description: OpenApiDescription, base: Located): readonly Located[] {
  let known = derivations.get(description)
  if (known === undefined) {
    const found = new Map<unknown, Located[]>()
    for (const { at } of schemasOf(description)) {
      for (const part of items(child(at, 'allOf'))) {
        const target = refOf(part.value) === undefined ? undefined : description.resolve(part)
        if (target?.ok) found.set(target.value.value, [...(found.get(target.value.value) ?? []), at])
      }
    }
    known = found
    derivations.set(description, known)
  }
  const derived = new Set<Located>()
  const open = [...(known.get(base.value) ?? [])]
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (derived.has(one)) continue
    derived.add(one)
    open.push(...(known.get(one.value) ?? []))
  }
  return [...derived]
}

import type { OpenApiDescription } from '../description.ts'
import type { Located } from '../located.ts'
import { typesOf } from './own-step.ts'
import { partsOf } from './parts.ts'
import { type Shape, shapesWithin } from './shape.ts'

/** What the schemas of one value say of it. */
export interface SchemaTraits {
  /** Each once, in order of appearance; empty: any type. `nullable: true` (OAS 3.0) counts as `null`. */
  readonly types: readonly string[]
  /** A hint at most: `uri`, `uri-reference`, … */
  readonly formats: readonly string[]
  /** Readers may get it, writers need not send it. A hint at most. */
  readonly readOnly: boolean
  readonly writeOnly: boolean
}

const mostSchemas = 500

/** Through references, `allOf` and alternatives, each schema once. */
export function traitsOf(description: OpenApiDescription, shape: Shape): SchemaTraits {
  const types = new Set<string>()
  const formats = new Set<string>()
  let readOnly = false
  let writeOnly = false
  for (const { value } of ownSchemas(description, shape)) {
    for (const type of typesOf(value)) types.add(type)
    if (value.nullable === true) types.add('null')
    if (typeof value.format === 'string') formats.add(value.format)
    readOnly ||= value.readOnly === true
    writeOnly ||= value.writeOnly === true
  }
  return { types: [...types], formats: [...formats], readOnly, writeOnly }
}

/** Every schema with keywords of its own that a shape consists of. */
export function ownSchemas(description: OpenApiDescription, shape: Shape): readonly Located<Readonly<Record<string, unknown>>>[] {
  const found: Located<Readonly<Record<string, unknown>>>[] = []
  const seen = new Set<unknown>()
  const schema = (at: Located): void => {
    if (seen.has(at.value) || seen.size >= mostSchemas) return
    seen.add(at.value)
    const parts = partsOf(description, at)
    if (parts.own !== undefined) found.push(parts.own)
    for (const one of parts.all) schema(one)
    for (const group of parts.any) group.forEach(schema)
    parts.perhaps.forEach(schema)
  }
  for (const one of shapesWithin(shape)) if (one.kind === 'schema') schema(one.at)
  return found
}

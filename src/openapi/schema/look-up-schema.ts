import type { OpenApiDescription } from '../description.ts'
import type { Located } from '../located.ts'
import { propertiesBelow, suggestions } from './nearby.ts'
import type { SchemaParts } from './parts.ts'
import { type Shape, schemaShape } from './shape.ts'
import { Stepper } from './step.ts'
import type { OpenReason, ParentKind } from './step-result.ts'
import { type SchemaTraits, traitsOf } from './traits.ts'

/** Whether a value described by a schema has something at a JSON Pointer. */
export type SchemaVerdict =
  | ({
      readonly kind: 'found'
      /** Every token of the way must be there in a valid value. */
      readonly required: boolean
      /** The schema, before any `$ref`; one of several when more than one describes the value. */
      readonly schema: Located
    } & SchemaTraits)
  | {
      readonly kind: 'missing'
      /** Index of the first token that leads nowhere. */
      readonly depth: number
      readonly token: string
      /** What stands there instead of an object with that member. */
      readonly parent: ParentKind
      /** Pointers that exist and may have been meant, the likeliest first, at most three; `*` is any index. */
      readonly didYouMean: readonly string[]
    }
  | {
      readonly kind: 'cannot-tell'
      readonly why: OpenReason
      /** Index of the token at which the schemas end. */
      readonly depth: number
      readonly detail: string | undefined
    }

/**
 * Looks up the reference tokens of a JSON Pointer in a schema, through `$ref`, `allOf`, `oneOf`, `anyOf`, `if`, items, properties,
 * additional properties and discriminators.
 *
 * A schema that lists `properties` and says nothing of others is taken to be closed; strictly it is open, but nobody means it so.
 * Where a schema is open, or not to be had, the verdict is `cannot-tell` and never `missing`.
 */
export function lookUpSchema(description: OpenApiDescription, schema: Located, tokens: readonly string[]): SchemaVerdict {
  const root = schemaShape(schema)
  let shape: Shape = root
  const taken = new Map<unknown, SchemaParts>()
  let required = true
  let maybe: number | undefined
  for (const [depth, token] of tokens.entries()) {
    const step = new Stepper(description, token, taken).step(shape)
    switch (step.verdict) {
      case 'missing':
        return {
          kind: 'missing',
          depth,
          token,
          parent: step.parent,
          didYouMean: suggestions(propertiesBelow(description, root), tokens, depth),
        }
      case 'open':
        return { kind: 'cannot-tell', why: step.why, depth, detail: step.detail }
      case 'silent':
        return { kind: 'cannot-tell', why: 'open-schema', depth, detail: undefined }
      case 'found':
        required &&= step.required
        if (step.maybe) maybe ??= depth
        shape = step.shape
    }
  }
  if (maybe !== undefined) return { kind: 'cannot-tell', why: 'additional-properties', depth: maybe, detail: undefined }
  return { kind: 'found', required, schema: firstOf(shape) ?? schema, ...traitsOf(description, shape) }
}

function firstOf(shape: Shape): Located | undefined {
  let one: Shape | undefined = shape
  while (one !== undefined && one.kind !== 'schema') one = one.of[0]
  return one?.at
}

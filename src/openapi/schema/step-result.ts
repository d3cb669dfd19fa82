import type { Shape } from './shape.ts'

/** Why a schema does not say whether there is a value. */
export type OpenReason =
  /** Additional properties are allowed. */
  | 'additional-properties'
  | 'pattern-properties'
  /** An array whose items have no schema. */
  | 'no-items'
  /** The schema says nothing of what is inside. */
  | 'open-schema'
  /** A `$ref` cannot be followed. */
  | 'unresolved-reference'
  | 'dynamic-reference'
  /** More schemas than are looked through. */
  | 'too-large'

/** What kind of value lacks the token. */
export type ParentKind = 'object' | 'array' | 'scalar'

/** One token further. `demands`: the token is listed under `required`, wherever the property itself is described. */
export type Step =
  | {
      readonly verdict: 'found'
      readonly demands: boolean
      readonly required: boolean
      readonly maybe: boolean
      readonly shape: Shape
    }
  | { readonly verdict: 'missing'; readonly demands: boolean; readonly parent: ParentKind }
  | { readonly verdict: 'open'; readonly demands: boolean; readonly why: OpenReason; readonly detail?: string }
  /** Nothing against it and nothing for it: others that hold at the same time decide. */
  | { readonly verdict: 'silent'; readonly demands: boolean }

import type { Located } from '../located.ts'

/** What is known of a value: one schema holds, or all of several, or at least one of several. */
export type Shape =
  | { readonly kind: 'schema'; readonly at: Located }
  | { readonly kind: 'all'; readonly of: readonly Shape[] }
  | { readonly kind: 'any'; readonly of: readonly Shape[] }

export function schemaShape(at: Located): Shape {
  return { kind: 'schema', at }
}

export function allOf(shapes: readonly Shape[]): Shape {
  const [first] = shapes
  return shapes.length === 1 && first !== undefined ? first : { kind: 'all', of: shapes }
}

export function anyOf(shapes: readonly Shape[]): Shape {
  const [first] = shapes
  return shapes.length === 1 && first !== undefined ? first : { kind: 'any', of: shapes }
}

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
  return combined('all', shapes)
}

export function anyOf(shapes: readonly Shape[]): Shape {
  return combined('any', shapes)
}

/**
 * A shape and all it consists of, each once, parts before what they are part of. Shapes share parts, so going through them as through a
 * tree takes time that doubles with every diamond.
 */
export function shapesWithin(root: Shape): readonly Shape[] {
  const done = new Set<Shape>()
  const entered = new Set<Shape>([root])
  const open = [{ shape: root, next: 0 }]
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const part = partsOf(top.shape)[top.next++]
    if (part === undefined) {
      done.add(top.shape)
      open.pop()
    } else if (!entered.has(part)) {
      entered.add(part)
      open.push({ shape: part, next: 0 })
    }
  }
  return [...done]
}

function combined(kind: 'all' | 'any', shapes: readonly Shape[]): Shape {
  const seen = new Set<unknown>()
  const of = shapes.filter((shape) => seen.size < seen.add(identityOf(shape)).size)
  const [first] = of
  return of.length === 1 && first !== undefined ? first : { kind, of }
}

/** A schema said twice of one value says nothing more. */
function identityOf(shape: Shape): unknown {
  return shape.kind === 'schema' ? shape.at.value : shape
}

function partsOf(shape: Shape): readonly Shape[] {
  return shape.kind === 'schema' ? [] : shape.of
}

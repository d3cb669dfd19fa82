import { matchTemplated, type TemplateSegment, templateSegments } from './path-template.ts'

interface Node<T> {
  readonly literals: Map<string, Node<T>>
  /** Most concrete first: those with more literal text. */
  readonly templated: {
    readonly segment: TemplateSegment & { kind: 'templated' }
    readonly shape: string
    readonly node: Node<T>
  }[]
  /** Templates of the same shape (`/a/{x}` and `/a/{y}`) share a node; the first one that is accepted counts. */
  readonly values: T[]
}

export interface Found<T> {
  readonly value: T
  /** Of the parameters, from left to right. */
  readonly values: readonly string[]
  /** Sorts matches of the same text: smaller is more concrete. */
  readonly rank: string
}

/**
 * Path templates as a tree of segments. A search visits each node at most once, because only one way leads to it: its cost is
 * bounded by the tree, whatever the URL.
 */
export class PathTree<T> {
  readonly #root: Node<T> = emptyNode()
  readonly #byPath = new Map<string, T>()

  /** The value under that very template, made when it is new. */
  add(path: string, make: (names: readonly string[]) => T): { readonly value: T } {
    const known = this.#byPath.get(path)
    if (known !== undefined) return { value: known }
    const names: string[] = []
    let node = this.#root
    for (const segment of templateSegments(path)) {
      if (segment.kind === 'templated') names.push(...segment.names)
      node = next(node, segment)
    }
    const value = make(names)
    node.values.push(value)
    this.#byPath.set(path, value)
    return { value }
  }

  /** The most concrete template that matches the decoded segments from `from` on and that is accepted. */
  find(segments: readonly string[], accept: (value: T) => boolean, from = 0): Found<T> | undefined {
    return search(this.#root, segments, from, accept, [], '')
  }
}

function emptyNode<T>(): Node<T> {
  return { literals: new Map(), templated: [], values: [] }
}

function next<T>(node: Node<T>, segment: TemplateSegment): Node<T> {
  if (segment.kind === 'literal') {
    const known = node.literals.get(segment.text)
    if (known !== undefined) return known
    const made: Node<T> = emptyNode()
    node.literals.set(segment.text, made)
    return made
  }
  const shape = JSON.stringify(segment.literals)
  const known = node.templated.find((one) => one.shape === shape)
  if (known !== undefined) return known.node
  const made: Node<T> = emptyNode()
  node.templated.push({ segment, shape, node: made })
  node.templated.sort((a, b) => weight(b.segment) - weight(a.segment))
  return made
}

function weight(segment: TemplateSegment & { kind: 'templated' }): number {
  return segment.literals.reduce((sum, literal) => sum + literal.length, 0)
}

function search<T>(
  node: Node<T>,
  segments: readonly string[],
  index: number,
  accept: (value: T) => boolean,
  values: string[],
  rank: string,
): Found<T> | undefined {
  const text = segments[index]
  if (text === undefined) {
    const value = node.values.find(accept)
    return value === undefined ? undefined : { value, values, rank }
  }
  const literal = node.literals.get(text)
  const found = literal && search(literal, segments, index + 1, accept, values, `${rank}0`)
  if (found !== undefined) return found
  for (const { segment, node: below } of node.templated) {
    const matched = matchTemplated(segment, text)
    const deeper =
      matched && search(below, segments, index + 1, accept, [...values, ...matched], `${rank}${weight(segment) > 0 ? 1 : 2}`)
    if (deeper !== undefined) return deeper
  }
  return undefined
}

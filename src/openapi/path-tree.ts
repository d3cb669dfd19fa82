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
  readonly #fold: (text: string) => string

  constructor(caseSensitive = true) {
    this.#fold = caseSensitive ? asIs : folded
  }

  /** The value under that very template, made when it is new. */
  add(path: string, make: (names: readonly string[]) => T): { readonly value: T } {
    const known = this.#byPath.get(path)
    if (known !== undefined) return { value: known }
    const names: string[] = []
    let node = this.#root
    for (const segment of templateSegments(path)) {
      if (segment.kind === 'templated') names.push(...segment.names)
      node = next(node, segment, this.#fold)
    }
    const value = make(names)
    node.values.push(value)
    this.#byPath.set(path, value)
    return { value }
  }

  /** The most concrete template that matches the decoded segments from `from` on and that is accepted. */
  find(segments: readonly string[], accept: (value: T) => boolean, from = 0): Found<T> | undefined {
    return search(this.#root, segments, this.#fold === asIs ? segments : segments.map(folded), from, accept, [], '')
  }
}

function asIs(text: string): string {
  return text
}

/** Of the same length, so that what it shows of one text is where it stands in the other. */
function folded(text: string): string {
  if (!/[A-Z\u0080-\uffff]/.test(text)) return text
  return text.replace(/[A-Z]+|[\u0080-\uffff]/g, (upper) => {
    const lower = upper.toLowerCase()
    return lower.length === upper.length ? lower : upper
  })
}

function emptyNode<T>(): Node<T> {
  return { literals: new Map(), templated: [], values: [] }
}

function next<T>(node: Node<T>, template: TemplateSegment, fold: (text: string) => string): Node<T> {
  if (template.kind === 'literal') {
    const text = fold(template.text)
    const known = node.literals.get(text)
    if (known !== undefined) return known
    const made: Node<T> = emptyNode()
    node.literals.set(text, made)
    return made
  }
  const segment = { ...template, literals: template.literals.map(fold) }
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
  /** The segments as they are compared. */
  keys: readonly string[],
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
  const key = keys[index] ?? text
  const literal = node.literals.get(key)
  const found = literal && search(literal, segments, keys, index + 1, accept, values, `${rank}0`)
  if (found !== undefined) return found
  for (const { segment, node: below } of node.templated) {
    const matched = matchTemplated(segment, text, key)
    const deeper =
      matched &&
      search(below, segments, keys, index + 1, accept, [...values, ...matched], `${rank}${weight(segment) > 0 ? 1 : 2}`)
    if (deeper !== undefined) return deeper
  }
  return undefined
}

/** How a scalar or a key is written. `json` is a double-quoted string in a text that is JSON. */
export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded' | 'json'

export type NodeKind = 'scalar' | 'sequence' | 'mapping' | 'alias'

export interface NodePlace {
  /** Node of the key; absent for items of sequences and for the root. */
  readonly key: number | undefined
  readonly value: number
}

export interface NodeRow {
  readonly kind: NodeKind
  /** Half-open, quotes and brackets included. */
  readonly start: number
  readonly end: number
  readonly style: ScalarStyle
  /** Of block scalars, in columns; -1 when no line has content. */
  readonly indent: number
  /** Of block scalars: 1 clip, 2 strip, 3 keep. */
  readonly chomping: number
}

const kinds: readonly NodeKind[] = ['scalar', 'sequence', 'mapping', 'alias']
const styles: readonly ScalarStyle[] = ['plain', 'single', 'double', 'literal', 'folded', 'json']
const columns = 4

/**
 * Where every node of a text stands: four integers a node, in document order, parents before children.
 * The value tree knows nothing of it; a node is found by walking down from the root with the tokens of a JSON Pointer.
 */
export class NodeTable {
  #cells: Int32Array
  #count = 0
  readonly #aliases = new Map<number, number>()
  readonly #keyTexts = new Map<number, string>()
  readonly #children = new Map<number, ReadonlyMap<string, NodePlace>>()
  readonly #textOf: (row: NodeRow) => string

  /** `textOf` decodes a scalar. */
  constructor(expected: number, textOf: (row: NodeRow) => string) {
    this.#cells = new Int32Array(Math.max(16, expected) * columns)
    this.#textOf = textOf
  }

  get size(): number {
    return this.#count
  }

  add(row: NodeRow): number {
    const index = this.#count++
    if (index * columns >= this.#cells.length) {
      const grown = new Int32Array(this.#cells.length * 2)
      grown.set(this.#cells)
      this.#cells = grown
    }
    const at = index * columns
    this.#cells[at] = row.start
    this.#cells[at + 1] = row.end
    this.#cells[at + 2] = index + 1
    this.#cells[at + 3] =
      kinds.indexOf(row.kind) | (styles.indexOf(row.style) << 2) | (row.chomping << 5) | ((row.indent + 1) << 8)
    return index
  }

  /** Everything added since `index` is inside it. */
  close(index: number, end: number): void {
    this.#cells[index * columns + 1] = end
    this.#cells[index * columns + 2] = this.#count
  }

  alias(index: number, target: number): void {
    this.#aliases.set(index, target)
  }

  /** For keys whose text is not that of a scalar at their place. */
  nameKey(index: number, text: string): void {
    this.#keyTexts.set(index, text)
  }

  row(index: number): NodeRow {
    const at = index * columns
    const bits = this.#cells[at + 3] ?? 0
    return {
      kind: kinds[bits & 3] ?? 'scalar',
      start: this.#cells[at] ?? 0,
      end: this.#cells[at + 1] ?? 0,
      style: styles[(bits >> 2) & 7] ?? 'plain',
      chomping: (bits >> 5) & 7,
      indent: (bits >> 8) - 1,
    }
  }

  /** What an alias stands for; every other node stands for itself. */
  target(index: number): number {
    return this.#aliases.get(index) ?? index
  }

  find(tokens: readonly string[]): NodePlace | undefined {
    let place: NodePlace | undefined = this.#count === 0 ? undefined : { key: undefined, value: 0 }
    for (const token of tokens) {
      if (place === undefined) return undefined
      place = this.children(this.target(place.value)).get(token)
    }
    return place
  }

  /** Members by decoded key (merged ones included), items by index. The last of several members with one key, as in the values. */
  children(index: number): ReadonlyMap<string, NodePlace> {
    const known = this.#children.get(index)
    if (known !== undefined) return known
    const row = this.row(index)
    const children = row.kind === 'mapping' ? this.#members(index) : row.kind === 'sequence' ? this.#items(index) : new Map()
    this.#children.set(index, children)
    return children
  }

  /** The first key node of that text in a mapping, before the node `end`. The mapping may still be open. */
  firstKey(index: number, text: string, end: number): number | undefined {
    for (let key = index + 1; key < end; key = this.#next(this.#next(key))) if (this.keyText(key) === text) return key
    return undefined
  }

  keyText(index: number): string {
    return this.#keyTexts.get(index) ?? this.#textOf(this.row(this.target(index)))
  }

  #items(index: number): ReadonlyMap<string, NodePlace> {
    const items = new Map<string, NodePlace>()
    const end = this.#next(index)
    for (let item = index + 1; item < end; item = this.#next(item)) items.set(String(items.size), { key: undefined, value: item })
    return items
  }

  #members(index: number): ReadonlyMap<string, NodePlace> {
    const members = new Map<string, NodePlace>()
    const merged: number[] = []
    const end = this.#next(index)
    for (let key = index + 1; key < end; ) {
      const value = this.#next(key)
      if (this.isMergeKey(key)) merged.push(value)
      else members.set(this.keyText(key), { key, value })
      key = this.#next(value)
    }
    for (const value of merged) this.#merge(members, this.target(value))
    return members
  }

  #merge(members: Map<string, NodePlace>, source: number): void {
    if (this.row(source).kind === 'sequence') {
      for (const { value } of this.#items(source).values()) this.#merge(members, this.target(value))
      return
    }
    for (const [name, place] of this.children(source)) if (!members.has(name)) members.set(name, place)
  }

  /** A plain `<<` (YAML 1.1, tag merge). */
  isMergeKey(index: number): boolean {
    const row = this.row(index)
    return row.kind === 'scalar' && row.style === 'plain' && row.end - row.start === 2 && this.keyText(index) === '<<'
  }

  #next(index: number): number {
    return this.#cells[index * columns + 2] ?? this.#count
  }
}

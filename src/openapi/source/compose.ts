import {
  COLLECTION_STYLE,
  EVENT_ID,
  getScalarValue,
  type MappingEvent,
  SCALAR_STYLE,
  type ScalarEvent,
  type SequenceEvent,
} from 'js-yaml'
import { DocumentError } from '../document-error.ts'
import { LineIndex } from '../position.ts'
import type { DocumentLimits } from './limits.ts'
import { NodeTable, type ScalarStyle } from './node-table.ts'
import type { DocumentProblem } from './problem.ts'
import { ProblemList } from './problem-list.ts'
import { scalarText } from './scalar-text.ts'
import { plainValue, taggedValue } from './scalar-value.ts'
import type { YamlEvents } from './yaml-events.ts'

export interface Composed {
  readonly root: unknown
  readonly nodes: NodeTable
  readonly lines: LineIndex
  readonly problems: readonly DocumentProblem[]
}

interface Anchor {
  readonly node: number
  readonly value: unknown
  /** Nodes below it, aliases followed. */
  size: number
  /** Its end has not been seen: an alias to it would be a cycle. */
  open: boolean
}

interface Frame {
  readonly node: number
  readonly value: unknown[] | Record<string, unknown>
  readonly flow: boolean
  readonly start: number
  readonly anchor: Anchor | undefined
  size: number
  /** Of a mapping: the key whose value comes next. */
  key: { readonly node: number; readonly text: string; readonly merge: boolean } | undefined
  /** This mapping or sequence is itself a key of the frame below. */
  readonly isKey: boolean
  merges: { readonly value: unknown; readonly size: number }[] | undefined
}

/** Plain data and the places of its nodes, from events. Aliases share their object: nothing is copied, whatever they multiply to. */
export function compose(text: string, name: string, yaml: YamlEvents, limits: DocumentLimits): Composed {
  return new Composer(text, name, yaml, limits).run()
}

class Composer {
  readonly #text: string
  readonly #name: string
  readonly #yaml: YamlEvents
  readonly #limits: DocumentLimits
  readonly #json: boolean
  readonly #nodes: NodeTable
  readonly #lines: LineIndex
  readonly #problems: ProblemList
  readonly #anchors = new Map<string, Anchor>()
  readonly #frames: Frame[] = []
  #root: unknown = null
  #total = 0
  /** Where the text that has been read so far ends. */
  #end = 0

  constructor(text: string, name: string, yaml: YamlEvents, limits: DocumentLimits) {
    this.#text = text
    this.#name = name
    this.#yaml = yaml
    this.#limits = limits
    this.#json = /^\uFEFF?\s*[{[]\s*["}\]{[]/.test(text)
    this.#nodes = new NodeTable(yaml.events.length, (row) => scalarText(text, row))
    this.#lines = new LineIndex(text)
    this.#problems = new ProblemList(name, this.#lines)
  }

  run(): Composed {
    for (const offset of this.#yaml.shallowLines) this.#problems.shallowLine(offset)
    let documents = 0
    for (const event of this.#yaml.events) {
      if (event.type === EVENT_ID.DOCUMENT) {
        if (++documents === 2) {
          this.#problems.severalDocuments(this.#end)
          break
        }
      } else if (event.type === EVENT_ID.SCALAR) this.#scalar(event)
      else if (event.type === EVENT_ID.ALIAS) this.#alias(event.anchorStart, event.anchorEnd)
      else if (event.type === EVENT_ID.POP) this.#pop()
      else this.#open(event)
    }
    return { root: this.#root, nodes: this.#nodes, lines: this.#lines, problems: this.#problems.problems }
  }

  #scalar(event: ScalarEvent): void {
    const style = this.#styleOf(event)
    const quotes = style === 'single' || style === 'double' || style === 'json' ? 1 : 0
    const written = event.valueStart !== -1
    const start = written ? event.valueStart - quotes : Math.max(this.#end, event.tagEnd, event.anchorEnd)
    const end = written ? event.valueEnd + quotes : start
    const node = this.#nodes.add({ kind: 'scalar', start, end, style, indent: event.indent, chomping: event.chomping })
    this.#end = end
    const text = written ? getScalarValue(this.#text, this.#yaml.repaired ? { ...event, fast: false } : event) : ''
    const tag = event.tagStart === -1 ? undefined : this.#text.slice(event.tagStart, event.tagEnd)
    const value = tag !== undefined ? taggedValue(tag, text) : style === 'plain' ? plainValue(text) : text
    this.#anchor(event, node, value, 1)
    if (!this.#isKeyNext()) {
      this.#value(value, 1)
      return
    }
    // A key is its text: `200` and `1.0` stay as they are written.
    if (this.#yaml.unquotedKeys.has(start)) this.#problems.unquotedKey(text, { start, end })
    this.#key(node, text, style === 'plain' && text === '<<' && tag === undefined)
  }

  #styleOf(event: ScalarEvent): ScalarStyle {
    switch (event.style) {
      case SCALAR_STYLE.SINGLE_QUOTED:
        return 'single'
      case SCALAR_STYLE.DOUBLE_QUOTED:
        return this.#json ? 'json' : 'double'
      case SCALAR_STYLE.LITERAL_BLOCK:
        return 'literal'
      case SCALAR_STYLE.FOLDED_BLOCK:
        return 'folded'
      default:
        return 'plain'
    }
  }

  #open(event: SequenceEvent | MappingEvent): void {
    const kind = event.type === EVENT_ID.SEQUENCE ? 'sequence' : 'mapping'
    const node = this.#nodes.add({ kind, start: event.start, end: event.start, style: 'plain', indent: -1, chomping: 0 })
    this.#end = event.start + 1
    const value: unknown[] | Record<string, unknown> = kind === 'sequence' ? [] : {}
    const anchor = this.#anchor(event, node, value, 0)
    if (anchor !== undefined) anchor.open = true
    const flow = event.style === COLLECTION_STYLE.FLOW
    this.#frames.push({
      node,
      value,
      flow,
      start: event.start,
      anchor,
      size: 1,
      key: undefined,
      isKey: this.#isKeyNext(),
      merges: undefined,
    })
  }

  #pop(): void {
    const frame = this.#frames.pop()
    if (frame === undefined) return
    if (frame.flow) this.#end = this.#afterBracket(this.#end)
    this.#nodes.close(frame.node, this.#end)
    if (frame.merges !== undefined) this.#merge(frame, frame.merges)
    if (frame.anchor !== undefined) {
      frame.anchor.size = frame.size
      frame.anchor.open = false
    }
    if (frame.isKey) this.#complexKey(frame)
    else this.#value(frame.value, frame.size)
  }

  #alias(start: number, end: number): void {
    const name = this.#text.slice(start, end)
    const anchor = this.#anchors.get(name)
    if (anchor === undefined)
      throw this.#error(
        `expected the anchor &${name} before the alias *${name}; there is none. Define it, or remove the alias`,
        start,
      )
    if (anchor.open)
      throw this.#error(
        `the alias *${name} stands inside its own anchor, a document without an end. Use "$ref" for recursion`,
        start,
      )
    const node = this.#nodes.add({ kind: 'alias', start: start - 1, end, style: 'plain', indent: -1, chomping: 0 })
    this.#nodes.alias(node, anchor.node)
    this.#end = end
    if (!this.#isKeyNext()) this.#value(anchor.value, anchor.size)
    else if (typeof anchor.value === 'object' && anchor.value !== null) {
      const text = this.#text.slice(start - 1, end)
      this.#nodes.nameKey(node, text)
      this.#problems.complexKey(text, { start: start - 1, end })
      this.#key(node, text, false)
    } else this.#key(node, this.#nodes.keyText(node), false)
  }

  #anchor(
    event: { readonly anchorStart: number; readonly anchorEnd: number },
    node: number,
    value: unknown,
    size: number,
  ): Anchor | undefined {
    if (event.anchorStart === -1) return undefined
    const anchor: Anchor = { node, value, size, open: false }
    this.#anchors.set(this.#yaml.anchored.slice(event.anchorStart, event.anchorEnd), anchor)
    return anchor
  }

  #isKeyNext(): boolean {
    const frame = this.#frames.at(-1)
    return frame !== undefined && !Array.isArray(frame.value) && frame.key === undefined
  }

  #key(node: number, text: string, merge: boolean): void {
    const frame = this.#frames.at(-1)
    if (frame === undefined || Array.isArray(frame.value)) return
    frame.key = { node, text, merge }
    if (!merge && Object.hasOwn(frame.value, text) && !this.#problems.full) {
      this.#problems.duplicateKey(
        text,
        this.#nodes.row(node),
        this.#nodes.row(this.#nodes.firstKey(frame.node, text, node) ?? node),
      )
    }
  }

  #value(value: unknown, size: number): void {
    const frame = this.#frames.at(-1)
    this.#total = (frame?.size ?? 0) + size
    if (this.#total > this.#limits.maxNodes)
      throw this.#error(
        `expected at most ${this.#limits.maxNodes} nodes, aliases followed, but found more. Write the document without so many aliases, or raise the limit "maxNodes"`,
        this.#end,
      )
    if (frame === undefined) {
      this.#root = value
      return
    }
    frame.size += size
    if (Array.isArray(frame.value)) frame.value.push(value)
    else if (frame.key !== undefined) {
      if (frame.key.merge) {
        frame.merges ??= []
        frame.merges.push({ value, size })
      } else setOwn(frame.value, frame.key.text, value)
      frame.key = undefined
    }
  }

  #merge(frame: Frame, merges: readonly { readonly value: unknown }[]): void {
    for (const { value } of merges)
      for (const source of Array.isArray(value) ? value : [value]) {
        if (typeof source !== 'object' || source === null || Array.isArray(source) || Array.isArray(frame.value)) continue
        for (const key of Object.keys(source))
          if (!Object.hasOwn(frame.value, key)) setOwn(frame.value, key, (source as Record<string, unknown>)[key])
      }
  }

  #complexKey(frame: Frame): void {
    const text = this.#text.slice(frame.start, this.#end).trim()
    this.#nodes.nameKey(frame.node, text)
    if (frame.flow && !Array.isArray(frame.value) && /^\{[^{}'"\n]*\}$/.test(text))
      this.#problems.unquotedKey(text, { start: frame.start, end: this.#end })
    else this.#problems.complexKey(text, { start: frame.start, end: this.#end })
    this.#key(frame.node, text, false)
  }

  /** After the closing bracket of a flow collection, over what may stand before it. */
  #afterBracket(from: number): number {
    for (let at = from; at < this.#text.length; at++) {
      const unit = this.#text.charAt(at)
      if (unit === ']' || unit === '}') return at + 1
      if (unit === '#') while (at + 1 < this.#text.length && this.#text.charAt(at + 1) !== '\n') at++
    }
    return from
  }

  #error(message: string, offset: number): DocumentError {
    return new DocumentError(message, { file: this.#name, position: this.#lines.at(offset) })
  }
}

/** An assignment to `__proto__` would change the prototype instead. */
function setOwn(record: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(record, key, { value, writable: true, enumerable: true, configurable: true })
  else record[key] = value
}

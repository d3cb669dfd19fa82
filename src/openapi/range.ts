import type { DescriptionFile } from './description-file.ts'
import type { Located } from './located.ts'
import { tokensOf } from './pointer.ts'
import type { SourceRange } from './position.ts'
import { type NodePlace, type NodeTable, type ScalarStyle, type Source, scalarOffsets } from './source/index.ts'

/** Where a value stands, quotes included. `undefined` when the file was given as an object. */
export function rangeOf(located: Located): SourceRange | undefined {
  const found = find(located)
  return found && nodeRange(located.file, found.source, found.place.value)
}

/** Where the key of a member stands, quotes included. `undefined` for items, for the root, and without a text. */
export function keyRangeOf(located: Located): SourceRange | undefined {
  const found = find(located)
  return found?.place.key === undefined ? undefined : nodeRange(located.file, found.source, found.place.key)
}

/** Where part of a member's decoded key stands: half-open UTF-16 offsets, as in `nameOf(located)`. */
export function rangeInKey(located: Located, start: number, end: number = start): SourceRange | undefined {
  const found = find(located)
  return found?.place.key === undefined ? undefined : rangeInside(located.file, found.source, found.place.key, start, end)
}

/** Where part of a decoded string stands: half-open UTF-16 offsets, as in `located.value`. */
export function rangeInValue(located: Located, start: number, end: number = start): SourceRange | undefined {
  const found = find(located)
  return found && rangeInside(located.file, found.source, found.place.value, start, end)
}

/** How the key of a member is written. A key without quotes that YAML takes for a mapping is `plain`. */
export function keyStyleOf(located: Located): ScalarStyle | undefined {
  const found = find(located)
  return found?.place.key === undefined ? undefined : styleOf(found.source.nodes, found.place.key)
}

/** How a string is written. */
export function valueStyleOf(located: Located): ScalarStyle | undefined {
  const found = find(located)
  return found && styleOf(found.source.nodes, found.place.value)
}

/** A place in the text of a file, from half-open UTF-16 offsets. `undefined` when the file was given as an object. */
export function rangeAt(file: DescriptionFile, start: number, end: number = start): SourceRange | undefined {
  return file.source && { file: file.name, start: file.source.lines.at(start), end: file.source.lines.at(end) }
}

function find(located: Located): { readonly source: Source; readonly place: NodePlace } | undefined {
  const source = located.file.source
  const tokens = tokensOf(located.pointer)
  const place = source && tokens.ok ? source.nodes.find(tokens.value) : undefined
  return source && place && { source, place }
}

function nodeRange(file: DescriptionFile, source: Source, node: number): SourceRange {
  const row = source.nodes.row(node)
  return { file: file.name, start: source.lines.at(row.start), end: source.lines.at(row.end) }
}

function rangeInside(file: DescriptionFile, source: Source, node: number, start: number, end: number): SourceRange {
  const row = source.nodes.row(source.nodes.target(node))
  // A collection that serves as a key is its own source text.
  const offsets = row.kind === 'scalar' ? scalarOffsets(source.text, row) : undefined
  const last = offsets?.at(-1) ?? row.end
  const place = (offset: number): number =>
    offsets ? (offsets[Math.max(0, offset)] ?? last) : Math.min(row.start + offset, row.end)
  return { file: file.name, start: source.lines.at(place(start)), end: source.lines.at(place(end)) }
}

function styleOf(nodes: NodeTable, node: number): ScalarStyle {
  return nodes.row(nodes.target(node)).style
}

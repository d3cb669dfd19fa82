import { applyEdits, type TextEdit } from '../../expression/index.ts'
import {
  type DescriptionFile,
  keyRangeOf,
  keyStyleOf,
  type Located,
  limitsOf,
  rangeInKey,
  rangeInValue,
  rangeOf,
  type ScalarStyle,
  valueStyleOf,
} from '../../openapi/index.ts'
import type { FileEdit } from '../problem.ts'
import { editedFile } from './same-elsewhere.ts'

/** Text with expressions in it, as it stands in a document: the key of a member, or a string. */
export interface TextPlace {
  readonly in: 'key' | 'value'
  readonly at: Located
  readonly text: string
}

/**
 * Edits of the decoded text as edits of the file: the rest of the file, quotes and escapes included, stays as it is. A text that
 * cannot stay without quotes gets them. `undefined` when there is no file text, or the text is an alias of a text elsewhere.
 */
export function fileEdits(place: TextPlace, edits: readonly TextEdit[]): readonly FileEdit[] | undefined {
  const { at, text } = place
  const whole = place.in === 'key' ? keyRangeOf(at) : rangeOf(at)
  const style = place.in === 'key' ? keyStyleOf(at) : valueStyleOf(at)
  const source = at.file.source?.text
  if (whole === undefined || style === undefined || source === undefined) return undefined
  const [start, end] = [whole.start.offset, whole.end.offset]
  if (source.startsWith('*', start) && style === 'plain') return undefined
  const mended = applyEdits(text, edits)
  if (style === 'plain' && !(isPlain(mended) && source.slice(start, end) === text))
    return [{ start, end, text: singleQuoted(mended) }]
  if (/[\r\n]/.test(mended)) return undefined
  const isBlock = style === 'literal' || style === 'folded'
  const found: FileEdit[] = []
  for (const { span, text: inserted } of distinct(edits)) {
    const [from, to] = isBlock ? rangeInBlock(place, span) : rangeIn(place, span.start, span.end)
    if (from === undefined || to === undefined) return undefined
    found.push({ start: from, end: to, text: encoded(inserted, style) })
  }
  // How lines of a block become text depends on their indentation, on what follows, and on its header: only reading it again tells.
  return isBlock && !mayReadAgain(at.file, found, mended) ? undefined : found
}

type Offsets = readonly [from: number | undefined, to: number | undefined]

function rangeIn({ in: where, at }: TextPlace, start: number, end: number): Offsets {
  const range = where === 'key' ? rangeInKey(at, start, end) : rangeInValue(at, start, end)
  return [range?.start.offset, range?.end.offset]
}

/** The end of a block scalar is that of its last line break; the end of its text is behind the last character. */
function rangeInBlock(place: TextPlace, { start, end }: { readonly start: number; readonly end: number }): Offsets {
  const last = place.text.length
  if (last === 0 || end < last) return rangeIn(place, start, end)
  const [before] = rangeIn(place, last - 1, last - 1)
  const behind = before === undefined ? undefined : before + 1
  return [start === last ? behind : rangeIn(place, start, start)[0], behind]
}

/** UTF-16 units that are read again for the fixes of one file. */
const mostUnits = 4_000_000
const unitsRead = new WeakMap<DescriptionFile, number>()

function mayReadAgain(file: DescriptionFile, edits: readonly FileEdit[], mended: string): boolean {
  const units = (unitsRead.get(file) ?? 0) + (file.source?.text.length ?? 0)
  unitsRead.set(file, units)
  return units <= mostUnits && editedFile(file, edits, limitsOf({}), mended) !== undefined
}

/** Quotes around a key or value that has none; inside it `text` stays. */
export function quotingEdits(place: TextPlace): readonly FileEdit[] | undefined {
  const range = place.in === 'key' ? keyRangeOf(place.at) : rangeOf(place.at)
  return range && [{ start: range.start.offset, end: range.end.offset, text: singleQuoted(place.text) }]
}

function distinct(edits: readonly TextEdit[]): readonly TextEdit[] {
  const sorted = [...edits].sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end)
  return sorted.filter(({ span, text }, i) => {
    const before = sorted[i - 1]
    return !(before && before.span.start === span.start && before.span.end === span.end && before.text === text)
  })
}

function encoded(text: string, style: ScalarStyle): string {
  switch (style) {
    case 'single':
      return text.replaceAll("'", "''")
    case 'double':
    case 'json':
      return JSON.stringify(text).slice(1, -1)
    default:
      return text
  }
}

function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** Whether YAML reads it as this text without quotes, in block and in flow style, as a key and as a value. */
function isPlain(text: string): boolean {
  return (
    /^[$A-Za-z/][^\u0000-\u0020\u007f-\u00a0[\]{},]*$/.test(text) &&
    !/:$|:[\s]/.test(text) &&
    !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text)
  )
}

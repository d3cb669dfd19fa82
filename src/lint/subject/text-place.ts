import { applyEdits, type TextEdit } from '../../expression/index.ts'
import {
  keyRangeOf,
  keyStyleOf,
  type Located,
  rangeInKey,
  rangeInValue,
  rangeOf,
  type ScalarStyle,
  valueStyleOf,
} from '../../openapi/index.ts'
import type { FileEdit } from '../problem.ts'

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
  // The end of a block scalar is its line's end, and whether that is part of the text depends on what follows: such an edit is no certain one.
  if (style === 'literal' || style === 'folded') return undefined
  const mended = applyEdits(text, edits)
  if (style === 'plain' && !(isPlain(mended) && source.slice(start, end) === text))
    return [{ start, end, text: singleQuoted(mended) }]
  if (/[\r\n]/.test(mended)) return undefined
  const found: FileEdit[] = []
  for (const { span, text: inserted } of distinct(edits)) {
    const range = place.in === 'key' ? rangeInKey(at, span.start, span.end) : rangeInValue(at, span.start, span.end)
    if (range === undefined) return undefined
    found.push({ start: range.start.offset, end: range.end.offset, text: encoded(inserted, style) })
  }
  return found
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

import type { Dialect, TemplateMode } from './dialect.ts'
import { readExpression, readTemplate } from './grammar/index.ts'
import type { TextEdit } from './problem.ts'
import { repairExpression } from './repair-expression.ts'

/** How a text is to be read. */
export interface Reading {
  readonly dialect: Dialect
  /** Absent: one bare expression. */
  readonly template?: { readonly mode: TemplateMode; readonly delimiters: 'braces' | 'angle' }
}

/** The edits that a problem at `offset` calls for. Edits of problems in one expression are the same edits. */
export function editsAt(text: string, offset: number, reading: Reading): readonly TextEdit[] {
  const { template } = reading
  if (template === undefined) return editsOfExpression(text, 0, text.length, reading.dialect)
  if (template.mode === 'callback-key' && text.startsWith('$')) return editsOfBareKey(text, reading)
  return editsOfTemplate(text, offset, reading.dialect, template)
}

/** The text after the edits. Equal edits (two problems of one expression have the same) are made once; of overlapping ones the first counts. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = ''
  let at = 0
  let last: TextEdit | undefined
  for (const edit of [...edits].sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end)) {
    if (edit.span.start < at || (last !== undefined && isSameEdit(edit, last))) continue
    last = edit
    result += text.slice(at, edit.span.start) + edit.text
    at = edit.span.end
  }
  return result + text.slice(at)
}

function isSameEdit(a: TextEdit, b: TextEdit): boolean {
  return a.span.start === b.span.start && a.span.end === b.span.end && a.text === b.text
}

function editsOfExpression(text: string, start: number, end: number, dialect: Dialect): readonly TextEdit[] {
  const before = text.slice(start, end)
  const after = repairExpression(before, dialect)
  return after === undefined ? [] : [smallestEdit(before, after, start)]
}

/** A key that starts with `$` and is not an expression. */
function editsOfBareKey(text: string, { dialect, template }: Reading): readonly TextEdit[] {
  if (template === undefined) return editsOfExpression(text, 0, text.length, dialect)
  const [open, close] = delimitersOf(template.delimiters)
  // `$url}`: the opening delimiter is missing.
  if (text.endsWith(close) && !text.includes(open)) {
    const inside = text.slice(0, -1)
    const edits = editsOfExpression(text, 0, inside.length, dialect)
    const whole = readExpression(inside, dialect).findings.length === 0
    if (whole || edits.length > 0) return [{ span: { start: 0, end: 0 }, text: open }, ...edits]
  }
  const asExpression = editsOfExpression(text, 0, text.length, dialect)
  if (asExpression.length > 0) return asExpression
  // `${request.body#/x}`: the dollar stands outside.
  if (text.startsWith(`$${open}`)) {
    const inside = text.slice(1)
    const edits = readTemplate(inside, dialect, template.mode, template.delimiters).findings.flatMap(({ start }) =>
      editsOfTemplate(inside, start, dialect, template),
    )
    const repaired = applyEdits(inside, edits)
    if (readTemplate(repaired, dialect, template.mode, template.delimiters).findings.length === 0) {
      return [smallestEdit(text, repaired, 0)]
    }
  }
  return []
}

function editsOfTemplate(
  text: string,
  offset: number,
  dialect: Dialect,
  { delimiters }: { readonly delimiters: 'braces' | 'angle' },
): readonly TextEdit[] {
  const [open, close] = delimitersOf(delimiters)
  // `…}}`: all but the first one.
  if (text[offset] === close && text[offset - 1] === close) {
    let end = offset + 1
    while (text[end] === close) end++
    return [{ span: { start: offset, end }, text: '' }]
  }
  const opening = text.lastIndexOf(open, offset)
  if (opening === -1 || text.slice(opening, offset).includes(close)) return []
  // `{{`: the second one.
  if (opening === offset && text[offset - 1] === open && text[offset + 1] !== close) {
    const end = text.indexOf(close, offset)
    const isExpression = /^(?:\$|(?:request|response)\.)[^{<]*$/i.test(text.slice(offset + 1, Math.max(end, offset)))
    const inside = isExpression ? editsOfExpression(text, offset + 1, end, dialect) : []
    return [{ span: { start: offset, end: offset + 1 }, text: '' }, ...inside]
  }
  const closing = text.indexOf(close, opening)
  const end = closing === -1 ? text.length : closing
  const inside = text.slice(opening + 1, end)
  // Inside delimiters there can be no other: where there is, what was meant cannot be told.
  if (inside.includes(open)) return []
  const edits: TextEdit[] = []
  const whole = readExpression(inside, dialect).findings.length === 0
  if (!whole) {
    edits.push(...editsOfExpression(text, opening + 1, end, dialect))
    if (edits.length === 0) return []
    // `https://host/${request.body#/id}`: the dollar stands outside.
    if (text[opening - 1] === '$' && !inside.startsWith('$')) {
      edits.unshift({ span: { start: opening - 1, end: opening }, text: '' })
    }
  }
  if (closing === -1) edits.push({ span: { start: end, end }, text: close })
  return edits
}

function delimitersOf(delimiters: 'braces' | 'angle'): readonly [open: string, close: string] {
  return delimiters === 'braces' ? ['{', '}'] : ['<', '>']
}

/** One edit without what both texts begin and end with. */
function smallestEdit(before: string, after: string, start: number): TextEdit {
  let head = 0
  while (head < before.length && head < after.length && before[head] === after[head]) head++
  let tail = 0
  while (
    tail < before.length - head &&
    tail < after.length - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) {
    tail++
  }
  return { span: { start: start + head, end: start + before.length - tail }, text: after.slice(head, after.length - tail) }
}

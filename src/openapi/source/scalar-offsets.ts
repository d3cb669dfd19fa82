import type { NodeRow } from './node-table.ts'

/**
 * Where each UTF-16 unit of a decoded scalar comes from: entry `i` is the offset in `text` of what became unit `i`, and one more
 * entry stands for the end. An escape maps to its backslash, a folded line break to the break.
 */
export function scalarOffsets(text: string, row: NodeRow): readonly number[] {
  switch (row.style) {
    case 'single':
      return quotedOffsets(text, row.start + 1, row.end - 1, 'single')
    case 'double':
    case 'json':
      return quotedOffsets(text, row.start + 1, row.end - 1, 'double')
    case 'literal':
    case 'folded':
      return blockOffsets(text, row)
    default:
      return quotedOffsets(text, row.start, row.end, 'plain')
  }
}

function quotedOffsets(text: string, start: number, end: number, style: 'plain' | 'single' | 'double'): readonly number[] {
  const offsets: number[] = []
  let at = start
  while (at < end) {
    const unit = text.charAt(at)
    if (unit === '\n' || unit === '\r') {
      while (offsets.length > 0 && isBlank(text, offsets.at(-1))) offsets.pop()
      const fold = foldedBreaks(text, at, end)
      for (let i = 0; i < Math.max(1, fold.breaks.length - 1); i++)
        offsets.push(fold.breaks[Math.min(i, fold.breaks.length - 1)] ?? at)
      at = fold.end
    } else if (style === 'single' && unit === "'") {
      offsets.push(at)
      at += 2
    } else if (style === 'double' && unit === '\\') {
      at = pushEscape(text, at, end, offsets)
    } else {
      offsets.push(at)
      at++
    }
  }
  offsets.push(end)
  return offsets
}

// An escaped blank stays: its recorded offset is that of a backslash.
function isBlank(text: string, offset: number | undefined): boolean {
  return offset !== undefined && (text.charAt(offset) === ' ' || text.charAt(offset) === '\t')
}

function foldedBreaks(text: string, start: number, end: number): { readonly breaks: readonly number[]; readonly end: number } {
  const breaks: number[] = []
  let at = start
  while (at < end) {
    const unit = text.charAt(at)
    if (unit === '\n' || unit === '\r') {
      breaks.push(at)
      at += unit === '\r' && text.charAt(at + 1) === '\n' ? 2 : 1
    } else if (unit === ' ' || unit === '\t') at++
    else break
  }
  return { breaks, end: at }
}

function pushEscape(text: string, at: number, end: number, offsets: number[]): number {
  const escaped = text.charAt(at + 1)
  if (escaped === '\n' || escaped === '\r') return foldedBreaks(text, at + 1, end).end
  offsets.push(at)
  if (escaped === 'x') return at + 4
  if (escaped === 'u') return at + 6
  if (escaped !== 'U') return at + 2
  if (Number.parseInt(text.slice(at + 2, at + 10), 16) > 0xffff) offsets.push(at)
  return at + 10
}

// YAML 1.2, sections 8.1.2 and 8.1.3. `chomping` 3 keeps every break at the end, 2 none, else one.
function blockOffsets(text: string, row: NodeRow): readonly number[] {
  const offsets: number[] = []
  const folded = row.style === 'folded'
  // Breaks that wait for the next line with content: they are written before it, and how many depends on it.
  let waiting: number[] = []
  let sawContent = false
  let moreIndented = false
  for (let at = row.start; at < row.end; ) {
    const line = lineAt(text, at, row.end)
    let from = at
    while (from < line.end && from - at < row.indent && text.charAt(from) === ' ') from++
    if (row.indent < 0 || from >= line.end) waiting.push(line.end)
    else {
      const blank = text.charAt(from) === ' ' || text.charAt(from) === '\t'
      const joined = folded && !blank && !moreIndented && sawContent && waiting.length > 1
      for (const lineBreak of joined ? waiting.slice(0, -1) : waiting) offsets.push(lineBreak)
      moreIndented = blank
      for (let unit = from; unit < line.end; unit++) offsets.push(unit)
      waiting = [line.end]
      sawContent = true
    }
    at = line.next
  }
  if (row.chomping === 3) for (const lineBreak of waiting) offsets.push(lineBreak)
  if (row.chomping < 2 && sawContent) offsets.push(waiting[0] ?? row.end)
  offsets.push(row.end)
  return offsets
}

function lineAt(text: string, start: number, limit: number): { readonly end: number; readonly next: number } {
  let end = start
  while (end < limit && text.charAt(end) !== '\n' && text.charAt(end) !== '\r') end++
  return { end, next: end + (text.charAt(end) === '\r' && text.charAt(end + 1) === '\n' ? 2 : 1) }
}

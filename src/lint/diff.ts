/** How many lines stand around a change. */
const context = 3

/** A unified diff of two texts, without colours; empty when they are equal. Made for few and small changes: fixes. */
export function unifiedDiff(name: string, before: string, after: string): string {
  if (before === after) return ''
  const hunks = hunksOf(linesOf(before), linesOf(after))
  return `--- ${name}\n+++ ${name}\n${hunks.join('')}`
}

interface Change {
  /** Half-open ranges of lines. */
  readonly from: number
  readonly to: number
  readonly newFrom: number
  readonly newTo: number
}

function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

function hunksOf(before: readonly string[], after: readonly string[]): readonly string[] {
  const groups: Change[][] = []
  for (const change of changesOf(before, after)) {
    const last = groups.at(-1)
    const end = last?.at(-1)?.to
    if (last !== undefined && end !== undefined && change.from - end <= 2 * context) last.push(change)
    else groups.push([change])
  }
  return groups.map((group) => hunk(group, before, after))
}

function hunk(changes: readonly Change[], before: readonly string[], after: readonly string[]): string {
  const [first] = changes
  const last = changes.at(-1)
  if (first === undefined || last === undefined) return ''
  const start = Math.max(0, first.from - context)
  const end = Math.min(before.length, last.to + context)
  const newStart = first.newFrom - (first.from - start)
  const newEnd = last.newTo + (end - last.to)
  const lines: string[] = []
  let at = start
  for (const { from, to, newFrom, newTo } of changes) {
    for (; at < from; at++) lines.push(` ${before[at]}`)
    for (; at < to; at++) lines.push(`-${before[at]}`)
    for (let line = newFrom; line < newTo; line++) lines.push(`+${after[line]}`)
  }
  for (; at < end; at++) lines.push(` ${before[at]}`)
  const body = lines.map((line) => (line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`)).join('')
  return `@@ -${start + 1},${end - start} +${newStart + 1},${newEnd - newStart} @@\n${body}`
}

/** Fixes keep lines in place, mostly: the shortest run of lines that differ, found by looking for the next line that both have. */
function changesOf(before: readonly string[], after: readonly string[]): readonly Change[] {
  const changes: Change[] = []
  let i = 0
  let j = 0
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      i++
      j++
      continue
    }
    const [skip, newSkip] = nextCommon(before, i, after, j)
    changes.push({ from: i, to: i + skip, newFrom: j, newTo: j + newSkip })
    i += skip
    j += newSkip
  }
  return changes
}

const farthest = 1_000

function nextCommon(before: readonly string[], i: number, after: readonly string[], j: number): readonly [number, number] {
  for (let sum = 1; sum <= farthest; sum++)
    for (let skip = 0; skip <= sum; skip++) {
      const [a, b] = [i + skip, j + sum - skip]
      if (a < before.length && b < after.length && before[a] === after[b]) return [skip, sum - skip]
    }
  return [before.length - i, after.length - j]
}

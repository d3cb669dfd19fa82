import type { FileEdit, Fix } from './problem.ts'

/** A text after the fixes that could be made at once, and how many those were. */
export interface Fixed {
  readonly text: string
  readonly count: number
}

/**
 * Splices fixes into the text that they are for. Of two that touch each other the first one is made; lint the result again for the
 * other. Everything else in the text stays as it is.
 */
export function applyFixes(text: string, fixes: readonly Fix[]): Fixed {
  const made: (readonly FileEdit[])[] = []
  for (const { edits } of fixes) {
    if (edits.length === 0 || edits.some((edit) => !isWithin(edit, text))) continue
    // Two defects of one expression have the same fix; of two fixes that touch each other the first is made.
    if (!made.some((other) => edits.some((a) => other.some((b) => a.start <= b.end && b.start <= a.end)))) made.push(edits)
  }
  let result = ''
  let at = 0
  for (const edit of made.flat().sort((a, b) => a.start - b.start || a.end - b.end)) {
    result += text.slice(at, edit.start) + edit.text
    at = edit.end
  }
  return { text: result + text.slice(at), count: made.length }
}

function isWithin({ start, end }: FileEdit, text: string): boolean {
  return start >= 0 && start <= end && end <= text.length
}

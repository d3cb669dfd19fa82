import { type DescriptionFile, DocumentError, type DocumentLimits, limitsOf, nowhere, parseFile } from '../openapi/index.ts'
import type { FileEdit, Fix } from './problem.ts'
import { editedFile } from './subject/index.ts'

/** A text after the fixes that could be made at once, and how many those were. */
export interface Fixed {
  readonly text: string
  readonly count: number
}

/**
 * Splices fixes into the text that they are for. Of two that touch each other the first one is made; lint the result again for the
 * other. The result is read again: a fix that would change anything but the key or value it is for is not made.
 */
export function applyFixes(text: string, fixes: readonly Fix[], limits: Partial<DocumentLimits> = {}): Fixed {
  if (fixes.length === 0) return { text, count: 0 }
  try {
    const fixed = fixedFile(parseFile(text, nowhere, '<text>', limitsOf(limits)), fixes, limits)
    return { text: fixed.file.source?.text ?? text, count: fixed.count }
  } catch (error) {
    // In a text that cannot be read nobody can tell what else a fix changes.
    if (error instanceof DocumentError) return { text, count: 0 }
    throw error
  }
}

/** `applyFixes` for a file that has been read. It comes back as it is where no fix can be made. */
export function fixedFile(
  file: DescriptionFile,
  fixes: readonly Fix[],
  limits: Partial<DocumentLimits> = {},
): { readonly file: DescriptionFile; readonly count: number } {
  const text = file.source?.text ?? ''
  const made: (readonly FileEdit[])[] = []
  for (const { edits } of fixes) {
    if (edits.length === 0 || edits.some((edit) => !isWithin(edit, text))) continue
    // Two defects of one expression have the same fix; of two fixes that touch each other the first is made.
    if (!made.some((other) => edits.some((a) => other.some((b) => a.start <= b.end && b.start <= a.end)))) made.push(edits)
  }
  return made.length === 0 ? { file, count: 0 } : withHarmless(file, made, limitsOf(limits))
}

/** How often a file is read again to find out which of its fixes does harm. */
const mostReadings = 40

function withHarmless(
  file: DescriptionFile,
  fixes: readonly (readonly FileEdit[])[],
  limits: DocumentLimits,
): { readonly file: DescriptionFile; readonly count: number } {
  let readings = 0
  const after = (some: readonly (readonly FileEdit[])[]): DescriptionFile | undefined =>
    readings++ < mostReadings ? editedFile(file, some.flat(), limits) : undefined
  const harmless = (some: readonly (readonly FileEdit[])[]): readonly (readonly FileEdit[])[] => {
    if (some.length === 0 || after(some) !== undefined) return some
    const half = some.length >> 1
    return half === 0 ? [] : [...harmless(some.slice(0, half)), ...harmless(some.slice(half))]
  }
  const all = after(fixes)
  if (all !== undefined) return { file: all, count: fixes.length }
  const some = fixes.length === 1 ? [] : harmless(fixes)
  const fixed = some.length === 0 ? undefined : editedFile(file, some.flat(), limits)
  return fixed === undefined ? { file, count: 0 } : { file: fixed, count: some.length }
}

function isWithin({ start, end }: FileEdit, text: string): boolean {
  return start >= 0 && start <= end && end <= text.length
}

import {
  type DescriptionFile,
  DocumentError,
  type DocumentLimits,
  isRecord,
  keyRangeOf,
  parseFile,
  pointerOf,
  rangeOf,
  type SourceRange,
} from '../../openapi/index.ts'
import type { FileEdit } from '../problem.ts'

/** The text of a file with edits made; they do not overlap. */
function spliced(text: string, edits: readonly FileEdit[]): string {
  let result = ''
  let at = 0
  for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    result += text.slice(at, edit.start) + edit.text
    at = edit.end
  }
  return result + text.slice(at)
}

/**
 * The file after edits, read again. `undefined`: it cannot be read any more, or something else changed than the keys and scalars that
 * the edits touch. `expected`: what each of those must now be.
 */
export function editedFile(
  file: DescriptionFile,
  edits: readonly FileEdit[],
  limits: DocumentLimits,
  expected?: string,
): DescriptionFile | undefined {
  if (file.source === undefined) return undefined
  try {
    const after = parseFile(spliced(file.source.text, edits), file.uri, file.name, limits)
    return new Comparison(file, edits, expected).isSame(file.root, after.root, []) ? after : undefined
  } catch (error) {
    if (error instanceof DocumentError) return undefined
    throw error
  }
}

/** Walks two states of a file side by side. Aliases share their values, so each pair is looked at once. */
class Comparison {
  readonly #before: DescriptionFile
  readonly #edits: readonly FileEdit[]
  readonly #expected: string | undefined
  readonly #seen = new WeakMap<object, WeakSet<object>>()
  /** What a merge key (`<<`) copies has no place of its own, but changes as the original does. */
  readonly #allowed = new Set<string>()

  constructor(before: DescriptionFile, edits: readonly FileEdit[], expected: string | undefined) {
    this.#before = before
    this.#edits = edits
    this.#expected = expected
  }

  isSame(before: unknown, after: unknown, path: readonly string[]): boolean {
    if (Object.is(before, after)) return true
    if (Array.isArray(before) && Array.isArray(after)) {
      if (this.#isKnown(before, after)) return true
      return before.length === after.length && before.every((item, i) => this.isSame(item, after[i], [...path, String(i)]))
    }
    if (isRecord(before) && isRecord(after)) return this.#isKnown(before, after) || this.#isSameRecord(before, after, path)
    const isCollection = [before, after].some((value) => typeof value === 'object' && value !== null)
    return !isCollection && this.#isEdited('value', before, after, path)
  }

  #isSameRecord(
    before: Readonly<Record<string, unknown>>,
    after: Readonly<Record<string, unknown>>,
    path: readonly string[],
  ): boolean {
    const keys = Object.keys(before)
    const others = Object.keys(after)
    return (
      keys.length === others.length &&
      keys.every((key, i) => {
        const other = others[i] ?? ''
        const inside = [...path, key]
        return (key === other || this.#isEdited('key', key, other, inside)) && this.isSame(before[key], after[other], inside)
      })
    )
  }

  #isEdited(what: 'key' | 'value', before: unknown, after: unknown, path: readonly string[]): boolean {
    if (this.#expected !== undefined && after !== this.#expected) return false
    const change = JSON.stringify([before, after])
    if (this.#allowed.has(change)) return true
    const at = { file: this.#before, pointer: pointerOf(path), value: undefined }
    const range = what === 'key' ? keyRangeOf(at) : rangeOf(at)
    if (range === undefined || !this.#edits.some((edit) => touches(edit, range))) return false
    this.#allowed.add(change)
    return true
  }

  #isKnown(before: object, after: object): boolean {
    const known = this.#seen.get(before) ?? new WeakSet<object>()
    this.#seen.set(before, known)
    if (known.has(after)) return true
    known.add(after)
    return false
  }
}

function touches({ start, end }: FileEdit, range: SourceRange): boolean {
  return start <= range.end.offset && end >= range.start.offset
}

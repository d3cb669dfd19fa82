import { keyRangeOf, type Located, rangeAt, rangeInKey, rangeInValue, rangeOf, type SourceRange } from '../openapi/index.ts'

/** Something in a document that a finding is about. */
export type Place =
  /** Part of the decoded key under which `at` stands: half-open UTF-16 offsets; all of it without them. */
  | { readonly in: 'key'; readonly at: Located; readonly start?: number; readonly end?: number }
  /** Part of the decoded text that `at` is, or all of the value. */
  | { readonly in: 'value'; readonly at: Located; readonly start?: number; readonly end?: number }
  /** Part of the text of a file, by its own offsets. */
  | { readonly in: 'text'; readonly at: Located; readonly start: number; readonly end: number }

/** `undefined` when the document was given as an object. */
export function rangeOfPlace(place: Place): SourceRange | undefined {
  const { at, start, end = start } = place
  switch (place.in) {
    case 'key':
      return start === undefined ? (keyRangeOf(at) ?? rangeOf(at)) : rangeInKey(at, start, end)
    case 'value':
      return start === undefined ? rangeOf(at) : rangeInValue(at, start, end)
    case 'text':
      return rangeAt(at.file, place.start, place.end)
  }
}

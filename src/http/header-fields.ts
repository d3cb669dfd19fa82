/** Header fields by name, in any spelling: one field line, or several in the order they came. The shape of `IncomingMessage.headers`. */
export type HeaderFields = Readonly<Record<string, string | readonly string[] | undefined>>

/** Throws a `TypeError` for `Headers`, a `Map` or a list of pairs, which would look like no fields at all. */
export function expectFields(headers: object, what: string): void {
  if (Symbol.iterator in headers)
    throw new TypeError(`Expected ${what} to be an object, as Object.fromEntries() makes one, found what is iterated.`)
}

/** Every field line of that name, whatever its case; spellings that differ only in case are one field (RFC 9110, 5.1). */
export function fieldLines(headers: HeaderFields, name: string): readonly string[] {
  const lines: string[] = []
  for (const key of Object.keys(headers)) {
    if (key.length !== name.length || (key !== name && foldFieldName(key) !== foldFieldName(name))) continue
    // Of an exchange that comes from a file or another program the types are only promised.
    const value: unknown = headers[key]
    if (typeof value === 'string') lines.push(value)
    else if (Array.isArray(value)) lines.push(...value.filter((line) => typeof line === 'string'))
    else if (typeof value === 'number') lines.push(String(value))
  }
  return lines
}

/** The combined value of a field (RFC 9110, 5.3), or `undefined` when it is absent. */
export function fieldValue(headers: HeaderFields, name: string): string | undefined {
  const lines = fieldLines(headers, name)
  return lines.length > 1 ? lines.join(', ') : lines[0]
}

/** ASCII letters only: field names are tokens, and U+212A must not fold to `k`. */
export function foldFieldName(name: string): string {
  return /[A-Z]/.test(name) ? name.replace(/[A-Z]+/g, (upper) => upper.toLowerCase()) : name
}

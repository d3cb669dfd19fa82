/** The value as text where it is a scalar, else as a list or an object of texts. */
export type ReadValue = string | readonly string[] | Readonly<Record<string, string | readonly string[]>>

/** Text of a style that separates: a list, or names and values, as OAS 3 has it under "Style Values". */
export function listed(
  text: string,
  kind: 'scalar' | 'array' | 'object',
  separator: string,
  explode: boolean,
  clean: (text: string) => string,
): ReadValue {
  if (kind === 'scalar') return clean(text)
  const list = text === '' ? [] : text.split(separator).map(clean)
  if (kind === 'array') return list
  const entries = explode
    ? list.map((pair): [string, string] => {
        const equals = pair.indexOf('=')
        return equals === -1 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)]
      })
    : list.flatMap((name, i): [string, string][] => (i % 2 === 0 ? [[name, list[i + 1] ?? '']] : []))
  return Object.fromEntries(entries)
}

/** What a database can hold in an index, in any script. */
export function nameOf(name: string, option: string): string {
  if (typeof name === 'string' && name.length <= 500 && !name.includes('\0')) return name
  throw new TypeError(`Expected ${option} to be a text of at most 500 characters, none of them U+0000`)
}

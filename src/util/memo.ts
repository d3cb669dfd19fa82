/** Remembers what a pure function of a text has answered, for the last `size` to twice `size` texts. */
export function memo<T>(compute: (text: string) => T, size: number): (text: string) => T {
  let young = new Map<string, T>()
  let old = new Map<string, T>()
  return (text) => {
    const known = young.get(text)
    if (known !== undefined) return known
    const value = old.get(text) ?? compute(text)
    if (young.size >= size) {
      old = young
      young = new Map()
    }
    young.set(text, value)
    return value
  }
}

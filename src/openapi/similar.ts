/** One or two slips of the finger apart, whatever the case. */
export function isTypo(a: string, b: string): boolean {
  const shorter = Math.min(a.length, b.length)
  return shorter > 3 && Math.abs(a.length - b.length) <= 2 && distance(a.toLowerCase(), b.toLowerCase()) <= (shorter > 7 ? 2 : 1)
}

/** Those of `names` that may have been meant by `wanted`, at most `most`: other case, a slip, or one inside the other. */
export function similarNames(names: Iterable<string>, wanted: string, most: number): readonly string[] {
  const found: { readonly name: string; readonly rank: number }[] = []
  const folded = wanted.toLowerCase()
  for (const name of new Set(names)) {
    const other = name.toLowerCase()
    const rank =
      other === folded
        ? 0
        : isTypo(name, wanted)
          ? 1
          : folded.length > 3 && other.length > 3 && (other.includes(folded) || folded.includes(other))
            ? 2
            : 3
    if (rank < 3) found.push({ name, rank })
  }
  return found
    .sort((a, b) => a.rank - b.rank)
    .slice(0, most)
    .map(({ name }) => name)
}

const longestName = 100

/** Levenshtein's. Names that are too long are never near. */
function distance(a: string, b: string): number {
  if (a.length > longestName) return Number.POSITIVE_INFINITY
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const above = row
    row = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (above[j - 1] ?? 0) + (a.charAt(i - 1) === b.charAt(j - 1) ? 0 : 1)
      row.push(Math.min(swap, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
  }
  return row[b.length] ?? 0
}

/** One or two slips of the finger apart, whatever the case. */
export function isTypo(a: string, b: string): boolean {
  const shorter = Math.min(a.length, b.length)
  return shorter > 3 && Math.abs(a.length - b.length) <= 2 && distance(a.toLowerCase(), b.toLowerCase()) <= (shorter > 7 ? 2 : 1)
}

/** Those of `names` that may have been meant by `wanted`, at most `most`: written in another case, else a slip apart, else one inside the other. */
export function similarNames(names: Iterable<string>, wanted: string, most: number): readonly string[] {
  const all = [...new Set(names)]
  const folded = wanted.toLowerCase()
  const kinds: ((name: string) => boolean)[] = [
    (name) => name.toLowerCase() === folded,
    (name) => isTypo(name, wanted),
    (name) =>
      folded.length > 3 && name.length > 3 && (name.toLowerCase().includes(folded) || folded.includes(name.toLowerCase())),
  ]
  for (const isLike of kinds) {
    const found = all.filter(isLike)
    if (found.length > 0) return found.slice(0, most)
  }
  return []
}

const longestName = 100

/** Levenshtein's, in which two neighbours that have changed places are one slip. Names that are too long are never near. */
function distance(a: string, b: string): number {
  if (a.length > longestName) return Number.POSITIVE_INFINITY
  let above: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const twoAbove = above
    above = row
    row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (above[j - 1] ?? 0) + (a.charAt(i - 1) === b.charAt(j - 1) ? 0 : 1)
      const isSwap = i > 1 && j > 1 && a.charAt(i - 1) === b.charAt(j - 2) && a.charAt(i - 2) === b.charAt(j - 1)
      const swap = isSwap ? (twoAbove[j - 2] ?? 0) + 1 : change
      row.push(Math.min(change, swap, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
  }
  return row[b.length] ?? 0
}

/**
 * Throws `TypeError` where options are none, or have a name that there is not: a misspelt limit or lifetime would silently be the default.
 */
export function checkNames(options: object, known: object, what: string): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`Expected ${what} to be an object but found ${options === null ? 'null' : typeof options}`)
  const strange = Object.keys(options).find((name) => !Object.hasOwn(known, name))
  if (strange === undefined) return
  const names = Object.keys(known)
  const meant = names.find((name) => isNear(name.toLowerCase(), strange.toLowerCase()))
  throw new TypeError(
    `Expected ${what} to have no ${JSON.stringify(strange)}: ${meant === undefined ? `there are ${names.join(', ')}` : `did you mean ${JSON.stringify(meant)}?`}`,
  )
}

/** One is the beginning of the other, or one letter is wrong, missing or too many. */
function isNear(a: string, b: string): boolean {
  if (a.startsWith(b) || b.startsWith(a)) return true
  let start = 0
  while (start < a.length && a[start] === b[start]) start++
  let end = 0
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++
  return Math.max(a.length, b.length) - start - end <= 1
}

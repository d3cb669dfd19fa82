/**
 * What an option must be where it is given: anything (`true`, or whatever is no rule), a word of `typeof`, a number from 0 where the rule is
 * one (so that a list of defaults will do), a whole number from 0 or Infinity (`count`), or an object with this method, which the words say how
 * to get.
 */
export type OptionRule =
  | true
  | 'string'
  | 'boolean'
  | 'function'
  | 'object'
  | 'count'
  | number
  | readonly [method: string, words: string]

/** One for each name that there is. */
export type OptionRules<T> = Readonly<Record<keyof T, OptionRule>>

/**
 * Throws `TypeError` where options are none, have a name that there is not, or a value that its rule does not allow: a misspelt limit or
 * lifetime would silently be the default. `needed`: names that must be there.
 */
export function checkNames(options: object, known: object, what: string, needed: readonly string[] = []): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`Expected ${what} to be an object but found ${wordFor(options)}`)
  const names = Object.keys(known)
  for (const [name, value] of Object.entries(options)) {
    if (!names.includes(name)) {
      const meant = names.find((one) => isNear(one.toLowerCase(), name.toLowerCase()))
      const hint = meant === undefined ? `there are ${names.join(', ')}` : `did you mean ${JSON.stringify(meant)}?`
      throw new TypeError(`Expected ${what} to have no ${JSON.stringify(name)}: ${hint}`)
    }
    if (value !== undefined) checkValue(value, (known as Readonly<Record<string, unknown>>)[name], `${name} in ${what}`)
  }
  for (const name of needed) {
    if ((options as Readonly<Record<string, unknown>>)[name] === undefined)
      throw new TypeError(`Expected ${what} to have ${name} but found none`)
  }
}

const articles: Readonly<Record<string, string>> = {
  number: 'a number',
  count: 'a whole number from 0, or Infinity,',
  string: 'text',
  boolean: 'true or false',
  function: 'a function',
  object: 'an object',
}

function checkValue(value: unknown, rule: unknown, name: string): void {
  if (Array.isArray(rule)) {
    const [method, words] = rule as readonly string[] as readonly [string, string]
    if (typeof (value as Readonly<Record<string, unknown>> | null)?.[method] === 'function') return
    throw new TypeError(`Expected ${name} to be ${words}, but found ${wordFor(value)} without ${method}()`)
  }
  const type = typeof rule === 'number' ? 'number' : typeof rule === 'string' ? rule : ''
  const words = Object.hasOwn(articles, type) ? articles[type] : undefined
  if (words === undefined) return
  // NaN is what becomes of a mistyped date, and compares with nothing: it would be a limit that never holds.
  if (typeof value === 'number' && type === 'number' && !(value >= 0))
    throw new TypeError(`Expected ${name} to be a number from 0 but found ${value}`)
  if (type === 'count' ? isCount(value) : typeof value === type && value !== null) return
  throw new TypeError(
    `Expected ${name} to be ${words} but found ${type === 'count' && typeof value === 'number' ? value : wordFor(value)}`,
  )
}

function isCount(value: unknown): boolean {
  return (Number.isInteger(value) || value === Number.POSITIVE_INFINITY) && Number(value) >= 0
}

function wordFor(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list' : typeof value
}

/** One is the beginning of the other, or one letter is wrong, missing or too many, or two have changed places. */
function isNear(a: string, b: string): boolean {
  if (a.startsWith(b) || b.startsWith(a)) return true
  let start = 0
  while (start < a.length && a[start] === b[start]) start++
  let end = 0
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)]
  return Math.max(left.length, right.length) <= 1 || (left.length === 2 && left === `${right[1]}${right[0]}`)
}

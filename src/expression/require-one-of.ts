/** Misuse of an option is a `TypeError`, never a default: a wrong `encode` would leave a URL without encoding. */
export function requireOneOf(option: string, value: string | undefined, allowed: readonly string[]): void {
  if (value === undefined || allowed.includes(value)) return
  throw new TypeError(`Expected "${option}" to be one of ${allowed.join(', ')}, found ${JSON.stringify(value)}.`)
}

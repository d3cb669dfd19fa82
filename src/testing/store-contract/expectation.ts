import { AssertionError, deepStrictEqual } from 'node:assert'

/** The same data: members that are undefined are absent, and bytes are bytes, whatever class holds them. */
export function equal(actual: unknown, expected: unknown): void {
  deepStrictEqual(plain(actual), plain(expected))
}

/** What is expected is there; there may be more in the objects. */
export function matches(actual: unknown, expected: unknown): void {
  equal(trimmed(actual, expected), expected)
}

export function holds(condition: boolean): void {
  if (!condition) throw new AssertionError({ message: 'Expected a condition to hold that does not', stackStartFn: holds })
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value]
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(members.map(([name, member]) => [name, plain(member)]))
}

/** Only the members that are asked for. */
function trimmed(actual: unknown, expected: unknown): unknown {
  if (Array.isArray(actual) && Array.isArray(expected)) return actual.map((item, i) => trimmed(item, expected[i]))
  if (!isRecord(actual) || !isRecord(expected)) return actual
  return Object.fromEntries(Object.keys(expected).map((name) => [name, trimmed(actual[name], expected[name])]))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}

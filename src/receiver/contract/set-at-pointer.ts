import { err, ok, type Result } from '../../util/index.ts'

/**
 * A copy of a JSON value with another value at a JSON Pointer. Objects that are not there are made, and an array can grow by one item.
 * Nothing is changed in what was given, and no name reaches a prototype.
 */
export function setAtPointer(root: unknown, tokens: readonly string[], value: unknown): Result<unknown, string> {
  const [token, ...rest] = tokens
  if (token === undefined) return ok(value)
  if (root === undefined || root === null) return inObject({}, token, rest, value)
  if (Array.isArray(root)) return inArray(root, token, rest, value)
  if (typeof root === 'object') return inObject(root as Readonly<Record<string, unknown>>, token, rest, value)
  return err(`${JSON.stringify(token)} would be inside a ${typeof root}`)
}

function inObject(
  object: Readonly<Record<string, unknown>>,
  token: string,
  rest: readonly string[],
  value: unknown,
): Result<unknown, string> {
  const below = setAtPointer(Object.hasOwn(object, token) ? object[token] : undefined, rest, value)
  if (!below.ok) return below
  // `__proto__` is a name like any other.
  return ok(Object.fromEntries([...Object.entries(object).filter(([name]) => name !== token), [token, below.value]]))
}

function inArray(array: readonly unknown[], token: string, rest: readonly string[], value: unknown): Result<unknown, string> {
  const index = /^(?:0|[1-9]\d*)$/.test(token) ? Number(token) : Number.NaN
  if (!(index <= array.length)) {
    return err(`${JSON.stringify(token)} is no item of an array with ${array.length} ${array.length === 1 ? 'item' : 'items'}`)
  }
  const below = setAtPointer(array[index], rest, value)
  return below.ok ? ok([...array.slice(0, index), below.value, ...array.slice(index + 1)]) : below
}

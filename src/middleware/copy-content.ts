/**
 * The same data in arrays, records and bytes of its own: whoever changes what was given does not change what is sent. Anything else, such as a
 * Date or an instance of a class, is written when it is sent, and is not copied.
 */
export function copyContent<T>(value: T): T {
  return copied(value, new Map()) as T
}

function copied(value: unknown, known: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value
  // What stands in it twice, or in itself, does so in the copy.
  const before = known.get(value)
  if (before !== undefined) return before
  // Of the same class: a Buffer is other JSON than a Uint8Array. Its own `slice` shares the bytes.
  if (value instanceof Uint8Array) return Uint8Array.prototype.slice.call(value)
  if (Array.isArray(value)) {
    const copy: unknown[] = []
    known.set(value, copy)
    for (const item of value) copy.push(copied(item, known))
    return copy
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  const copy: Record<string, unknown> = {}
  known.set(value, copy)
  for (const name of Object.keys(value)) {
    const member = copied((value as Record<string, unknown>)[name], known)
    // A name that all objects have may be read-only, and `__proto__` would be no member.
    if (!(name in copy)) copy[name] = member
    else Object.defineProperty(copy, name, { value: member, enumerable: true, configurable: true, writable: true })
  }
  return copy
}

/**
 * What a value is as data: what has a JSON form of its own (a Date, a URL) is that, a boxed scalar its scalar. An object that shows none of
 * what it holds (a Map, a Set) is a symbol, which nothing encodes: left as it is, it would vanish without a word.
 */
export function plainValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) return value
  if ('toJSON' in value && typeof value.toJSON === 'function') return (value as { toJSON(): unknown }).toJSON()
  if (value instanceof String || value instanceof Number || value instanceof Boolean) return value.valueOf()
  const prototype: unknown = Object.getPrototypeOf(value)
  const isRecord = prototype === null || prototype === Object.prototype || Object.keys(value).length > 0
  return isRecord ? value : opaque
}

const opaque: unique symbol = Symbol('an object that shows nothing of what it holds')

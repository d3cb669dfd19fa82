// What Chevrotain uses of lodash-es, for the arrays and plain objects that it uses it with. lodash-es would be a fifth of the grammar's bundle.
// An unknown import fails the build; the tests of the grammar run against it as a part of `npm run test:dist`.

/** @typedef {any} Collection an array, or an object whose own values count; nothing, where there is nothing */
/** @typedef {(value: any, key: any, collection: any) => any} Visitor */

export const { isArray } = Array
export const { assign } = Object
export const noop = () => {}
/** @param {any} value */
export const identity = (value) => value
/** @param {any} value */
export const isUndefined = (value) => value === undefined
/** @param {any} value */
export const isString = (value) => typeof value === 'string'
/** @param {any} value */
export const isFunction = (value) => typeof value === 'function'
/** @param {any} value */
export const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function'
/** @param {any} value */
export const isRegExp = (value) => Object.prototype.toString.call(value) === '[object RegExp]'
/** Imported by what is shaken off. @param {string} text */
export const upperFirst = (text) => text.charAt(0).toUpperCase() + text.slice(1)
/** @param {any} object @param {PropertyKey} key */
export const has = (object, key) => object !== null && object !== undefined && Object.hasOwn(object, key)

/** @param {Collection} collection */
export const keys = (collection) => Object.keys(collection ?? {})
/** @param {Collection} collection @returns {any[]} */
export const values = (collection) => (isArray(collection) ? collection.slice() : Object.values(collection ?? {}))
/** @param {Collection} collection @returns {any[]} */
const listed = (collection) => (isArray(collection) ? collection : values(collection))
/** @param {Collection} collection */
export const isEmpty = (collection) => listed(collection).length === 0

/** Stops where the visitor answers `false`. @param {Collection} collection @param {Visitor} visit */
export function forEach(collection, visit) {
  const names = isArray(collection) ? undefined : keys(collection)
  const length = names === undefined ? collection.length : names.length
  for (let i = 0; i < length; i++) {
    const key = names === undefined ? i : /** @type {string} */ (names[i])
    if (visit(collection[key], key, collection) === false) break
  }
  return collection
}

/** @param {Collection} collection @param {Visitor} visit */
export function map(collection, visit) {
  /** @type {any[]} */
  const made = []
  forEach(collection, (value, key) => {
    made.push(visit(value, key, collection))
  })
  return made
}

/** @param {Collection} collection @param {Visitor} fold @param {any} start */
export function reduce(collection, fold, start) {
  let result = start
  forEach(collection, (value, key) => {
    result = /** @type {any} */ (fold)(result, value, key, collection)
  })
  return result
}

/** @param {Collection} collection @param {Visitor} [is] */
export function filter(collection, is = identity) {
  /** @type {any[]} */
  const found = []
  forEach(collection, (value, key) => {
    if (is(value, key, collection)) found.push(value)
  })
  return found
}

/** @param {Collection} collection @param {Visitor} is */
export const reject = (collection, is) => filter(collection, (value, key) => !is(value, key, collection))
/** @param {any[]} array */
export const compact = (array) => filter(array)
/** @param {Collection} collection @param {Visitor} is */
export const find = (collection, is) => listed(collection).find((value, i) => is(value, i, collection))
/** @param {Collection} collection @param {Visitor} [is] */
export const some = (collection, is = identity) => listed(collection).some((value, i) => is(value, i, collection))
/** @param {Collection} collection @param {Visitor} [is] */
export const every = (collection, is = identity) => listed(collection).every((value, i) => is(value, i, collection))
/** @param {Collection} collection @param {any} value */
export const includes = (collection, value) => listed(collection).includes(value)
/** @param {any[] | undefined} array @param {any} value */
export const indexOf = (array, value) => (array ?? []).indexOf(value)
/** @param {any[] | undefined} array */
export const first = (array) => array?.[0]
/** @param {any[] | undefined} array */
export const last = (array) => array?.[array.length - 1]
/** @param {any[] | undefined} array */
export const drop = (array, n = 1) => (array ?? []).slice(n)
/** @param {any[] | undefined} array */
export const dropRight = (array, n = 1) => (array ?? []).slice(0, Math.max(0, (array ?? []).length - n))
/** @param {any[] | undefined} array */
export const flatten = (array) => (array ?? []).flat()
/** @param {Collection} collection @param {Visitor} visit */
export const flatMap = (collection, visit) => map(collection, visit).flat()
/** @param {any[] | undefined} array */
export const uniq = (array) => [...new Set(array)]
/** @param {any[] | undefined} array @param {any[][]} others */
export const difference = (array, ...others) => (array ?? []).filter((value) => !others.some((other) => other?.includes(value)))

/** @param {any} value */
export function clone(value) {
  if (isArray(value)) return value.slice()
  return typeof value === 'object' && value !== null ? assign(Object.create(Object.getPrototypeOf(value)), value) : value
}

/** @param {any} object @param {any[]} sources */
export function defaults(object, ...sources) {
  const target = Object(object ?? {})
  for (const source of sources) for (const key of keys(source)) if (target[key] === undefined) target[key] = source[key]
  return target
}

/** @param {any} object @param {Visitor} is */
export const pickBy = (object, is) =>
  Object.fromEntries(Object.entries(object ?? {}).filter(([key, value]) => is(value, key, object)))

/** @param {Collection} collection @param {Visitor} by */
export function groupBy(collection, by) {
  /** @type {Record<string, any[]>} */
  const groups = {}
  forEach(collection, (value, key) => {
    const name = by(value, key, collection)
    const group = groups[name] ?? []
    groups[name] = group
    group.push(value)
  })
  return groups
}

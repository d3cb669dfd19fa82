export type Method = (this: unknown, ...args: unknown[]) => unknown

type Name = 'push' | 'emit' | 'write' | 'end' | 'writeHead'
type Methods = { [name in Name]?: Method | undefined }

interface Shared {
  /** What it has in place of its methods, and what those are. */
  readonly placed: Map<Name, { readonly by: Method; readonly before: Method }>
  readonly object: object
}

const replaced = new WeakMap<object, Methods>()
const sharedByPrototype = new WeakMap<object, Shared | undefined>()
const sharedByObject = new WeakMap<object, Shared>()

/**
 * Puts a method in the place of one that a request or a response of Node has, for this one alone. The answer ends that, unless somebody has
 * put another one over it.
 *
 * Express changes the prototype of each of them, after which V8 knows no two of them as alike: a property that is added to one takes 5 to 10
 * microseconds, and not 40 nanoseconds. So what all those of Express have in common gets the method, once, and it looks up whose it is.
 */
export function replaceMethod(target: object, name: Name, make: (before: Method) => Method): () => void {
  const placed = placedFor(target, name)
  const holder = target as Methods
  const now = holder[name] as Method
  // Somebody before us has replaced it.
  if (placed === undefined || now !== placed.by) {
    const by = make(now)
    holder[name] = by
    return () => {
      if (holder[name] === by) holder[name] = now
    }
  }
  const own = replaced.get(target) ?? {}
  replaced.set(target, own)
  const before = own[name]
  const by = make(before ?? placed.before)
  own[name] = by
  return () => {
    if (own[name] === by) own[name] = before
  }
}

/** What all requests, or all responses, of Express have in common: above what is an application's, and below what is Node's. */
export function sharedPrototype(target: object): object | undefined {
  return sharedFor(target)?.object
}

function sharedFor(target: object): Shared | undefined {
  const prototype = Object.getPrototypeOf(target) as object
  if (sharedByPrototype.has(prototype)) return sharedByPrototype.get(prototype)
  let object: object | null = prototype
  while (object !== null && Object.hasOwn(object, 'app')) object = Object.getPrototypeOf(object) as object | null
  const isOurs = object !== null && object !== prototype && !Object.hasOwn(object, 'constructor') && Object.isExtensible(object)
  let shared = isOurs ? sharedByObject.get(object as object) : undefined
  if (isOurs && shared === undefined) {
    shared = { object: object as object, placed: new Map() }
    sharedByObject.set(shared.object, shared)
  }
  sharedByPrototype.set(prototype, shared)
  return shared
}

function placedFor(target: object, name: Name): { readonly by: Method; readonly before: Method } | undefined {
  const shared = sharedFor(target)
  if (shared === undefined) return undefined
  let placed = shared.placed.get(name)
  if (placed === undefined) {
    const { object } = shared
    const own = (Object.hasOwn(object, name) ? (object as Methods)[name] : undefined) as Method | undefined
    // Node's own may be replaced later, for instance by what traces.
    const before: Method =
      own ??
      function (...args) {
        return ((Object.getPrototypeOf(object) as Methods)[name] as Method).apply(this, args)
      }
    const by: Method = function (...args) {
      return (replaced.get(this as object)?.[name] ?? before).apply(this, args)
    }
    Object.defineProperty(object, name, { value: by, configurable: true, enumerable: true, writable: true })
    placed = { by, before }
    shared.placed.set(name, placed)
  }
  return placed
}

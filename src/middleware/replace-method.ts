export type Method = (this: unknown, ...args: unknown[]) => unknown

type Name = 'push' | 'emit' | 'write' | 'end' | 'writeHead' | 'flushHeaders'

/** What replaces the members of one request and its response. */
class Own implements Partial<Record<Name, Method | undefined>> {
  /** What has them look here: there may be another layer above or below, for which they are not meant. */
  request: object | undefined = undefined
  response: object | undefined = undefined
  callbacks: unknown = undefined
  push: Method | undefined = undefined
  emit: Method | undefined = undefined
  write: Method | undefined = undefined
  end: Method | undefined = undefined
  writeHead: Method | undefined = undefined
  flushHeaders: Method | undefined = undefined
}

interface Incoming {
  readonly _readableState?: { [own]?: Own }
}

interface Placed {
  readonly shared: object
  readonly by: Method
  readonly before: Method
  /** Nothing stood in its place: what is under the prototype is called. */
  readonly isAdded: boolean
}

const own: unique symbol = Symbol('ringback')
const placed = new WeakMap<object, Map<Name, Placed>>()
/** All functions that look up whose method is meant, with what stood in their places. */
const lookUps = new WeakMap<Method, Method | undefined>()
const sharedByPrototype = new WeakMap<object, object | undefined>()

/** What is done in the place of a method, for `owner`. `self` and `args` are what it was called with. */
export type Act<Owner> = (owner: Owner, before: Method, self: unknown, args: unknown[]) => unknown

/**
 * Puts a function in the place of a method that a request or a response of Node has, for this one alone.
 *
 * Express changes the prototype of each of them, after which V8 takes no two of them for alike: to add a property to one costs 5 to 10
 * microseconds, and not 40 nanoseconds. So what all those of Express have in common is given the method, once, and that looks up whose it is:
 * in the state of the request's stream, which is like all others. A WeakMap would make V8 keep every request until its next full collection.
 */
export function replaceMethod<Owner>(target: object, name: Name, owner: Owner, act: Act<Owner>): void {
  const shared = placedFor(target, name)
  const holder = target as Own
  const now = holder[name] as Method
  const members = shared !== undefined && shared.by === now ? ownOf(target, name, shared.shared) : undefined
  // Otherwise somebody before us has replaced it.
  const [place, before] =
    shared === undefined || members === undefined ? [holder, now] : [members, members[name] ?? shared.before]
  place[name] = function (...args) {
    return act(owner, before, this, args)
  }
}

/** Whether a method that all have in common is there for us alone, and calls Node's for whoever has nothing else in its place. */
export function isSharedMethod(shared: object, name: PropertyKey): boolean {
  const one = placed.get(shared)?.get(name as Name)
  return one?.isAdded === true && Reflect.get(shared, name) === one.by
}

/** Gives a request its member `callbacks`. */
export function setCallbacks(request: object & { callbacks?: unknown }, callbacks: unknown): void {
  const shared = sharedFor(request)
  const members = shared === undefined ? undefined : ownOf(request, 'push', shared)
  if (shared !== undefined && members !== undefined) {
    if (!Object.hasOwn(shared, 'callbacks')) Object.defineProperty(shared, 'callbacks', callbacksOfOne)
    members.callbacks = callbacks
  }
  // Somebody has put another one there.
  if (request.callbacks !== callbacks) request.callbacks = callbacks
}

const callbacksOfOne: PropertyDescriptor = {
  configurable: true,
  enumerable: true,
  get(this: Incoming) {
    return this._readableState?.[own]?.callbacks
  },
  set(this: object, value: unknown) {
    Object.defineProperty(this, 'callbacks', { value, configurable: true, enumerable: true, writable: true })
  },
}

/** `undefined`: it has others, of another layer. */
function ownOf(target: object, name: Name, shared: object): Own | undefined {
  const state = stateOf(target, name)
  if (state === undefined) return undefined
  // By a constructor, because it leads to request and response: see exchange-view.ts.
  state[own] ??= new Own()
  const side = sideOf(name)
  state[own][side] ??= shared
  return state[own][side] === shared ? state[own] : undefined
}

function sideOf(name: Name): 'request' | 'response' {
  return name === 'push' || name === 'emit' ? 'request' : 'response'
}

function stateOf(target: object, name: Name): Incoming['_readableState'] {
  const request = sideOf(name) === 'request' ? (target as Incoming) : (target as { readonly req?: Incoming }).req
  return request?._readableState
}

/** What all requests, or all responses, of Express have in common: above what is an application's, and below what is Node's. */
function sharedFor(target: object): object | undefined {
  const prototype = Object.getPrototypeOf(target) as object
  if (sharedByPrototype.has(prototype)) return sharedByPrototype.get(prototype)
  let object: object | null = prototype
  while (object !== null && Object.hasOwn(object, 'app')) object = Object.getPrototypeOf(object) as object | null
  const isShared = object !== null && object !== prototype && !Object.hasOwn(object, 'constructor') && Object.isExtensible(object)
  const shared = isShared ? (object as object) : undefined
  sharedByPrototype.set(prototype, shared)
  return shared
}

function placedFor(target: object, name: Name): Placed | undefined {
  const shared = sharedFor(target)
  if (shared === undefined) return undefined
  let methods = placed.get(shared)
  if (methods === undefined) {
    methods = new Map()
    placed.set(shared, methods)
  }
  let one = methods.get(name)
  if (one === undefined) {
    const there = Object.hasOwn(shared, name) ? (shared as Own)[name] : undefined
    // One of ours was copied from elsewhere with the rest of a prototype: it would ask itself what it stands for.
    const present = there !== undefined && lookUps.has(there) ? lookUps.get(there) : there
    const side = sideOf(name)
    // Node's own may be replaced later, for instance by what traces.
    const before: Method =
      present ??
      function (...args) {
        const layer = isBelow(shared, this) ? shared : ownerOf(this as object, name, by)
        return ((Object.getPrototypeOf(layer) as Own)[name] as Method).apply(this, args)
      }
    const by: Method = function (...args) {
      const members = stateOf(this as object, name)?.[own]
      return ((members?.[side] === shared ? members[name] : undefined) ?? before).apply(this, args)
    }
    lookUps.set(by, present)
    Object.defineProperty(shared, name, { value: by, configurable: true, enumerable: true, writable: true })
    one = { shared, by, before, isAdded: present === undefined }
    methods.set(name, one)
  }
  return one
}

function isBelow(prototype: object, object: unknown): boolean {
  return Object.prototype.isPrototypeOf.call(prototype, object as object)
}

/** Which prototype of an object has a method as its own: it may have been copied there. */
function ownerOf(object: object, name: Name, method: Method): object {
  let layer: object | null = object
  while (layer !== null && !(Object.hasOwn(layer, name) && (layer as Own)[name] === method)) {
    layer = Object.getPrototypeOf(layer) as object | null
  }
  // Called with what is no response at all.
  return layer ?? object
}

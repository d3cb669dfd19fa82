import { hasSubscribers } from 'node:diagnostics_channel'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { isSharedMethod } from './replace-method.ts'

type ResponseClass = new (request: IncomingMessage, options?: unknown) => ServerResponse

// They are given responses that Express never sees.
const elsewhere = ['checkContinue', 'checkExpectation'] as const
// They are given responses before Express.
const early = ['http.server.request.start', 'http.server.response.created']

/**
 * From the next response on, a server makes them with the prototype that Express gives them anyway: then it changes nothing, and V8 takes them
 * all for alike, whatever is added to them. `prototype`: of the responses of the application. `isAlone`: whether that is all that listens to the
 * server.
 */
export function bearResponses(server: Server, prototype: object, isAlone: () => boolean): void {
  const classes = server as unknown as Record<symbol, ResponseClass>
  const place = Object.getOwnPropertySymbols(server).find(({ description }) => description === 'ServerResponse')
  const original = place === undefined ? undefined : classes[place]
  if (place === undefined || typeof original !== 'function') return
  const layers = layersAbove(original.prototype, prototype)
  if (layers === undefined || !areUsual(layers, original)) return
  const isUnseen = (): boolean =>
    isAlone() && !elsewhere.some((name) => server.listenerCount(name) > 0) && !early.some((name) => hasSubscribers(name))
  function Born(this: ServerResponse, request: IncomingMessage, options: unknown): ServerResponse | undefined {
    if (!isUnseen()) return new (original as ResponseClass)(request, options)
    Function.prototype.call.call(original as ResponseClass, this, request, options)
    return undefined
  }
  Born.prototype = prototype
  classes[place] = Born as unknown as ResponseClass
}

/** The prototypes from one down to what Node's responses have. `undefined`: it is not based on that, or not by Express alone. */
function layersAbove(base: object, prototype: object): readonly object[] | undefined {
  const layers: object[] = []
  for (let layer: object | null = prototype; layer !== base; layer = Object.getPrototypeOf(layer) as object | null) {
    if (layer === null || Object.hasOwn(layer, 'constructor')) return undefined
    layers.push(layer)
  }
  return layers
}

/** Whether no name that Node itself uses means anything else in the layers: it uses them before Express would have given it those. */
function areUsual(layers: readonly object[], original: ResponseClass): boolean {
  const head = { method: 'GET', httpVersionMajor: 1, httpVersionMinor: 1, headers: {} }
  const sample = new original(head as IncomingMessage)
  return layers.every((layer) => Reflect.ownKeys(layer).every((name) => !(name in sample) || isSharedMethod(layer, name)))
}

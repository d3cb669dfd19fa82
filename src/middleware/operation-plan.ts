import { needsOf } from '../callback/index.ts'
import {
  callbacksOf,
  findOperation,
  type OpenApiDescription,
  type Operation,
  operationsOf,
  responseFor,
  responsesOf,
  similarNames,
} from '../openapi/index.ts'
import type { Handler, HandlerContext, HandlerResult } from './handler.ts'
import type { AnyHandlers } from './typed.ts'

/** What is known of an operation with callbacks before a request comes. */
export interface OperationPlan {
  readonly operation: Operation
  /** Its operationId, or method and path. */
  readonly name: string
  readonly callbacks: ReadonlySet<string>
  /** One for each callback that has a handler, in the order of the document. */
  readonly handlers: readonly Order[]
  readonly needs: Needs
  readonly reads: KeyReads
  /** Whether a status is a 2xx that the operation declares. */
  isDeclaredSuccess(status: number): boolean
}

/** What is to be sent to every target of a callback. */
export interface Order {
  readonly callback: string
  readonly content: ContentBy
  /** Which one it is for its callback in its exchange, from 0: the id of a delivery is made from its target and this. */
  readonly number: number
}

/** A handler of either kind, as a function. */
export type ContentBy = (context: HandlerContext) => HandlerResult | Promise<HandlerResult>

/** What the keys of an operation read of an exchange. */
export type KeyReads = ReturnType<typeof needsOf>

/** What has to be kept of an exchange, because keys or handlers may read it. */
export interface Needs {
  readonly requestBody: boolean
  readonly responseBody: boolean
  readonly responseHeaders: boolean
}

/**
 * Plans for the operations of `paths` that have callbacks. `hasWhen`: a function is asked of each exchange. Throws
 * a `TypeError` for handlers of what the description does not have.
 */
export function planOperations(
  description: OpenApiDescription,
  handlers: AnyHandlers,
  hasWhen: boolean,
): ReadonlyMap<Operation, OperationPlan> {
  const chosen = handlersByOperation(description, handlers)
  const plans = new Map<Operation, OperationPlan>()
  for (const operation of operationsOf(description)) {
    if (operation.kind !== 'path') continue
    const callbacks = new Set(callbacksOf(operation).map(({ name }) => name))
    if (callbacks.size === 0) continue
    plans.set(operation, planOf(description, operation, callbacks, chosen.get(operation) ?? new Map(), hasWhen))
  }
  return plans
}

function planOf(
  description: OpenApiDescription,
  operation: Operation,
  callbacks: ReadonlySet<string>,
  handlers: ReadonlyMap<string, Handler>,
  hasWhen: boolean,
): OperationPlan {
  const reads = needsOf(description, operation)
  const { request, response } = reads
  // What a function reads cannot be known.
  const mayReadAll = hasWhen || [...handlers.values()].some((handler) => typeof handler === 'function')
  const namesSuccess = responsesOf(operation).some(({ status }) => status.startsWith('2'))
  const known = new Map<number, boolean>()
  return {
    operation,
    name: operation.operationId ?? `${operation.method} ${operation.path}`,
    callbacks,
    handlers: [...callbacks].flatMap((callback) => {
      const handler = handlers.get(callback)
      return handler === undefined ? [] : { callback, content: contentBy(handler), number: 0 }
    }),
    needs: {
      requestBody: request.body || mayReadAll,
      responseBody: response.body || mayReadAll,
      responseHeaders: response.headers.length > 0 || mayReadAll,
    },
    reads,
    isDeclaredSuccess(status) {
      let declared = known.get(status)
      if (declared === undefined) {
        const response = status >= 200 && status < 300 ? responseFor(operation, status) : undefined
        // Where a 2xx is named, `default` stands for the errors.
        declared = response !== undefined && (response.status !== 'default' || !namesSuccess)
        known.set(status, declared)
      }
      return declared
    },
  }
}

function contentBy(handler: Handler): ContentBy {
  if (typeof handler === 'function') return handler
  const { body: _, ...rest } = handler
  return () => ({ ...rest, example: true })
}

function handlersByOperation(
  description: OpenApiDescription,
  handlers: AnyHandlers,
): ReadonlyMap<Operation, ReadonlyMap<string, Handler>> {
  const chosen = new Map<Operation, ReadonlyMap<string, Handler>>()
  for (const [name, table] of Object.entries(handlers)) {
    if (table === undefined) continue
    const found = findOperation(description, name)
    if (!found.ok) throw new TypeError(`Handlers for an operation that there is not. ${found.error.message}`)
    const callbacks = callbacksOf(found.value).map((callback) => callback.name)
    const entries = Object.entries(table).filter(([, handler]) => handler !== undefined)
    for (const [callback, handler] of entries) checkHandler(name, callbacks, callback, handler)
    chosen.set(found.value, new Map([...(chosen.get(found.value) ?? []), ...entries]))
  }
  return chosen
}

function checkHandler(operation: string, callbacks: readonly string[], callback: string, handler: Handler): void {
  if (!callbacks.includes(callback)) {
    const [similar] = similarNames(callbacks, callback, 1)
    const hint = similar === undefined ? '' : ` Did you mean ${JSON.stringify(similar)}?`
    const known = callbacks.length === 0 ? 'it has none' : callbacks.map((name) => JSON.stringify(name)).join(', ')
    throw new TypeError(
      `Expected handlers for the callbacks of ${operation} (${known}) but found ${JSON.stringify(callback)}.${hint}`,
    )
  }
  if (typeof handler === 'function' || handler?.body === 'example') return
  throw new TypeError(
    `Expected the handler for ${JSON.stringify(callback)} of ${operation} to be a function or { body: 'example' }, found ${typeof handler}.`,
  )
}

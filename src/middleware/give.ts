import { channel } from 'node:diagnostics_channel'
import { type CallbackTarget, isOrdinarySkip, type ResolvedCallback, resolveCallbacks } from '../callback/index.ts'
import type { EnqueueOptions } from '../dispatcher/index.ts'
import type { CallbackRequest, Exchange } from '../http/index.ts'
import type { Mutable } from '../util/index.ts'
import { isThenable, textOfError } from './application-code.ts'
import { buildRequest } from './build-request.ts'
import { checkContent } from './check-content.ts'
import type { CallbackContent, HandledExchange, HandlerContext, HandlerResult } from './handler.ts'
import type { AnsweredExchange } from './kept-exchange.ts'
import type { OperationPlan, Order } from './operation-plan.ts'
import type { Put } from './outlet.ts'
import type { RunTeller } from './problem.ts'
import type { ScopeParts } from './scope-parts.ts'

/** Who gives it away. */
export interface Giver extends RunTeller {
  readonly plan: OperationPlan
  readonly parts: ScopeParts
  /** `undefined`: the response never goes out. Rejects when it could not be sent, or stored. */
  put(request: CallbackRequest, options: EnqueueOptions): Promise<Put> | undefined
}

/** Where the callbacks of an operation lead. `path`: values for `{name}` in the keys. */
export function resolveAll(
  { plan, parts }: Pick<Giver, 'plan' | 'parts'>,
  exchange: Exchange,
  path?: CallbackContent['path'],
): readonly ResolvedCallback[] {
  const { resolve, build } = parts
  const options = path === undefined ? resolve : { ...resolve, params: { ...resolve.params, ...path } }
  return resolveCallbacks(build.description, plan.operation, exchange, options)
}

const resolvedChannel = channel('ringback:resolved')

/**
 * Sends what is ordered. Never rejects: whatever fails for one target is told, and the others go on. `undefined`: there is nothing to wait for.
 *
 * Nothing here waits that need not: every promise on the way of a callback costs as much as the reading of its key.
 */
export function give(giver: Giver, orders: readonly Order[], exchange: AnsweredExchange): Promise<unknown> | undefined {
  const all = resolveAll(giver, exchange)
  if (resolvedChannel.hasSubscribers) {
    resolvedChannel.publish({ operation: giver.plan.name, exchangeId: exchange.id, callbacks: all })
  }
  // Most have one, and are not counted.
  const isCounted = all.length > giver.parts.maxTargets || all.some(mayBeSeveral)
  let first: Promise<unknown> | undefined
  let others: Promise<unknown>[] | undefined
  for (const order of orders) {
    for (const one of all) {
      if (one.callback !== order.callback) continue
      const going = toTarget(new Going(giver, order, one, exchange, isCounted))
      if (first === undefined) first = going
      else if (going !== undefined) {
        others ??= []
        others.push(going)
      }
    }
  }
  return first === undefined || others === undefined ? first : Promise.all([first, ...others])
}

/** One order on its way to one target. */
class Going {
  readonly giver: Giver
  readonly order: Order
  readonly one: ResolvedCallback
  readonly exchange: AnsweredExchange
  readonly isCounted: boolean

  constructor(giver: Giver, order: Order, one: ResolvedCallback, exchange: AnsweredExchange, isCounted: boolean) {
    this.giver = giver
    this.order = order
    this.one = one
    this.exchange = exchange
    this.isCounted = isCounted
  }
}

class Context implements HandlerContext {
  readonly exchange: HandledExchange
  readonly target: CallbackTarget | undefined

  constructor(exchange: AnsweredExchange, target: CallbackTarget | undefined) {
    this.exchange = exchange as HandledExchange
    this.target = target
  }
}

/** With the values of parameters that are still missing, an array may turn out to be behind it. */
function mayBeSeveral({ target }: ResolvedCallback): boolean {
  return !target.ok && target.error.reason === 'missing-parameter'
}

interface Places {
  readonly called: Set<string>
  readonly left: Set<string>
}

const placesOf = new WeakMap<Giver, Places>()

/** Whether a target may be called: the first that something is given for have a place, and keep it. How many have none is told together. */
function hasPlace(giver: Giver, { callback, key, method, fanOut }: CallbackTarget): boolean {
  const { maxTargets } = giver.parts
  const places = placesOf.get(giver) ?? { called: new Set(), left: new Set() }
  placesOf.set(giver, places)
  const { called, left } = places
  const name = JSON.stringify([callback, key, method, fanOut])
  if (called.has(name) || called.size < maxTargets) return called.add(name) !== undefined
  if (left.size === 0) {
    // After what is given in this step.
    queueMicrotask(() => {
      const count = left.size
      left.clear()
      const message = `An exchange calls at most ${maxTargets} targets ("maxTargets"). Left out: ${count}.`
      giver.tell({ kind: 'too-many', count, message })
    })
  }
  left.add(name)
  return false
}

function toTarget(going: Going): Promise<unknown> | undefined {
  const { giver, order, one, exchange } = going
  const { target } = one
  if (!target.ok && target.error.reason !== 'missing-parameter') {
    unresolved(giver, one)
    return undefined
  }
  try {
    const answer = order.content(new Context(exchange, target.ok ? target.value : undefined))
    if (isThenable(answer)) return laterGiven(going, answer)
    if (answer === undefined) return undefined
    checkContent(answer)
    return withContent(going, answer)
  } catch (error) {
    handlerFailed(going, error)
    return undefined
  }
}

async function laterGiven(going: Going, answer: PromiseLike<HandlerResult>): Promise<void> {
  let given: HandlerResult
  try {
    given = await answer
    if (given === undefined) return
    checkContent(given)
  } catch (error) {
    handlerFailed(going, error)
    return
  }
  await withContent(going, given)
}

function handlerFailed({ giver, order: { callback } }: Going, error: unknown): void {
  giver.tell({ kind: 'handler', callback, error, message: `The handler failed: ${textOfError(error)}` })
}

function withContent(going: Going, given: CallbackContent): Promise<unknown> | undefined {
  const { giver, order, one } = going
  try {
    if (given.path === undefined) return toResolved(going, one, given)
    const put = withPath(going, given.path).map((again) => toResolved(going, again, given))
    return Promise.all(put)
  } catch (error) {
    notEnqueued(giver, order, error)
    return undefined
  }
}

/** The same target with these values. One that lacked some may turn out to be several. */
function withPath({ giver, one, exchange }: Going, path: CallbackContent['path']): readonly ResolvedCallback[] {
  const fanOut = one.target.ok ? one.target.value.fanOut : undefined
  return resolveAll(giver, exchange, path).filter(
    ({ callback, key, operation, target }) =>
      callback === one.callback &&
      key === one.key &&
      operation === one.operation &&
      !(one.target.ok && target.ok && target.value.fanOut !== fanOut),
  )
}

function toResolved(going: Going, one: ResolvedCallback, given: CallbackContent): Promise<unknown> | undefined {
  if (one.target.ok) return toUrl(going, one.target.value, given)
  unresolved(going.giver, one)
  return undefined
}

function notEnqueued(giver: Giver, { callback }: Order, error: unknown): void {
  giver.tell({ kind: 'not-enqueued', callback, error, message: `It could not be enqueued: ${textOfError(error)}` })
}

function toUrl(going: Going, target: CallbackTarget, content: CallbackContent): Promise<void> | undefined {
  const { giver, order } = going
  const { callback, number } = order
  if (going.isCounted && !hasPlace(giver, target)) return undefined
  const built = buildRequest(target, content, giver.parts.build)
  if (!built.ok) {
    giver.tell({ kind: 'unbuildable', callback, problem: built.error, message: `It is not sent: ${built.error.message}` })
    return undefined
  }
  const { warned } = built.value
  if (warned !== undefined) {
    giver.tell({ kind: 'invalid', callback, problem: warned, message: `It is sent all the same: ${warned.message}` })
  }
  const request = number === 0 ? built.value.request : { ...built.value.request, id: `${built.value.request.id}_${number + 1}` }
  const put = giver.put(request, enqueueOptions(content))
  // What is given to us as a dispatcher may answer anything.
  return Promise.resolve(put).then(
    (answer) => {
      if (answer?.isNew !== false) return
      const { id } = request
      giver.tell({ kind: 'duplicate', callback, id, message: `It is not sent: there is a delivery with the id ${id} already.` })
    },
    (error: unknown) => notEnqueued(giver, order, error),
  )
}

function unresolved(giver: Giver, { callback, target }: ResolvedCallback): void {
  if (target.ok || isOrdinarySkip(target.error)) return
  giver.tell({ kind: 'unresolved', callback, reason: target.error, message: target.error.message })
}

function enqueueOptions({ delayMs, orderingKey, metadata }: CallbackContent): EnqueueOptions {
  const options: Mutable<EnqueueOptions> = {}
  if (delayMs !== undefined) options.delayMs = delayMs
  if (orderingKey !== undefined) options.orderingKey = orderingKey
  if (metadata !== undefined) options.metadata = metadata
  return options
}

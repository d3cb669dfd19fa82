import { channel } from 'node:diagnostics_channel'
import { type CallbackTarget, isOrdinarySkip, type ResolvedCallback, resolveCallbacks } from '../callback/index.ts'
import type { EnqueueOptions } from '../dispatcher/index.ts'
import type { CallbackRequest, Exchange } from '../http/index.ts'
import type { Mutable } from '../util/index.ts'
import { isThenable, textOfError } from './application-code.ts'
import { buildRequest } from './build-request.ts'
import { checkContent } from './check-content.ts'
import type { CallbackContent, HandledExchange, HandlerResult } from './handler.ts'
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
  if (all.length > giver.parts.maxTargets) return giveToSome(giver, orders, all, exchange)
  const given: Promise<void>[] = []
  for (const order of orders) {
    for (let index = 0; index < all.length; index++) {
      const one = all[index]
      if (one === undefined || one.callback !== order.callback) continue
      const going = toTarget({ giver, order, one, index, exchange, isGiven: false })
      if (going !== undefined) given.push(going)
    }
  }
  return given.length > 1 ? Promise.all(given) : given[0]
}

/** One order on its way to one target. */
interface Going {
  readonly giver: Giver
  readonly order: Order
  readonly one: ResolvedCallback
  readonly index: number
  readonly exchange: AnsweredExchange
  isGiven: boolean
}

const calledFor = new WeakMap<Giver, Set<number>>()

/**
 * Where there are more targets than may be called: to the first of them, in the order of the document. One that was called before needs no
 * place, and one to which nothing is given in the end leaves its place to the next.
 */
async function giveToSome(
  giver: Giver,
  orders: readonly Order[],
  all: readonly ResolvedCallback[],
  exchange: AnsweredExchange,
): Promise<void> {
  const { maxTargets } = giver.parts
  const called = calledFor.get(giver) ?? new Set()
  calledFor.set(giver, called)
  const giveTo = async (goings: readonly Going[]): Promise<boolean> => {
    await Promise.all(goings.map(toTarget))
    return goings.some(({ isGiven }) => isGiven)
  }
  const under = all.map((one, index) =>
    orders.flatMap((order) => (order.callback === one.callback ? { giver, order, one, index, exchange, isGiven: false } : [])),
  )
  const needsPlace = ([first]: readonly Going[]): boolean =>
    first !== undefined && isCallable(first.one) && !called.has(first.index)
  const queue = under.filter(needsPlace)
  const given: Promise<unknown>[] = under.filter((goings) => !needsPlace(goings)).map(giveTo)
  const inPlace = async (): Promise<void> => {
    for (let goings = queue.shift(); goings !== undefined; goings = queue.shift()) {
      const index = goings[0]?.index ?? 0
      called.add(index)
      if (await giveTo(goings)) return
      called.delete(index)
    }
  }
  for (let free = maxTargets - called.size; free > 0 && queue.length > 0; free--) given.push(inPlace())
  await Promise.all(given)
  const count = queue.length
  const message = `An exchange calls at most ${maxTargets} targets ("maxTargets"). Left out: ${count}.`
  if (count > 0) giver.tell({ kind: 'too-many', count, message })
}

function isCallable({ target }: ResolvedCallback): boolean {
  return target.ok || target.error.reason === 'missing-parameter'
}

function toTarget(going: Going): Promise<void> | undefined {
  const { giver, order, one, exchange } = going
  const { target } = one
  if (!isCallable(one)) {
    unresolved(giver, one)
    return undefined
  }
  try {
    const context = { exchange: exchange as HandledExchange, target: target.ok ? target.value : undefined }
    const answer = order.content(context)
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

function withContent(going: Going, given: CallbackContent): Promise<void> | undefined {
  const { giver, order, one, index, exchange } = going
  try {
    const again = given.path === undefined ? one : resolveAll(giver, exchange, given.path)[index]
    if (again?.target.ok === true) return toUrl(going, again.target.value, given)
    unresolved(giver, again ?? one)
  } catch (error) {
    notEnqueued(giver, order, error)
  }
  return undefined
}

function notEnqueued(giver: Giver, { callback }: Order, error: unknown): void {
  giver.tell({ kind: 'not-enqueued', callback, error, message: `It could not be enqueued: ${textOfError(error)}` })
}

function toUrl(going: Going, target: CallbackTarget, content: CallbackContent): Promise<void> | undefined {
  const { giver, order } = going
  const { callback, number } = order
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
  going.isGiven = true
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

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

/** Sends what is ordered. Never rejects: whatever fails for one target is told, and the others go on. */
export function give(giver: Giver, orders: readonly Order[], exchange: AnsweredExchange): Promise<unknown> {
  const all = resolveAll(giver, exchange)
  if (resolvedChannel.hasSubscribers) {
    resolvedChannel.publish({ operation: giver.plan.name, exchangeId: exchange.id, callbacks: all })
  }
  const given: Promise<void>[] = []
  for (const order of orders) {
    all.forEach((one, index) => {
      if (one.callback === order.callback) given.push(toTarget(giver, order, one, index, exchange))
    })
  }
  return given.length === 1 && given[0] !== undefined ? given[0] : Promise.all(given)
}

async function toTarget(
  giver: Giver,
  order: Order,
  one: ResolvedCallback,
  index: number,
  exchange: AnsweredExchange,
): Promise<void> {
  const { callback, content } = order
  const { target } = one
  if (!target.ok && target.error.reason !== 'missing-parameter') return unresolved(giver, one)
  let given: HandlerResult
  try {
    const context = { exchange: exchange as HandledExchange, target: target.ok ? target.value : undefined }
    const answer = content(context)
    given = isThenable(answer) ? await answer : answer
    if (given === undefined) return
    checkContent(given)
  } catch (error) {
    giver.tell({ kind: 'handler', callback, error, message: `The handler failed: ${textOfError(error)}` })
    return
  }
  try {
    const again = given.path === undefined ? one : resolveAll(giver, exchange, given.path)[index]
    if (again === undefined || !again.target.ok) unresolved(giver, again ?? one)
    else await toUrl(giver, order, again.target.value, given)
  } catch (error) {
    giver.tell({ kind: 'not-enqueued', callback, error, message: `It could not be enqueued: ${textOfError(error)}` })
  }
}

async function toUrl(giver: Giver, { callback, number }: Order, target: CallbackTarget, content: CallbackContent): Promise<void> {
  const built = buildRequest(target, content, giver.parts.build)
  if (!built.ok) {
    giver.tell({ kind: 'unbuildable', callback, problem: built.error, message: `It is not sent: ${built.error.message}` })
    return
  }
  const { warned } = built.value
  if (warned !== undefined) {
    giver.tell({ kind: 'invalid', callback, problem: warned, message: `It is sent all the same: ${warned.message}` })
  }
  const request = number === 0 ? built.value.request : { ...built.value.request, id: `${built.value.request.id}_${number + 1}` }
  const put = await giver.put(request, enqueueOptions(content))
  if (put?.isNew !== false) return
  const { id } = request
  giver.tell({ kind: 'duplicate', callback, id, message: `It is not sent: there is a delivery with the id ${id} already.` })
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

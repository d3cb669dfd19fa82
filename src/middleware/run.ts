import { type CallbackTarget, isOrdinarySkip, type ResolvedCallback, resolveCallbacks } from '../callback/index.ts'
import type { EnqueueOptions } from '../dispatcher/index.ts'
import type { Exchange, ExchangeRequest, ExchangeResponse, Parameters } from '../http/index.ts'
import { type Mutable, randomId } from '../util/index.ts'
import { type Body, isReady, madeReady, noBody } from './body.ts'
import { buildRequest } from './build-request.ts'
import { exchangeView, requestView, responseView } from './exchange-view.ts'
import type { CallbackContent, HandledExchange, HandlerResult } from './handler.ts'
import type { ContentBy, OperationPlan } from './operation-plan.ts'
import type { CallbackProblem } from './problem.ts'
import type { ScopeParts } from './scope-parts.ts'
import type { RequestSide, ResponseSide } from './sides.ts'

type AnsweredExchange = Exchange & { readonly response: ExchangeResponse }
type Told = CallbackProblem extends infer P ? (P extends unknown ? Omit<P, 'operation' | 'exchangeId'> : never) : never

const none: readonly never[] = []
const noIds: Promise<readonly string[]> = Promise.resolve(none)
const noHandlers: OperationPlan['handlers'] = new Map()

interface Send {
  readonly callback: string
  readonly content: CallbackContent
}

/**
 * The callbacks of one exchange whose operation has some. An adapter tells it how the response goes: `ending`, then `sent` or `aborted`.
 * Nothing that it does throws or rejects; what a promise stands for is done when it resolves.
 */
export class Run {
  readonly plan: OperationPlan
  readonly #parts: ScopeParts
  readonly #path: Parameters
  readonly #side: RequestSide
  #id: string | undefined
  #request: ExchangeRequest | undefined
  #exchange: Promise<AnsweredExchange> | AnsweredExchange | undefined
  #sends: readonly Send[] = none
  #handled = false
  #state: 'open' | 'ending' | 'sent' | 'aborted' = 'open'
  #held: Promise<readonly string[]> | undefined
  #response: ResponseSide | undefined

  constructor(plan: OperationPlan, parts: ScopeParts, path: Parameters, side: RequestSide) {
    this.plan = plan
    this.#parts = parts
    this.#path = path
    this.#side = side
  }

  /** Of the exchange. Made when somebody asks: most are never named. */
  get id(): string {
    this.#id ??= randomId(this.#parts.clock.now(), this.#parts.random)
    return this.#id
  }

  /** Whether the end of the response may have to wait. */
  get mayHold(): boolean {
    return this.#parts.outlet.holds
  }

  /** Whether the end of the response has to wait for deliveries to be stored. */
  get holds(): boolean {
    return this.mayHold && (this.plan.handlers.size > 0 || this.#sends.length > 0)
  }

  /** The same, of a response with this status. Most that are no success are followed by no callbacks. */
  holdsFor(status: number): boolean {
    return this.holds && (this.#parts.when !== undefined || this.plan.isDeclaredSuccess(status))
  }

  send(callback: string, content: CallbackContent): void {
    if (!this.#isCallback(callback)) return
    if (this.#state === 'aborted') {
      this.tell({ kind: 'too-late', callback, message: 'The client is gone, so that no callback is sent for its request.' })
      return
    }
    this.#sends = [...this.#sends, { callback, content }]
    if (this.#state === 'sent') void this.#fire(false)
  }

  /** Where a callback leads, by what is known of the exchange now. */
  async targets(callback: string, response: ExchangeResponse | undefined): Promise<readonly ResolvedCallback[]> {
    if (!this.#isCallback(callback)) return []
    try {
      if (this.plan.needs.requestBody) await this.#side.bodyEnd(false)
      const request = await this.#requestNow()
      const known = this.#exchange === undefined ? undefined : (await this.#exchange).response
      const exchange = exchangeView(this.id, request, response ?? known)
      return this.#resolve(exchange, undefined).filter((resolved) => resolved.callback === callback)
    } catch (error) {
      this.tell({ kind: 'handler', callback, error, message: `The target could not be resolved: ${String(error)}` })
      return []
    }
  }

  /** The application has ended its response. Resolves when what is to be stored before it goes out has been, or takes too long. */
  ending(response: ResponseSide): Promise<void> | undefined {
    if (this.#state !== 'open') return undefined
    this.#state = 'ending'
    this.#response = response
    if (!this.holdsFor(response.status())) return undefined
    this.#held = this.#fire(true) ?? noIds
    return this.#inTime(this.#held)
  }

  /** The response has gone out. */
  sent(response: ResponseSide): Promise<unknown> | undefined {
    if (this.#state === 'sent' || this.#state === 'aborted') return undefined
    this.#state = 'sent'
    this.#response ??= response
    const late = this.#fire(false)
    return this.#held === undefined ? late : Promise.all([this.#release(this.#held), late])
  }

  /** The response has not gone out, and never will. */
  async aborted(): Promise<void> {
    if (this.#state === 'sent' || this.#state === 'aborted') return
    this.#state = 'aborted'
    this.#sends = none
    if (this.#held !== undefined) await this.#cancel(await this.#held)
  }

  tell(problem: Told): void {
    this.#parts.tell({ ...problem, operation: this.plan.name, exchangeId: this.id } as CallbackProblem)
  }

  #isCallback(callback: string): boolean {
    const { callbacks, name } = this.plan
    if (callbacks.has(callback)) return true
    const known = [...callbacks].map((one) => JSON.stringify(one)).join(', ')
    const message = `Expected a callback of ${name} (${known}) but found ${JSON.stringify(callback)}.`
    this.tell({ kind: 'no-such-callback', callback, message })
    return false
  }

  /** Plans and gives away everything that is asked for and was not yet given away. Answers the ids of what is held back. */
  #fire(held: boolean): Promise<readonly string[]> | undefined {
    const sends = this.#sends
    const handlers = this.#handled ? noHandlers : this.plan.handlers
    this.#sends = none
    this.#handled = true
    const response = this.#response
    return (sends.length === 0 && handlers.size === 0) || response === undefined
      ? undefined
      : this.#give(sends, handlers, response, held)
  }

  async #give(
    sends: readonly Send[],
    handlers: OperationPlan['handlers'],
    response: ResponseSide,
    held: boolean,
  ): Promise<readonly string[]> {
    try {
      // Most answers that are no success can be told by their status alone.
      if (this.#parts.when === undefined && !this.#isSuccess(response.status())) return none
      // An application that answers without reading the request can be faster than the request.
      if (held && this.plan.needs.requestBody) await this.#side.bodyEnd(true)
      const made = this.#exchangeNow(response)
      const exchange = made instanceof Promise ? await made : made
      if (this.#parts.when !== undefined && !this.#isWanted(exchange)) return none
      const resolved = this.#resolve(exchange, undefined)
      const given: Promise<readonly string[]>[] = []
      for (const { callback, content } of sends) given.push(this.#each(callback, resolved, exchange, () => content, held))
      for (const [callback, content] of handlers) given.push(this.#each(callback, resolved, exchange, content, held))
      return given.length === 1 && given[0] !== undefined ? await given[0] : (await Promise.all(given)).flat()
    } catch (error) {
      this.tell({ kind: 'handler', error, message: `The callbacks could not be planned: ${String(error)}` })
      return none
    }
  }

  /** Every target of one callback. */
  async #each(
    callback: string,
    all: readonly ResolvedCallback[],
    exchange: AnsweredExchange,
    content: ContentBy,
    held: boolean,
  ): Promise<readonly string[]> {
    const ids: string[] = []
    for (const [index, one] of all.entries()) {
      if (one.callback !== callback) continue
      const { target } = one
      if (!target.ok && target.error.reason !== 'missing-parameter') {
        this.#unresolved(one)
        continue
      }
      let given: HandlerResult
      try {
        const context = { exchange: exchange as HandledExchange, target: target.ok ? target.value : undefined }
        const answer = content(context)
        given = answer instanceof Promise ? await answer : answer
      } catch (error) {
        this.tell({ kind: 'handler', callback, error, message: `The handler failed: ${String(error)}` })
        continue
      }
      if (given === undefined) continue
      const again = given.path === undefined ? one : this.#resolve(exchange, given.path)[index]
      if (again === undefined || !again.target.ok) this.#unresolved(again ?? one)
      else {
        const id = await this.#put(callback, again.target.value, given, held)
        if (id !== undefined) ids.push(id)
      }
    }
    return ids
  }

  async #put(callback: string, target: CallbackTarget, content: CallbackContent, held: boolean): Promise<string | undefined> {
    try {
      const built = buildRequest(target, content, this.#parts.build)
      if (!built.ok) {
        this.tell({ kind: 'unbuildable', callback, problem: built.error, message: `It is not sent: ${built.error.message}` })
        return undefined
      }
      const { request, warned } = built.value
      if (warned !== undefined) {
        this.tell({ kind: 'invalid', callback, problem: warned, message: `It is sent all the same: ${warned.message}` })
      }
      const options = enqueueOptions(content)
      if (held) return await this.#parts.outlet.hold(request, options)
      await this.#parts.outlet.put(request, options)
      return undefined
    } catch (error) {
      this.tell({ kind: 'not-enqueued', callback, error, message: `It could not be enqueued: ${String(error)}` })
      return undefined
    }
  }

  #resolve(exchange: Exchange, path: CallbackContent['path']): readonly ResolvedCallback[] {
    const { resolve, build } = this.#parts
    const options = path === undefined ? resolve : { ...resolve, params: { ...resolve.params, ...path } }
    return resolveCallbacks(build.description, this.plan.operation, exchange, options)
  }

  #unresolved({ callback, target }: ResolvedCallback): void {
    if (target.ok || isOrdinarySkip(target.error)) return
    this.tell({ kind: 'unresolved', callback, reason: target.error, message: target.error.message })
  }

  #isSuccess(status: number): boolean {
    if (this.plan.isDeclaredSuccess(status)) return true
    if (status >= 200 && status < 300) {
      const message = `Answered ${status}, which the operation does not declare: no callbacks are sent. Declare it, or pass "when".`
      this.tell({ kind: 'undeclared-status', status, message })
    }
    return false
  }

  #isWanted(exchange: AnsweredExchange): boolean {
    try {
      return this.#parts.when?.(exchange, this.plan.operation) === true
    } catch (error) {
      this.tell({ kind: 'when', error, message: `"when" failed: ${String(error)}` })
      return false
    }
  }

  #exchangeNow(response: ResponseSide): Promise<AnsweredExchange> | AnsweredExchange {
    this.#exchange ??= this.#makeExchange(response)
    return this.#exchange
  }

  /** At once where nothing has to be decompressed. */
  #makeExchange(side: ResponseSide): Promise<AnsweredExchange> | AnsweredExchange {
    const { needs } = this.plan
    const status = side.status()
    const headers = needs.responseHeaders || needs.responseBody ? side.headers() : {}
    const body = needs.responseBody ? side.body() : noBody
    const build = (request: ExchangeRequest, ready: Body): AnsweredExchange => {
      this.#tellLost('response', ready)
      const response = responseView(status, headers, ready)
      return exchangeView(this.id, request, response) as AnsweredExchange
    }
    const request = this.#requestNow()
    if (!(request instanceof Promise) && isReady(body, headers)) return build(request, body)
    return Promise.all([request, madeReady(body, headers, this.#parts.maxBodyBytes)]).then((both) => {
      const made = build(...both)
      this.#exchange = made
      return made
    })
  }

  #requestNow(): Promise<ExchangeRequest> | ExchangeRequest {
    if (this.#request !== undefined) return this.#request
    const body = this.plan.needs.requestBody ? this.#side.body() : noBody
    const { headers } = this.#side
    const build = (ready: Body): ExchangeRequest => {
      this.#tellLost('request', ready)
      const view = requestView(this.#side, this.#path, ready)
      // More of it may come, unless it is complete.
      if (ready.kind !== 'lost') this.#request = view
      return view
    }
    return isReady(body, headers) ? build(body) : madeReady(body, headers, this.#parts.maxBodyBytes).then(build)
  }

  #tellLost(of: 'request' | 'response', body: Body): void {
    if (body.kind !== 'lost') return
    this.tell({ kind: 'body', of, reason: body.reason, message: lostMessages[body.reason](of) })
  }

  async #release(held: Promise<readonly string[]>): Promise<void> {
    const ids = await held
    if (ids.length === 0) return
    await this.#parts.outlet.release(ids).catch((error: unknown) => {
      this.tell({ kind: 'not-released', error, message: `It is delivered later than it should be: ${String(error)}` })
    })
  }

  async #cancel(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return
    await this.#parts.outlet.cancel(ids).catch((error: unknown) => {
      this.tell({ kind: 'not-cancelled', error, message: `It is delivered although the client is gone: ${String(error)}` })
    })
  }

  #inTime(stored: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#parts.clock.setTimeout(() => {
        this.tell({ kind: 'slow', message: 'Handlers and store took longer than "commitTimeoutMs": the response does not wait.' })
        resolve()
      }, this.#parts.commitTimeoutMs)
      void stored.then(() => {
        timer.cancel()
        resolve()
      })
    })
  }
}

const lostMessages: Readonly<Record<'too-large' | 'unread' | 'undecodable', (of: string) => string>> = {
  'too-large': (of) => `The body of the ${of} is larger than "maxBodyBytes", and cannot be read.`,
  unread: (of) => `The body of the ${of} was not read to its end, and cannot be read now.`,
  undecodable: (of) => `The body of the ${of} has a content coding that is not known, or is broken.`,
}

function enqueueOptions({ delayMs, orderingKey, metadata }: CallbackContent): EnqueueOptions {
  const options: Mutable<EnqueueOptions> = {}
  if (delayMs !== undefined) options.delayMs = delayMs
  if (orderingKey !== undefined) options.orderingKey = orderingKey
  if (metadata !== undefined) options.metadata = metadata
  return options
}

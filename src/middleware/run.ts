import type { ResolvedCallback } from '../callback/index.ts'
import type { EnqueueOptions } from '../dispatcher/index.ts'
import type { CallbackRequest, ExchangeResponse, Parameters } from '../http/index.ts'
import { randomId } from '../util/index.ts'
import { textOfError } from './application-code.ts'
import { checkContent } from './check-content.ts'
import { copyContent } from './copy-content.ts'
import { type Giver, give, resolveAll } from './give.ts'
import type { CallbackContent } from './handler.ts'
import { HeldDeliveries } from './held-deliveries.ts'
import { type AnsweredExchange, type ExchangeOwner, KeptExchange } from './kept-exchange.ts'
import type { OperationPlan, Order } from './operation-plan.ts'
import type { Put } from './outlet.ts'
import type { CallbackProblem, RunProblem } from './problem.ts'
import type { ScopeParts } from './scope-parts.ts'
import type { RequestSide, ResponseSide } from './sides.ts'

const none: readonly never[] = []

/**
 * The callbacks of one exchange whose operation has some. An adapter tells it how the response goes: `ending`, then `sent` or `aborted`.
 * Nothing that it does throws or rejects; what a promise stands for is done when it resolves.
 */
export class Run implements Giver, ExchangeOwner {
  readonly plan: OperationPlan
  readonly parts: ScopeParts
  readonly #path: Parameters
  readonly #side: RequestSide
  #id: string | undefined
  #exchange: KeptExchange | undefined
  #sends: Order[] | undefined
  /** By callback, how many there are of it. */
  #numbers: Map<string, number> | undefined
  #handled = false
  #state: 'open' | 'ending' | 'sent' | 'aborted' = 'open'
  #response: ResponseSide | undefined
  #stored: Promise<unknown> | undefined
  #held: HeldDeliveries | undefined

  constructor(plan: OperationPlan, parts: ScopeParts, path: Parameters, side: RequestSide) {
    this.plan = plan
    this.parts = parts
    this.#path = path
    this.#side = side
  }

  /** Of the exchange. Made when somebody asks: most are never named. */
  get id(): string {
    this.#id ??= randomId(this.parts.clock.now(), this.parts.random)
    return this.#id
  }

  /** Whether the end of the response may have to wait. */
  get mayHold(): boolean {
    return this.parts.outlet.holds
  }

  /** Whether the end of a response with this status has to wait for deliveries to be stored. */
  holdsFor(status: number): boolean {
    return this.mayHold && this.firesFor(status)
  }

  /** Whether callbacks are asked for, and may follow a response with this status. Most that are no success are followed by none. */
  firesFor(status: number): boolean {
    if (this.plan.handlers.length === 0 && this.#sends === undefined) return false
    return this.parts.when !== undefined || this.plan.isDeclaredSuccess(status)
  }

  send(callback: string, content: CallbackContent): void {
    if (!this.#isCallback(callback)) return
    if (this.#state === 'aborted') {
      this.tell({ kind: 'too-late', callback, message: 'The client is gone, so that no callback is sent for its request.' })
      return
    }
    let copy: CallbackContent
    try {
      checkContent(content)
      copy = copyContent(content)
    } catch (error) {
      this.tell({ kind: 'handler', callback, error, message: `It is not sent: ${textOfError(error)}` })
      return
    }
    this.#sends ??= []
    this.#sends.push({ callback, content: () => copy, number: this.#nextNumber(callback) })
    if (this.#state === 'sent') this.parts.underWay.add(this.#fire())
  }

  /** Where a callback leads, by what is known of the exchange now. */
  async targets(callback: string, response: ExchangeResponse | undefined): Promise<readonly ResolvedCallback[]> {
    if (!this.#isCallback(callback)) return []
    try {
      await this.#kept.requestEnd(false)
      const exchange = await this.#kept.before(response)
      return resolveAll(this, exchange).filter((resolved) => resolved.callback === callback)
    } catch (error) {
      this.tell({ kind: 'handler', callback, error, message: `The target could not be resolved: ${textOfError(error)}` })
      return []
    }
  }

  /** The application has ended its response. Resolves when what is to be stored before it goes out has been, or takes too long. */
  ending(response: ResponseSide): Promise<void> | undefined {
    if (this.#state !== 'open') return undefined
    this.#state = 'ending'
    this.#response = response
    if (!this.holdsFor(response.status())) return undefined
    this.#held = new HeldDeliveries(this.parts.outlet, this)
    this.#stored = this.parts.underWay.add(this.#fire())
    // Never in the same step: what `end` has begun is told when it has returned.
    return this.#stored === undefined ? Promise.resolve() : this.#inTime(this.#stored)
  }

  /** The response has gone out. */
  sent(response: ResponseSide): Promise<unknown> | undefined {
    if (this.#state === 'sent' || this.#state === 'aborted') return undefined
    this.#state = 'sent'
    this.#response ??= response
    const late = this.#fire()
    return this.parts.underWay.add(this.#held === undefined ? late : Promise.all([this.#held.end('sent'), this.#stored, late]))
  }

  /** The response has not gone out, and never will. */
  async aborted(): Promise<void> {
    if (this.#state === 'sent' || this.#state === 'aborted') return
    this.#state = 'aborted'
    this.#sends = undefined
    if (this.#held !== undefined) await this.parts.underWay.add(Promise.all([this.#held.end('aborted'), this.#stored]))
  }

  put(request: CallbackRequest, options: EnqueueOptions): Promise<Put> | undefined {
    if (this.#state === 'aborted') return undefined
    return this.#state === 'sent' ? this.parts.outlet.put(request, options) : this.#held?.put(request, options)
  }

  tell(problem: RunProblem): void {
    this.parts.tell({ ...problem, operation: this.plan.name, exchangeId: this.id } as CallbackProblem)
  }

  get #kept(): KeptExchange {
    this.#exchange ??= new KeptExchange(this, this.#path, this.#side, this.parts.maxBodyBytes)
    return this.#exchange
  }

  #isCallback(callback: string): boolean {
    const { callbacks, name } = this.plan
    if (callbacks.has(callback)) return true
    const known = [...callbacks].map((one) => JSON.stringify(one)).join(', ')
    const message = `Expected a callback of ${name} (${known}) but found ${JSON.stringify(callback)}.`
    this.tell({ kind: 'no-such-callback', callback, message })
    return false
  }

  /** In the order of `send`, so that it does not depend on how long handlers take; that of a handler is 0, whatever is sent beside it. */
  #nextNumber(callback: string): number {
    this.#numbers ??= new Map(this.plan.handlers.map((handler) => [handler.callback, 1]))
    const number = this.#numbers.get(callback) ?? 0
    this.#numbers.set(callback, number + 1)
    return number
  }

  /** Plans and gives away everything that is asked for and was not yet given away. */
  #fire(): Promise<unknown> | undefined {
    const sends = this.#sends
    const handlers = this.#handled ? none : this.plan.handlers
    const orders = sends === undefined ? handlers : [...sends, ...handlers]
    this.#sends = undefined
    this.#handled = true
    const response = this.#response
    return orders.length === 0 || response === undefined ? undefined : this.#give(orders, response)
  }

  #give(orders: readonly Order[], response: ResponseSide): Promise<unknown> | undefined {
    try {
      // Most answers that are no success can be told by their status alone.
      const { when } = this.parts
      if (when === undefined && !this.#isSuccess(response.status())) return undefined
      // An application that answers without reading the request can be faster than the request. What it leaves, Node reads after the response.
      const arriving = this.#kept.requestEnd(this.#state === 'ending')
      const made = arriving ?? this.#kept.answered(response)
      if (when === undefined && !(made instanceof Promise)) return give(this, orders, made)
      return this.#giveLater(orders, response, arriving)
    } catch (error) {
      this.#unplanned(error)
      return undefined
    }
  }

  async #giveLater(orders: readonly Order[], response: ResponseSide, arriving: Promise<void> | undefined): Promise<void> {
    try {
      await arriving
      const exchange = await this.#kept.answered(response)
      const { when } = this.parts
      if (when !== undefined && !(await this.#isWanted(when, exchange))) return
      if (this.#state !== 'aborted') await give(this, orders, exchange)
    } catch (error) {
      this.#unplanned(error)
    }
  }

  #unplanned(error: unknown): void {
    this.tell({ kind: 'handler', error, message: `The callbacks could not be planned: ${textOfError(error)}` })
  }

  #isSuccess(status: number): boolean {
    if (this.plan.isDeclaredSuccess(status)) return true
    if (status >= 200 && status < 300) {
      const message = `Answered ${status}, which the operation does not declare: no callbacks are sent. Declare it, or pass "when".`
      this.tell({ kind: 'undeclared-status', status, message })
    }
    return false
  }

  async #isWanted(when: NonNullable<ScopeParts['when']>, exchange: AnsweredExchange): Promise<boolean> {
    try {
      const answer: unknown = await when(exchange, this.plan.operation)
      if (answer === undefined || typeof answer === 'boolean') return answer === true
      throw new TypeError(`Expected true or false, found ${typeof answer}.`)
    } catch (error) {
      this.tell({ kind: 'when', error, message: `"when" failed: ${textOfError(error)}` })
      return false
    }
  }

  #inTime(stored: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.parts.clock.setTimeout(() => {
        this.tell({ kind: 'slow', message: 'Handlers and store took longer than "commitTimeoutMs": the response does not wait.' })
        resolve()
      }, this.parts.commitTimeoutMs)
      void stored.then(() => {
        timer.cancel()
        resolve()
      })
    })
  }
}

import type { CallbackTarget, ResolvedCallback } from '../callback/index.ts'
import { isOrdinarySkip } from '../callback/index.ts'
import type { ExchangeResponse } from '../http/index.ts'
import type { CallbackContent } from './handler.ts'
import type { TellProblem } from './problem.ts'
import type { Run } from './run.ts'

export interface TargetOptions {
  /** What the response will be, for keys that read it. Default: the response, once it has been given; before, such keys have no target. */
  readonly response?: ExchangeResponse
}

/** The callbacks of one request, for the application: `request.callbacks`. Never throws and never rejects: trouble goes to `onError`. */
export interface RequestCallbacks {
  /** The operation that the request is for: its operationId, or method and path. `undefined`: none, or one without callbacks. */
  readonly operation: string | undefined
  /**
   * Sends a callback once the response has gone out, if it is one that is followed by callbacks; after that, at once. As often as it is
   * called, whether there is a handler or not. What is changed in the content afterwards is not sent.
   */
  send(callback: string, content: CallbackContent): void
  /**
   * Where a callback leads, as plain data: store it, and use it days later with `fire`. `undefined`: the client gave no URL, or `onError`
   * was told why there is none. Waits until the request's body has arrived.
   */
  target(callback: string, options?: TargetOptions): Promise<CallbackTarget | undefined>
  /** All of them, each with its target or why it has none: a callback may have several keys and methods. */
  targets(callback: string, options?: TargetOptions): Promise<readonly ResolvedCallback[]>
}

export class RunningCallbacks implements RequestCallbacks {
  readonly #run: Run
  readonly #before: RunningCallbacks | undefined

  /** `before`: what the request has already, from a middleware for another description, if it has something. */
  constructor(run: Run, before?: unknown) {
    this.#run = run
    this.#before = runningBefore(before)
  }

  get operation(): string {
    return this.#run.plan.name
  }

  // Each may be taken from its object, as in `const { send } = request.callbacks`.
  get send(): RequestCallbacks['send'] {
    return (callback, content) => this.#runOf(callback).send(callback, content)
  }

  get target(): RequestCallbacks['target'] {
    return (callback, options) => this.#target(callback, options)
  }

  get targets(): RequestCallbacks['targets'] {
    return (callback, options) => this.#runOf(callback).targets(callback, options?.response)
  }

  async #target(callback: string, options?: TargetOptions): Promise<CallbackTarget | undefined> {
    const found = await this.targets(callback, options)
    for (const { target } of found) if (target.ok) return target.value
    for (const { target } of found) {
      if (target.ok || (isOrdinarySkip(target.error) && target.error.reason !== 'needs-response')) continue
      const hint = target.error.reason === 'needs-response' ? ' Pass what it will be, under "response".' : ''
      this.#runOf(callback).tell({
        kind: 'unresolved',
        callback,
        reason: target.error,
        message: `${target.error.message}${hint}`,
      })
    }
    return undefined
  }

  /** A name that both have is that of the later one. */
  #runOf(callback: string): Run {
    let one: RunningCallbacks | undefined = this
    while (one !== undefined && !one.#run.plan.callbacks.has(callback)) one = one.#before
    return (one ?? this).#run
  }
}

/** Those of an operation that a middleware before has matched: they stay where another description knows nothing of the request. */
export function runningBefore(before: unknown): RunningCallbacks | undefined {
  return before instanceof RunningCallbacks ? before : undefined
}

/** For requests that no operation with callbacks is meant by. */
export function noCallbacks(tell: TellProblem): RequestCallbacks {
  const complain = (callback: string): void => {
    const message = 'The request is for no operation of the description that has callbacks.'
    tell({ kind: 'no-such-callback', callback, message })
  }
  return {
    operation: undefined,
    send: complain,
    async target(callback) {
      complain(callback)
      return undefined
    },
    async targets(callback) {
      complain(callback)
      return []
    },
  }
}

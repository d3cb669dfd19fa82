import type { Clock } from '../util/index.ts'
import { systemClock } from '../util/index.ts'
import type { Call } from './call.ts'
import type { CallbackEndpoint } from './callback-endpoint.ts'
import { type Duration, milliseconds } from './duration.ts'
import { CallbackTimeoutError } from './errors.ts'

export interface RetryOptions {
  /** Of each wait. */
  readonly timeout: Duration
  /** Further waits after the first. */
  readonly maxRetries: number
  /** Before the first further wait; each later one is `multiplier` times as long, up to `maxDelay`. */
  readonly initialDelay: Duration
  readonly maxDelay: Duration
  readonly multiplier: number
  /** Which errors are worth another wait; default: timeouts. */
  readonly predicate?: (error: unknown) => boolean | Promise<boolean>
  /** Default: the system's. */
  readonly clock?: Clock
  /** Ends the waits and the pauses between them. */
  readonly signal?: AbortSignal
}

/** Waits again and again, as Google's sample does with `retry` around `await_callback`. A call that comes in between is kept. */
export async function waitWithRetry<T>(endpoint: CallbackEndpoint<T>, options: RetryOptions): Promise<Call<T>> {
  const { timeout, maxRetries, multiplier, predicate = isTimeout, clock = systemClock, signal } = options
  const maxDelayMs = milliseconds(options.maxDelay, 'maxDelay')
  let delayMs = milliseconds(options.initialDelay, 'initialDelay')
  if (!Number.isSafeInteger(maxRetries) || maxRetries < 0)
    throw new TypeError(`Expected maxRetries to be 0 or more but found ${maxRetries}`)
  if (!(multiplier >= 1)) throw new TypeError(`Expected multiplier to be 1 or more but found ${multiplier}`)
  for (let retries = 0; ; retries++) {
    try {
      return await endpoint.next({ timeout, ...(signal === undefined ? {} : { signal }) })
    } catch (error) {
      if (retries >= maxRetries || signal?.aborted === true || !(await predicate(error))) throw error
    }
    await pause(clock, Math.min(delayMs, maxDelayMs), signal)
    delayMs = Math.min(delayMs * multiplier, maxDelayMs)
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof CallbackTimeoutError
}

function pause(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })
    function done(): void {
      timer.cancel()
      signal?.removeEventListener('abort', done)
      resolve()
    }
  })
}

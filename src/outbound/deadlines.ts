import type { Clock } from '../util/index.ts'

/** What began together, and ends together when its time is up. */
export interface Deadline<T> {
  readonly since: number
  readonly waiting: Set<T>
  readonly timer: { cancel(): void }
}

// A timer for each would cost more than all else that we do beside the request.
const longestStepMs = 10

/**
 * The same time for all: what begins within a hundredth of it, and within 10 ms, shares the timer of the first. Independent of jumps of
 * the clock, and without a timer while nothing is waiting.
 */
export class Deadlines<T> {
  readonly #clock: Clock
  readonly #totalMs: number
  readonly #stepMs: number
  readonly #onDeadline: (item: T) => void
  #latest: Deadline<T> | undefined

  constructor(clock: Clock, totalMs: number, onDeadline: (item: T) => void) {
    this.#clock = clock
    this.#totalMs = totalMs
    this.#stepMs = Math.min(longestStepMs, totalMs / 100)
    this.#onDeadline = onDeadline
  }

  begin(item: T, now: number): Deadline<T> {
    let deadline = this.#latest
    if (deadline === undefined || now < deadline.since || now - deadline.since >= this.#stepMs) {
      deadline = this.#open(now)
      this.#latest = deadline
    }
    deadline.waiting.add(item)
    return deadline
  }

  end(deadline: Deadline<T>, item: T): void {
    if (!deadline.waiting.delete(item) || deadline.waiting.size > 0) return
    deadline.timer.cancel()
    this.#close(deadline)
  }

  #open(now: number): Deadline<T> {
    const waiting = new Set<T>()
    const timer = this.#clock.setTimeout(() => {
      this.#close(deadline)
      for (const item of waiting) this.#onDeadline(item)
    }, this.#totalMs)
    const deadline: Deadline<T> = { since: now, waiting, timer }
    return deadline
  }

  #close(deadline: Deadline<T>): void {
    if (this.#latest === deadline) this.#latest = undefined
  }
}

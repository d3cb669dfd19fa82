import { type Clock, type Deferred, deferred } from '../util/index.ts'

/** What is still done for exchanges whose responses have ended, and for `fire`, counted: a server that stops waits for it. */
export class UnderWay {
  #count = 0
  #over: Deferred<void> | undefined
  readonly #ended = (): void => {
    if (--this.#count === 0) this.#wake()
  }

  /** Counts until it has settled. `undefined`: it has. */
  add<const Begun extends Promise<unknown> | undefined>(begun: Begun): Begun {
    if (begun !== undefined) {
      this.#count++
      begun.then(this.#ended, this.#ended)
    }
    return begun
  }

  /** Resolves when nothing is under way, or the time is up, with whether nothing is. */
  async over(clock: Clock, limitMs: number): Promise<boolean> {
    if (this.#count === 0 || limitMs === 0) return this.#count === 0
    let isLate = false
    // Whatever the clock says then.
    const timer = clock.setTimeout(() => {
      isLate = true
      this.#wake()
    }, limitMs)
    while (this.#count > 0 && !isLate) {
      this.#over ??= deferred()
      await this.#over.promise
      // A failure that nobody waits for is told before whoever asks may end the process.
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
    timer.cancel()
    return this.#count === 0
  }

  #wake(): void {
    this.#over?.resolve()
    this.#over = undefined
  }
}

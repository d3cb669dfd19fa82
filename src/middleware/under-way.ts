import { type Clock, type Deferred, deferred, settledWithin } from '../util/index.ts'

/** What is still done for exchanges whose responses have ended, and for `fire`, counted: a server that stops waits for it. */
export class UnderWay {
  #count = 0
  #over: Deferred<void> | undefined
  readonly #ended = (): void => {
    if (--this.#count > 0) return
    this.#over?.resolve()
    this.#over = undefined
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
    const endsAt = clock.now() + limitMs
    while (this.#count > 0) {
      const leftMs = endsAt - clock.now()
      if (leftMs <= 0) return false
      this.#over ??= deferred()
      await settledWithin(this.#over.promise, clock, leftMs)
    }
    return true
  }
}

import type { Clock } from './clock.ts'

/** Resolves when `pending` has settled or the time is up. */
export function settledWithin(pending: Promise<unknown>, clock: Clock, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.setTimeout(resolve, limitMs)
    const done = (): void => {
      timer.cancel()
      resolve()
    }
    pending.then(done, done)
  })
}

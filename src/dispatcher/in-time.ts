import type { Clock } from '../util/index.ts'

/** Settles like `pending`, or rejects with what `late` makes when the time is up; what `pending` becomes after that is told to nobody. */
export function inTime<T>(pending: T | Promise<T>, clock: Clock, limitMs: number, late: () => Error): T | Promise<T> {
  if (!(pending instanceof Promise)) return pending
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(() => reject(late()), limitMs)
    pending.then(resolve, reject).finally(() => timer.cancel())
  })
}

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

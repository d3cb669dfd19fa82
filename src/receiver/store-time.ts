import type { Clock } from '../util/index.ts'
import type { ReceiverStore } from './store.ts'

export interface StoreTime {
  /** Shows the time of the store, once it has been asked. */
  readonly clock: Clock
  ask(): Promise<void>
}

/**
 * Processes on several machines must agree on when a lease or an endpoint is over: where the store has a time, that is the one. `isOwn`:
 * the clock is one that somebody chose, and stays as it is.
 */
export function createStoreTime(clock: Clock, store: ReceiverStore, isOwn: boolean): StoreTime {
  let aheadMs = 0
  return {
    clock: { now: () => clock.now() + aheadMs, setTimeout: (callback, delayMs) => clock.setTimeout(callback, delayMs) },
    async ask() {
      if (isOwn || store.now === undefined) return
      const before = clock.now()
      const there = await store.now()
      const after = clock.now()
      const found = there - (before + after) / 2
      // What the way there and back explains is no difference, and would only make time shake.
      if (Math.abs(found - aheadMs) > (after - before) / 2) aheadMs = found
    },
  }
}

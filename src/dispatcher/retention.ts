import type { DestinationKeeper } from './destinations.ts'
import type { DeliveryStore } from './store.ts'

export interface RetentionOptions {
  readonly store: DeliveryStore
  readonly destinations: DestinationKeeper
  /** Milliseconds for which delivered deliveries are remembered. */
  readonly deliveredMs: number
  /** For dead and cancelled ones, and for destinations of which nothing is to be kept. */
  readonly othersMs: number
}

const batchRows = 500
// With a sweep every five seconds, a thousand deliveries a second can be forgotten in the long run.
const mostBatches = 10

/** Forgets what is old, in batches, between which others have their turn. Answers whether there may be more of it. */
export function createRetention(options: RetentionOptions): (now: number) => Promise<boolean> {
  const { store, destinations, deliveredMs, othersMs } = options

  const batch = async (now: number): Promise<boolean> => {
    const purged = await store.purge({ deliveredBefore: now - deliveredMs, othersBefore: now - othersMs, limit: batchRows })
    const forgotten = await destinations.purge(now - othersMs, batchRows)
    const expired = (await store.claimChecks?.purge({ expiredBefore: now, limit: batchRows })) ?? 0
    return [purged, forgotten, expired].includes(batchRows)
  }

  return async (now) => {
    for (let batches = 0; batches < mostBatches; batches++) {
      if (!(await batch(now))) return false
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
    return true
  }
}

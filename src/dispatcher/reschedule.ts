import type { Clock } from '../util/index.ts'
import { createBatcher } from './batcher.ts'
import { canBeId } from './delivery-filter.ts'
import type { DeliveryStore } from './store.ts'

interface ReschedulerOptions {
  readonly store: DeliveryStore
  readonly clock: Clock
  readonly batchRows: number
  readonly wakeBy: (instant: number) => void
}

/** Makes waiting deliveries due at another instant. What is to go at once shares its commit, as enqueueing does. */
export function createRescheduler({
  store,
  clock,
  batchRows,
  wakeBy,
}: ReschedulerOptions): (ids: readonly string[], delayMs?: number) => Promise<readonly string[]> {
  const reschedule = async (ids: readonly string[], delayMs: number): Promise<readonly string[]> => {
    const dueAt = clock.now() + delayMs
    const changed = await store.change(ids, 'reschedule', dueAt)
    wakeBy(dueAt)
    return changed
  }
  const atOnce = createBatcher({
    async flush(batch: readonly (readonly string[])[]) {
      const changed = new Set(await reschedule(batch.flat(), 0))
      return batch.map((ids) => ids.filter((id) => changed.has(id)))
    },
    enough: batchRows,
    waitMs: 0,
    clock,
  })

  return async (given, delayMs = 0) => {
    const ids = given.filter(canBeId)
    if (!Number.isFinite(delayMs) || delayMs < 0) throw new TypeError(`Expected "delayMs" from 0, found ${delayMs}.`)
    return delayMs === 0 ? atOnce.add(ids) : reschedule(ids, delayMs)
  }
}

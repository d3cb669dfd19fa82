import type { Core } from './core.ts'
import { keepEndedMs } from './options.ts'

const batch = 500

/** Writes down what is over by time, and deletes what ended long enough ago. */
export async function sweep({ store, clock, emit }: Core): Promise<{ readonly expired: number; readonly deleted: number }> {
  const now = clock.now()
  let [expired, deleted] = [0, 0]
  for (;;) {
    const due = await store.expireDue(now, batch)
    for (const id of due) emit('ended', id, 'expired')
    expired += due.length
    if (due.length < batch) break
  }
  for (;;) {
    const purged = await store.purge(now - keepEndedMs, batch)
    deleted += purged
    if (purged < batch) return { expired, deleted }
  }
}

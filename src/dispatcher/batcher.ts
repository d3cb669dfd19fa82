import type { Clock } from '../util/index.ts'

interface BatcherOptions<T, R> {
  /** Does them all in one step and answers one result for each, in their order. */
  readonly flush: (items: readonly T[]) => Promise<readonly R[]> | readonly R[]
  /** As soon as there are so many they are written, when no write is under way. */
  readonly enough: number
  /**
   * How long the first of a batch waits for others, in milliseconds; longer, up to 10, when the batch before took longer to write. 0: until
   * what is ready to run now has run.
   */
  readonly waitMs: number
  readonly clock: Clock
}

export interface Batcher<T, R> {
  add(item: T): Promise<R>
  /** Writes what is waiting now, and resolves when everything added so far has been written or has failed. */
  drain(): Promise<void>
}

// What comes in during a write waits for the next, so that batches grow with the time that a commit takes.
const mostItems = 512
const longestWaitMs = 10

/** Groups calls into one commit, which costs as much for 64 rows as for one. One write at a time: the order is that of adding. */
export function createBatcher<T, R>({ flush, enough, waitMs, clock }: BatcherOptions<T, R>): Batcher<T, R> {
  interface Waiting {
    readonly item: T
    readonly resolve: (result: R) => void
    readonly reject: (error: unknown) => void
  }
  const waiting: Waiting[] = []
  let timer: { cancel(): void } | undefined
  let isWriting = false
  let written: Promise<void> | undefined
  // A commit that takes its time is worth waiting for company.
  let tookMs = 0

  const write = async (batch: readonly Waiting[]): Promise<void> => {
    const startedAt = clock.now()
    try {
      const results = await flush(batch.map(({ item }) => item))
      batch.forEach((entry, index) => {
        entry.resolve(results[index] as R)
      })
    } catch (error) {
      for (const entry of batch) entry.reject(error)
    }
    tookMs = Math.min(clock.now() - startedAt, longestWaitMs)
  }

  /** Until nothing is waiting. */
  const writeAll = async (): Promise<void> => {
    isWriting = true
    while (waiting.length > 0) await write(waiting.splice(0, mostItems))
    isWriting = false
  }

  const flushNow = (): void => {
    timer?.cancel()
    timer = undefined
    if (!isWriting) written = writeAll()
  }

  const arm = (): { cancel(): void } => {
    if (waitMs > 0) return clock.setTimeout(flushNow, Math.max(waitMs, tookMs))
    const immediate = setImmediate(flushNow)
    return { cancel: () => clearImmediate(immediate) }
  }

  return {
    add(item) {
      return new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject })
        if (isWriting) return
        if (waiting.length >= enough) flushNow()
        else timer ??= arm()
      })
    },
    async drain() {
      flushNow()
      await written
    },
  }
}

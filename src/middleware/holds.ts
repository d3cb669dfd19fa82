import type { Clock } from '../util/index.ts'

interface HoldsOptions {
  readonly holdMs: number
  readonly clock: Clock
  readonly extend: (ids: readonly string[]) => Promise<unknown>
}

/** Deliveries of this process that wait for their responses. A client that reads slowly may take longer than a hold lasts. */
export interface Holds {
  /** `delayMs`: what it waits for once it is released. */
  add(id: string, delayMs: number): void
  /** Answers the delay. */
  take(id: string): number
}

export function createHolds({ holdMs, clock, extend }: HoldsOptions): Holds {
  const held = new Map<string, { readonly delayMs: number; until: number }>()
  let timer: { cancel(): void } | undefined

  const arm = (): void => {
    if (held.size === 0) return
    timer ??= clock.setTimeout(() => {
      timer = undefined
      void extendOld()
    }, holdMs / 3)
  }

  const extendOld = async (): Promise<void> => {
    const now = clock.now()
    const old = [...held].filter(([, { until }]) => until - now < (holdMs * 2) / 3)
    for (const [, hold] of old) hold.until = now + holdMs
    arm()
    if (old.length === 0) return
    try {
      await extend(old.map(([id]) => id))
    } catch {
      // Without it the callback comes early, and nothing is lost.
    }
  }

  return {
    add(id, delayMs) {
      held.set(id, { delayMs, until: clock.now() + holdMs })
      arm()
    },
    take(id) {
      const delayMs = held.get(id)?.delayMs ?? 0
      held.delete(id)
      if (held.size === 0) {
        // A process that has nothing else to do may end.
        timer?.cancel()
        timer = undefined
      }
      return delayMs
    },
  }
}

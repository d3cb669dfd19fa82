import type { Clock } from '../util/index.ts'

/** One timer, for the earliest of the instants that it was set by. */
export interface Alarm {
  isSet(): boolean
  /** Rings at this instant, which is still to come, or before. `Infinity`: never. */
  setBy(instant: number): void
  cancel(): void
}

const freshMs = 1000

export function createAlarm(clock: Clock, onRing: () => void): Alarm {
  let set: { readonly at: number; readonly armedAt: number; cancel(): void } | undefined
  return {
    isSet: () => set !== undefined,
    setBy(instant) {
      if (instant === Number.POSITIVE_INFINITY) return
      const now = clock.now()
      const isBefore = set !== undefined && set.at <= instant
      // A timer knows nothing of a clock that was set meanwhile: one that was armed a while ago is armed anew.
      if (set !== undefined && isBefore && Math.abs(now - set.armedAt) < freshMs) return
      const at = set !== undefined && isBefore ? set.at : instant
      set?.cancel()
      const timer = clock.setTimeout(
        () => {
          set = undefined
          onRing()
        },
        Math.max(0, at - now),
      )
      set = { at, armedAt: now, cancel: () => timer.cancel() }
    },
    cancel() {
      set?.cancel()
      set = undefined
    },
  }
}

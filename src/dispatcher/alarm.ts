import type { Clock } from '../util/index.ts'

/** One timer, for the earliest of the instants that it was set by. */
export interface Alarm {
  isSet(): boolean
  /** Rings at this instant, which is still to come, or before. `Infinity`: never. */
  setBy(instant: number): void
  cancel(): void
}

export function createAlarm(clock: Clock, onRing: () => void): Alarm {
  let set: { readonly at: number; cancel(): void } | undefined
  return {
    isSet: () => set !== undefined,
    setBy(instant) {
      if (instant === Number.POSITIVE_INFINITY || (set !== undefined && set.at <= instant)) return
      set?.cancel()
      const timer = clock.setTimeout(() => {
        set = undefined
        onRing()
      }, instant - clock.now())
      set = { at: instant, cancel: () => timer.cancel() }
    },
    cancel() {
      set?.cancel()
      set = undefined
    },
  }
}

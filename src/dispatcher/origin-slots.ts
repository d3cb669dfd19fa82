import type { Breakers } from './breaker.ts'

/** Who may start: how many deliveries of each origin this dispatcher has, how many of them are on their way, which origins are paused. */
export interface OriginSlots {
  take(origin: string): void
  begin(origin: string): void
  end(origin: string): void
  /** A delivery that was taken leaves without having begun. */
  giveBack(origin: string): void
  canBegin(origin: string, now: number): boolean
  pause(origin: string, now: number, until: number): void
  /** For a claim of at most `most` of an origin: taken ones by origin, `Infinity` for those that are paused. */
  taken(now: number, most: number): ReadonlyMap<string, number>
  countOf(origin: string): number
  /** One was taken and has not begun. */
  isWaiting(origin: string): boolean
  /** When the first pause ends. */
  nextResumeAt(): number
}

export function originSlots(perOrigin: number, breakers: Breakers): OriginSlots {
  const taken = new Map<string, number>()
  const begun = new Map<string, number>()
  const paused = new Map<string, { readonly from: number; readonly until: number }>()
  const add = (counts: Map<string, number>, origin: string, change: number): void => {
    const count = (counts.get(origin) ?? 0) + change
    if (count > 0) counts.set(origin, count)
    else counts.delete(origin)
  }
  const isPaused = (origin: string, now: number): boolean => {
    const pause = paused.get(origin)
    if (pause === undefined) return false
    // Also before it began: the clock has been set back.
    const isOn = pause.from <= now && now < pause.until
    if (!isOn) paused.delete(origin)
    return isOn
  }
  return {
    take: (origin) => add(taken, origin, 1),
    begin: (origin) => add(begun, origin, 1),
    end: (origin) => {
      add(begun, origin, -1)
      add(taken, origin, -1)
    },
    giveBack: (origin) => add(taken, origin, -1),
    canBegin(origin, now) {
      const limit = breakers.stateOf(origin, now).kind === 'half-open' ? 1 : perOrigin
      return (begun.get(origin) ?? 0) < limit && !isPaused(origin, now)
    },
    pause: (origin, now, until) => {
      paused.set(origin, { from: now, until: Math.max(until, isPaused(origin, now) ? (paused.get(origin)?.until ?? 0) : 0) })
    },
    taken(now, most) {
      const counts = new Map(taken)
      for (const origin of breakers.halfOpen(now)) counts.set(origin, counts.has(origin) ? Number.POSITIVE_INFINITY : most - 1)
      for (const origin of [...paused.keys()]) if (isPaused(origin, now)) counts.set(origin, Number.POSITIVE_INFINITY)
      return counts
    },
    isWaiting: (origin) => (taken.get(origin) ?? 0) > (begun.get(origin) ?? 0),
    countOf: (origin) => taken.get(origin) ?? 0,
    nextResumeAt: () => Math.min(...[...paused.values()].map(({ until }) => until)),
  }
}

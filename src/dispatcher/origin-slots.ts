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

interface Origin {
  taken: number
  begun: number
  pause: { readonly from: number; readonly until: number } | undefined
}

export function originSlots(perOrigin: number, breakers: Breakers): OriginSlots {
  const origins = new Map<string, Origin>()
  const known = (origin: string): Origin => {
    let found = origins.get(origin)
    if (found === undefined) {
      found = { taken: 0, begun: 0, pause: undefined }
      origins.set(origin, found)
    }
    return found
  }
  const leave = (origin: string, begun: number): void => {
    const found = known(origin)
    found.taken--
    found.begun -= begun
    if (found.taken <= 0 && found.pause === undefined) origins.delete(origin)
  }
  const isPaused = (found: Origin | undefined, now: number): boolean => {
    if (found?.pause === undefined) return false
    // Also before it began: the clock has been set back.
    const isOn = found.pause.from <= now && now < found.pause.until
    if (!isOn) found.pause = undefined
    return isOn
  }
  return {
    take(origin) {
      known(origin).taken++
    },
    begin(origin) {
      known(origin).begun++
    },
    end: (origin) => leave(origin, 1),
    giveBack: (origin) => leave(origin, 0),
    canBegin(origin, now) {
      const limit = breakers.stateOf(origin, now).kind === 'half-open' ? 1 : perOrigin
      const found = origins.get(origin)
      return (found?.begun ?? 0) < limit && !isPaused(found, now)
    },
    pause(origin, now, until) {
      const found = known(origin)
      found.pause = { from: now, until: Math.max(until, isPaused(found, now) ? (found.pause?.until ?? 0) : 0) }
    },
    taken(now, most) {
      const counts = new Map<string, number>()
      for (const [origin, found] of origins) {
        if (isPaused(found, now)) counts.set(origin, Number.POSITIVE_INFINITY)
        else if (found.taken > 0) counts.set(origin, found.taken)
        else origins.delete(origin)
      }
      for (const origin of breakers.halfOpen(now)) counts.set(origin, counts.has(origin) ? Number.POSITIVE_INFINITY : most - 1)
      return counts
    },
    isWaiting(origin) {
      const found = origins.get(origin)
      return found !== undefined && found.taken > found.begun
    },
    countOf: (origin) => origins.get(origin)?.taken ?? 0,
    nextResumeAt() {
      let next = Number.POSITIVE_INFINITY
      for (const { pause } of origins.values()) next = Math.min(next, pause?.until ?? next)
      return next
    },
  }
}

import type { OriginSlots } from './origin-slots.ts'
import type { LeasedDelivery } from './store.ts'

/** Leased deliveries that wait for their turn, and how many are on their way. */
export interface WaitingRoom {
  /** How many wait. */
  waiting(): number
  /** How many wait or are on their way. */
  load(): number
  hasFreeSlot(): boolean
  add(leased: LeasedDelivery): void
  /** Those of an origin, or all. */
  ofOrigin(origin?: string): readonly LeasedDelivery[]
  /** They leave without having begun. */
  remove(leased: readonly LeasedDelivery[]): void
  /** Hands out all that may begin now, the longest waiting first. `start` says with `begin` that it has begun. */
  startAll(now: number, start: (leased: LeasedDelivery, now: number) => void): void
  begin(leased: LeasedDelivery): void
  end(leased: LeasedDelivery): void
}

export function createWaitingRoom(slots: OriginSlots, concurrency: number, firstTriesOnly: number): WaitingRoom {
  let room: LeasedDelivery[] = []
  let underWay = 0
  let retriesUnderWay = 0

  const mayBegin = (leased: LeasedDelivery, now: number): boolean =>
    !(isRetry(leased) && retriesUnderWay >= concurrency - firstTriesOnly) && slots.canBegin(leased.delivery.origin, now)

  return {
    waiting: () => room.length,
    load: () => room.length + underWay,
    hasFreeSlot: () => underWay < concurrency,
    add(leased) {
      room.push(leased)
    },
    ofOrigin: (origin) => room.filter(({ delivery }) => origin === undefined || delivery.origin === origin),
    remove(leased) {
      room = room.filter((waiting) => !leased.includes(waiting))
    },
    startAll(now, start) {
      for (let i = 0; i < room.length && underWay < concurrency; ) {
        const leased = room[i]
        if (leased === undefined || !mayBegin(leased, now)) {
          i++
          continue
        }
        // Most often it is the only one, and `splice` would make a list of it.
        if (room.length === 1) room.pop()
        else room.splice(i, 1)
        start(leased, now)
      }
    },
    begin(leased) {
      underWay++
      slots.begin(leased.delivery.origin)
      if (isRetry(leased)) retriesUnderWay++
    },
    end(leased) {
      underWay--
      slots.end(leased.delivery.origin)
      if (isRetry(leased)) retriesUnderWay--
    },
  }
}

function isRetry({ delivery }: LeasedDelivery): boolean {
  return delivery.attempts > delivery.attemptsBefore
}

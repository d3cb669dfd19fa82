import type { DeliveryStore, LeasedDelivery } from './store.ts'

export interface SweeperOptions {
  readonly store: DeliveryStore
  readonly leaseMs: number
  /** Leases taken over at one time. */
  readonly limit: number
  readonly nextToken: () => string
  readonly settleUnknown: (leased: LeasedDelivery) => Promise<void>
  readonly purge: (now: number) => Promise<boolean>
}

/** Finds leases that have ended, and now and then deliveries that are old enough to forget. */
export interface Sweeper {
  isDue(now: number): boolean
  nextAt(): number
  /** The next one is due at once. */
  hurry(): void
  sweep(now: number): Promise<void>
}

const longestPauseMs = 5000
const purgeEveryMs = 600_000

export function createSweeper({ store, leaseMs, limit, nextToken, settleUnknown, purge }: SweeperOptions): Sweeper {
  let nextSweepAt = 0
  let nextPurgeAt = 0
  return {
    // Further away than it was ever set: the clock has been set back.
    isDue: (now) => now >= nextSweepAt || nextSweepAt > now + longestPauseMs,
    nextAt: () => nextSweepAt,
    hurry() {
      nextSweepAt = 0
    },
    async sweep(now) {
      nextSweepAt = now + Math.min(longestPauseMs, leaseMs / 4)
      const token = nextToken()
      const expired = await store.claimExpired({ now, token, leaseUntil: now + leaseMs, limit })
      await Promise.all(expired.map(settleUnknown))
      if (expired.length === limit) nextSweepAt = now
      if (now < nextPurgeAt && nextPurgeAt <= now + purgeEveryMs) return
      nextPurgeAt = (await purge(now)) ? now : now + purgeEveryMs
    },
  }
}

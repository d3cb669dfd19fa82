import { isWaits, memo } from '../util/index.ts'
import type { Delivery } from './delivery.ts'
import { type RetrySchedule, retrySchedule } from './retry-schedule.ts'

// Lists differ by description, not by delivery.
const mostKnown = 500

const known = memo((waits: string): RetrySchedule | null => {
  const schedule: unknown = JSON.parse(waits)
  return isWaits(schedule) ? retrySchedule(schedule) : null
}, mostKnown)

/** `metadata.schedule` of the delivery, so that it holds after a restart and in every process; else, and where it is none, the dispatcher's. */
export function scheduleOf({ schedule }: Delivery['metadata'], fallback: RetrySchedule): RetrySchedule {
  return schedule === undefined ? fallback : (known(JSON.stringify(schedule)) ?? fallback)
}

/**
 * Throws a `TypeError` for one that is none: nobody would learn later that it does not hold. `given`: where it comes from, the first that has
 * one. JSON knows no NaN.
 */
export function checkSchedule({ schedule }: Delivery['metadata'], ...given: readonly (Scheduled | undefined)[]): void {
  if (schedule === undefined || isWaits(schedule)) return
  const found = given.find((one) => one?.schedule !== undefined)
  throw new TypeError(
    `Expected "schedule" to be 1 to 100 waits, each at most 365 days, such as [0, "5s", "30m"], found ${shown(found?.schedule)}.`,
  )
}

interface Scheduled {
  readonly schedule?: unknown
}

function shown(given: unknown): string {
  if (Array.isArray(given)) return `[${given.map(shown).join()}]`
  return typeof given === 'number' ? String(given) : JSON.stringify(given)
}

import { checkNames, type Duration, milliseconds, type Random } from '../util/index.ts'

/** When to try again. */
export interface RetrySchedule {
  /** How many attempts there are. */
  readonly attempts: number
  /** Milliseconds to wait before attempt `n` (from 1), or `undefined` when there is no such attempt. */
  delayMs(n: number, random: Random): number | undefined
}

/**
 * An explicit list of waits, one per attempt: milliseconds, or text such as `250ms`, `5s`, `30m`, `14h`, `1d`. The first stands before the
 * first attempt. `jitter`: each wait is longer or shorter by at most this part of it (default 0.2), so that what failed together does not
 * come back together.
 */
export function retrySchedule(waits: readonly (string | number)[], options: { readonly jitter?: number } = {}): RetrySchedule {
  checkNames(options, { jitter: true }, 'the options of retrySchedule()')
  const { jitter = 0.2 } = options
  if (!Array.isArray(waits))
    throw new TypeError('Expected a list of waits, such as retrySchedule([0, "5s", "30m"]), but found none')
  const steps = waits.map((wait) => milliseconds(wait as Duration, 'a wait'))
  if (steps.length === 0) throw new TypeError('Expected at least one wait: the one before the first attempt, for example 0.')
  if (!(jitter >= 0 && jitter < 1)) throw new TypeError(`Expected "jitter" from 0 up to 1, found ${jitter}.`)
  return {
    attempts: steps.length,
    delayMs(n, random) {
      const step = steps[n - 1]
      return step === undefined || step === 0 ? step : Math.round(step * (1 + jitter * (2 * fraction(random) - 1)))
    },
  }
}

/** The example schedule of Standard Webhooks: 10 attempts over 75 hours, 35 minutes and 5 seconds. Default of durable stores. */
export const standardSchedule: RetrySchedule = retrySchedule([0, '5s', '5m', '30m', '2h', '5h', '10h', '14h', '20h', '24h'])

/** 3 attempts over 6 seconds. Default of the memory store: what waits longer would be lost at the next restart anyway. */
export const shortSchedule: RetrySchedule = retrySchedule([0, '1s', '5s'])

/** From 0 up to 1. */
function fraction(random: Random): number {
  const [a = 0, b = 0, c = 0] = random(3)
  return ((a << 16) | (b << 8) | c) / 2 ** 24
}

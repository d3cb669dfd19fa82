import { type Clock, checkNames, type Duration, milliseconds } from '../util/index.ts'

/** A clock that moves only when a test moves it. */
export interface ManualClock extends Clock {
  /**
   * Moves on. Timers that fall due run in their order, each at its own instant, and what they set off runs before the next one. Answers
   * when all of it has run.
   */
  advance(by: Duration): Promise<void>
  /** The same, up to an instant (milliseconds since the epoch); an earlier one is a `TypeError`. */
  advanceTo(instant: number | Date): Promise<void>
  /** Sets the time, also backwards, as a correction of the system's clock does: no timer runs, and each waits as long as before. */
  jump(byMs: number): void
  /** When the next timer is due. */
  nextTimerAt(): number | undefined
  /** Timers that have neither run nor been cancelled. */
  readonly pending: number
}

export interface ManualClockOptions {
  /** Milliseconds since the epoch. Default: 2026-01-01T00:00:00Z. */
  readonly start?: number
  /** Resolves when everything that waits for no timer has run. Default: a few turns of the event loop. */
  readonly settled?: () => Promise<void>
}

interface Timer {
  /** Of the steady clock: jumps do not move it. */
  readonly at: number
  readonly run: () => void
}

export function manualClock(options: ManualClockOptions = {}): ManualClock {
  checkNames(options, { start: true, settled: 'function' }, 'the options of manualClock()')
  const { start = Date.UTC(2026, 0, 1), settled = turns } = options
  let steady = 0
  let offset = start
  // In the order in which they were set, which decides between equal instants.
  const timers = new Set<Timer>()

  const earliest = (): Timer | undefined => {
    let first: Timer | undefined
    for (const timer of timers) if (first === undefined || timer.at < first.at) first = timer
    return first
  }

  const moveTo = async (until: number): Promise<void> => {
    await settled()
    for (let next = earliest(); next !== undefined && next.at <= until; next = earliest()) {
      steady = Math.max(steady, next.at)
      timers.delete(next)
      next.run()
      await settled()
    }
    steady = Math.max(steady, until)
    await settled()
  }

  return {
    now: () => steady + offset,
    setTimeout(run, delayMs) {
      const timer = { at: steady + Math.max(0, delayMs), run }
      timers.add(timer)
      return { cancel: () => void timers.delete(timer) }
    },
    advance: (by) => moveTo(steady + milliseconds(by, 'the time to advance')),
    advanceTo(instant) {
      const until = Number(instant) - offset
      if (until >= steady) return moveTo(until)
      throw new TypeError(`Expected an instant that is not before now (${steady + offset}) but found ${Number(instant)}`)
    },
    jump(byMs) {
      offset += byMs
    },
    nextTimerAt() {
      const next = earliest()
      return next === undefined ? undefined : next.at + offset
    },
    get pending() {
      return timers.size
    },
  }
}

/** Lets everything run that waits for nothing but its turn. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await nextTurn()
}

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

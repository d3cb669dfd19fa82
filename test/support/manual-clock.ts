import type { Clock } from '../../src/util/index.ts'

/** A clock that moves only when a test moves it. */
export interface ManualClock extends Clock {
  /** Moves on by `ms`. Timers that fall due run in their order, each at its own instant, and what they set off runs before the next. */
  advance(ms: number): Promise<void>
  /** Timers that have neither run nor been cancelled. */
  readonly pending: number
}

export function manualClock(start: number = Date.UTC(2026, 0, 1)): ManualClock {
  let now = start
  const timers = new Set<{ readonly at: number; readonly run: () => void }>()

  return {
    now: () => now,
    setTimeout(run, delayMs) {
      const timer = { at: now + Math.max(0, delayMs), run }
      timers.add(timer)
      return { cancel: () => void timers.delete(timer) }
    },
    async advance(ms) {
      const until = now + ms
      await settled()
      for (let next = earliest(); next !== undefined && next.at <= until; next = earliest()) {
        now = Math.max(now, next.at)
        timers.delete(next)
        next.run()
        await settled()
      }
      now = until
      await settled()
    },
    get pending() {
      return timers.size
    },
  }

  function earliest(): { readonly at: number; readonly run: () => void } | undefined {
    let first: { readonly at: number; readonly run: () => void } | undefined
    for (const timer of timers) if (first === undefined || timer.at < first.at) first = timer
    return first
  }
}

/** Lets everything run that waits for nothing but its turn. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
}

/** Waits for a condition that other parts of this process, or the loopback network, bring about. */
export async function eventually(condition: () => boolean | Promise<boolean>, what = 'the condition'): Promise<void> {
  const giveUp = Date.now() + 10_000
  while (!(await condition())) {
    if (Date.now() > giveUp) throw new Error(`Expected ${what} within 10 s`)
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

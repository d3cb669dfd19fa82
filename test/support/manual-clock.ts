import { manualClock as clockFrom, type ManualClock } from 'ringback/testing'

export type { ManualClock }

export function manualClock(start?: number): ManualClock {
  return clockFrom(start === undefined ? {} : { start })
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

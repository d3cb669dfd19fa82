import type { Clock } from '../util/index.ts'

/** Whether somebody sends what waits in this process alone. */
export interface StartWatch {
  /** Something has been stored. */
  stored(): void
  /** It is sent, by a loop or in rounds, or is not meant to be any more. */
  served(): void
}

const patienceMs = 10_000

/**
 * Warns once when something was stored that nobody else can send, and 10 seconds later nobody has begun to. A clock whose timers would keep
 * the process alive, such as a test's, is left alone.
 */
export function createStartWatch(clock: Clock): StartWatch {
  let timer: ReturnType<Clock['setTimeout']> | undefined
  let isOver = false
  const served = (): void => {
    isOver = true
    timer?.cancel()
  }
  return {
    served,
    stored() {
      if (isOver || timer !== undefined) return
      timer = clock.setTimeout(() => {
        isOver = true
        process.emitWarning(
          'Callbacks wait in memory, and nothing is sent before the dispatcher is started: call dispatcher.start(), or runDue() for each round.',
          { type: 'RingbackWarning', code: 'not-started' },
        )
      }, patienceMs)
      if (timer.unref === undefined) served()
      else timer.unref()
    },
  }
}

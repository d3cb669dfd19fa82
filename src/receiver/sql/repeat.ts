import { type Clock, systemClock } from '../../util/index.ts'

/** Does it again and again, never twice at once. What fails is tried again at the next turn. */
export function repeat(delayMs: () => number, work: () => Promise<void>, clock: Clock = systemClock): { stop(): void } {
  let stopped = false
  let timer = next()

  function next(): { cancel(): void } {
    return clock.setTimeout(() => void turn(), delayMs())
  }

  async function turn(): Promise<void> {
    try {
      await work()
    } catch {
      // The next request to the store fails in front of somebody who can be told.
    }
    if (!stopped) timer = next()
  }

  return {
    stop() {
      stopped = true
      timer.cancel()
    },
  }
}

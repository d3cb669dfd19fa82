import { type Clock, systemClock } from '../util/index.ts'

/** Does it again and again, never twice at once, and keeps no process alive for it. `work` does not reject. */
export function repeat(delayMs: () => number, work: () => Promise<void>, clock: Clock = systemClock): { stop(): void } {
  let stopped = false
  let timer = next()

  function next(): { cancel(): void } {
    const timer = clock.setTimeout(() => void turn(), delayMs())
    timer.unref?.()
    return timer
  }

  async function turn(): Promise<void> {
    await work()
    if (!stopped) timer = next()
  }

  return {
    stop() {
      stopped = true
      timer.cancel()
    },
  }
}

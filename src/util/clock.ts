/** The only source of time. Instants are milliseconds since the Unix epoch; tests pass a clock of their own. */
export interface Clock {
  now(): number
  /** Calls `callback` once after `delayMs`, unless cancelled before. `unref`: it keeps no process alive. */
  setTimeout(callback: () => void, delayMs: number): { cancel(): void; unref?(): void }
}

// setTimeout fires at once for anything above 2^31 - 1 ms (24.8 days).
const longestDelayMs = 2_147_483_647

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout(callback, delayMs) {
    const deadline = Date.now() + delayMs
    let timer: ReturnType<typeof setTimeout>
    let keepsAlive = true
    const arm = (): void => {
      const left = deadline - Date.now()
      timer = left > longestDelayMs ? setTimeout(arm, longestDelayMs) : setTimeout(callback, Math.max(0, left))
      if (!keepsAlive) unref()
    }
    // A browser's timer is a number, and keeps nothing alive.
    const unref = (): void => {
      keepsAlive = false
      ;(timer as { unref?(): void }).unref?.()
    }
    arm()
    return { cancel: () => clearTimeout(timer), unref }
  },
}

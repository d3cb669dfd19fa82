import { nextTurn } from './manual-clock.ts'

/** What is under way and ends without any timer: calls of a store, requests, functions of the test. */
export interface Activity {
  track<T>(work: Promise<T>): Promise<T>
  /** Resolves when nothing is under way, and nothing begins any more. */
  settled(): Promise<void>
}

// The longest way from one call to the next without a timer: a batch that is flushed, a look that is put off, a promise between them.
const quietTurns = 4

export function createActivity(): Activity {
  let begun = 0
  let underWay = 0
  let waiting: (() => void)[] = []

  const ended = (): void => {
    underWay--
    const resolve = waiting
    waiting = []
    for (const one of resolve) one()
  }

  return {
    track(work) {
      begun++
      underWay++
      work.then(ended, ended)
      return work
    },
    async settled() {
      for (let quiet = 0; quiet < quietTurns; ) {
        const before = begun
        while (underWay > 0) await new Promise<void>((resolve) => waiting.push(resolve))
        await nextTurn()
        quiet = begun === before ? quiet + 1 : 0
      }
    },
  }
}

/** The same object; every promise that one of its methods answers is tracked. */
export function tracked<T extends object>(target: T, activity: Activity): T {
  return new Proxy(target, {
    get(from, name) {
      const value: unknown = Reflect.get(from, name)
      if (typeof value === 'object' && value !== null) return tracked(value, activity)
      if (typeof value !== 'function') return value
      return (...parameters: unknown[]) => {
        const result: unknown = Reflect.apply(value, from, parameters)
        return result instanceof Promise ? activity.track(result) : result
      }
    },
  })
}

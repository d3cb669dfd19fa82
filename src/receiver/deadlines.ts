import type { Clock } from '../util/index.ts'

interface Entry {
  readonly instant: number
  readonly run: () => void
  /** Its place in the heap; -1: not in it. */
  place: number
}

/** Any number of instants behind one timer of the clock. */
export interface Deadlines {
  /** Calls `run` once when the clock has reached `instant`, unless cancelled before. `Infinity` never comes. */
  at(instant: number, run: () => void): { cancel(): void }
  readonly size: number
  /** Calls all of them now, and later ones at once: nothing is left that would wait. */
  finish(): void
}

/** A binary heap, so that ten thousand waits cost one timer and cancelling one leaves nothing behind. */
export function createDeadlines(clock: Clock): Deadlines {
  const heap: Entry[] = []
  let over = false
  let timer: { readonly instant: number; cancel(): void } | undefined

  function place(entry: Entry, at: number): void {
    heap[at] = entry
    entry.place = at
  }

  function rise(entry: Entry, from: number): void {
    let at = from
    for (;;) {
      const above = (at - 1) >> 1
      const parent = at === 0 ? undefined : heap[above]
      if (parent === undefined || parent.instant <= entry.instant) break
      place(parent, at)
      at = above
    }
    place(entry, at)
  }

  function sink(entry: Entry, from: number): void {
    let at = from
    for (;;) {
      const left = heap[2 * at + 1]
      const right = heap[2 * at + 2]
      const child = left !== undefined && right !== undefined && right.instant < left.instant ? right : left
      if (child === undefined || child.instant >= entry.instant) break
      const below = child.place
      place(child, at)
      at = below
    }
    place(entry, at)
  }

  function remove(entry: Entry): void {
    const at = entry.place
    if (at === -1) return
    entry.place = -1
    const last = heap.pop()
    if (last === undefined || last === entry) return
    const parent = heap[(at - 1) >> 1]
    if (at > 0 && parent !== undefined && parent.instant > last.instant) rise(last, at)
    else sink(last, at)
  }

  function arm(): void {
    const first = heap[0]
    if (timer?.instant === first?.instant) return
    timer?.cancel()
    timer = undefined
    if (first === undefined) return
    const armed = clock.setTimeout(fire, Math.max(0, first.instant - clock.now()))
    timer = { instant: first.instant, cancel: () => armed.cancel() }
  }

  function fire(): void {
    timer = undefined
    for (let first = heap[0]; first !== undefined && first.instant <= clock.now(); first = heap[0]) {
      remove(first)
      first.run()
    }
    arm()
  }

  return {
    at(instant, run) {
      const entry: Entry = { instant, run, place: -1 }
      if (instant === Number.POSITIVE_INFINITY) return { cancel() {} }
      if (over) {
        run()
        return { cancel() {} }
      }
      heap.push(entry)
      rise(entry, heap.length - 1)
      arm()
      return {
        cancel() {
          remove(entry)
          arm()
        },
      }
    },
    get size() {
      return heap.length
    },
    finish() {
      over = true
      for (let first = heap[0]; first !== undefined; first = heap[0]) {
        remove(first)
        first.run()
      }
      arm()
    },
  }
}

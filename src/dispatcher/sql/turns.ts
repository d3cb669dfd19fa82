import type { Claim } from '../store.ts'

/** A due row: its number as the database gives it. */
export interface Candidate<Seq> {
  readonly seq: Seq
  readonly origin: string
}

/** Rows that are looked at before the slow way, which asks origin by origin. */
export const windowFactor = 4

/** One of each origin, then a second of each, until there are enough. Counts what it takes. */
export function takeTurns<Seq>(
  candidates: readonly Candidate<Seq>[],
  counts: Map<string, number>,
  { limit, perOrigin }: Pick<Claim, 'limit' | 'perOrigin'>,
  chosen: Seq[],
): void {
  const queues = new Map<string, Seq[]>()
  for (const { origin, seq } of candidates) {
    const queue = queues.get(origin)
    if (queue === undefined) queues.set(origin, [seq])
    else queue.push(seq)
  }
  for (const [origin, queue] of queues) {
    if (chosen.length >= limit) return
    const count = counts.get(origin) ?? 0
    const seq = count < perOrigin ? queue.shift() : undefined
    queues.delete(origin)
    if (seq === undefined) continue
    counts.set(origin, count + 1)
    chosen.push(seq)
    // At the end of the map, where this same iteration finds it again.
    queues.set(origin, queue)
  }
}

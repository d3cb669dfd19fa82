import type { PostgresConnection } from '../storage/index.ts'
import { postgresQueries as sql } from './postgres-queries.ts'
import type { Claim } from './store.ts'

/** Rows that are looked at before the slow way, which asks origin by origin. */
const windowFactor = 4

interface Candidate {
  readonly seq: string
  readonly origin: string
}

/** Chooses rows in turn by origin: from the longest due ones; when those are all of a few full origins, from the other origins. */
export class TurnByOrigin {
  /** Where the turn goes on. */
  #lastOrigin = ''

  async choose(client: PostgresConnection, claim: Claim): Promise<readonly string[]> {
    const { now, limit } = claim
    const window = await rowsOf(client, sql.due, [now, windowFactor * limit])
    const counts = new Map(claim.taken)
    const chosen: string[] = []
    takeTurns(window, counts, claim, chosen)
    if (chosen.length < limit && window.length === windowFactor * limit) {
      const start = this.#lastOrigin
      await this.#askOrigins(client, start, counts, claim, chosen)
      if (chosen.length < limit && start !== '') await this.#askOrigins(client, '', counts, claim, chosen)
    }
    return chosen
  }

  async #askOrigins(
    client: PostgresConnection,
    behind: string,
    counts: Map<string, number>,
    claim: Claim,
    chosen: string[],
  ): Promise<void> {
    const { now, limit, perOrigin } = claim
    const full = [...counts].filter(([, count]) => count >= perOrigin).map(([origin]) => origin)
    const left = limit - chosen.length
    const found = await rowsOf(client, sql.dueByOrigin, [behind, now, left, Math.min(perOrigin, left), full, chosen])
    this.#lastOrigin =
      found
        .map(({ origin }) => origin)
        .sort()
        .at(-1) ?? ''
    takeTurns(found, counts, claim, chosen)
  }
}

async function rowsOf(client: PostgresConnection, text: string, values: unknown[]): Promise<readonly Candidate[]> {
  return (await client.query(text, values)).rows as Candidate[]
}

/** One of each origin, then a second of each, until there are enough. */
function takeTurns(
  candidates: readonly Candidate[],
  counts: Map<string, number>,
  { limit, perOrigin }: Claim,
  chosen: string[],
): void {
  const queues = new Map<string, string[]>()
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

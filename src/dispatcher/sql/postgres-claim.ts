import type { PostgresConnection } from '../../storage/index.ts'
import type { Claim } from '../store.ts'
import { query } from './postgres-lines.ts'
import { postgresQueries as sql } from './postgres-queries.ts'
import { type Candidate, takeTurns, windowFactor } from './turns.ts'

/** Chooses rows in turn by origin: from the longest due ones; when those are all of a few full origins, from the other origins. */
export class TurnByOrigin {
  /** Where the turn goes on. */
  #lastOrigin = ''

  async choose(client: PostgresConnection, claim: Claim): Promise<readonly string[]> {
    const { now, limit } = claim
    const window = await query<Candidate<string>>(client, sql.due, [now, windowFactor * limit])
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
    const values = [behind, now, left, Math.min(perOrigin, left), full, chosen]
    const found = await query<Candidate<string>>(client, sql.dueByOrigin, values)
    this.#lastOrigin =
      found
        .map(({ origin }) => origin)
        .sort()
        .at(-1) ?? ''
    takeTurns(found, counts, claim, chosen)
  }
}

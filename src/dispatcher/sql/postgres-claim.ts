import type { PostgresConnection, SqliteRow } from '../../storage/index.ts'
import type { Claim } from '../store.ts'
import { query } from './postgres-lines.ts'
import { postgresQueries as sql } from './postgres-queries.ts'
import type { Connections } from './postgres-settle.ts'
import { type Candidate, takeTurns, windowFactor } from './turns.ts'

/** Leases rows in turn by origin: from the longest due ones; when those are all of a few full origins, from the other origins. */
export class TurnByOrigin {
  /** Where the turn goes on. */
  #lastOrigin = ''

  async claim({ alone, whole }: Connections, claim: Claim): Promise<readonly SqliteRow[]> {
    const { now, limit, perOrigin, taken, token, leaseUntil } = claim
    const mostSeen = windowFactor * limit
    const values = [now, mostSeen, limit, perOrigin, [...taken.keys()], [...taken.values()], token, leaseUntil]
    const rows = await query<SqliteRow>(alone, sql.claim, values)
    const leased = rows.filter(({ id }) => id !== null)
    if (leased.length === limit || rows[0]?.seen !== mostSeen) return leased
    try {
      return [...leased, ...(await whole((client) => this.#claimOfOthers(client, claim, leased)))]
    } catch (error) {
      // What was leased already would be leased to nobody.
      if (leased.length === 0) throw error
      return leased
    }
  }

  async #claimOfOthers(client: PostgresConnection, claim: Claim, leased: readonly SqliteRow[]): Promise<readonly SqliteRow[]> {
    const counts = new Map(claim.taken)
    for (const { origin } of leased) counts.set(String(origin), (counts.get(String(origin)) ?? 0) + 1)
    const left = { ...claim, limit: claim.limit - leased.length }
    const chosen: string[] = []
    const start = this.#lastOrigin
    await this.#askOrigins(client, start, counts, left, chosen)
    if (chosen.length < left.limit && start !== '') await this.#askOrigins(client, '', counts, left, chosen)
    if (chosen.length === 0) return []
    const rows = await query<SqliteRow>(client, sql.lease, [claim.token, claim.leaseUntil, chosen])
    const place = new Map(chosen.map((seq, index) => [seq, index]))
    return rows.toSorted((a, b) => (place.get(String(a.seq)) ?? 0) - (place.get(String(b.seq)) ?? 0))
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

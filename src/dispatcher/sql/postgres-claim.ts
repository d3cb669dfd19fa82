import type { PostgresConnection, SqliteRow } from '../../storage/index.ts'
import type { Claim } from '../store.ts'
import { type Connections, letJoinedGo, query } from './postgres-lines.ts'
import { postgresQueries as sql } from './postgres-queries.ts'
import { type Candidate, takeTurns, windowFactor } from './turns.ts'

type Row = SqliteRow & { readonly isJoined: boolean }

/** Leases rows in turn by origin: from the longest due ones; when those are all of a few full origins, from the other origins. */
export class TurnByOrigin {
  /** Where the turn goes on. */
  #lastOrigin = ''

  async claim(connections: Connections, claim: Claim): Promise<readonly SqliteRow[]> {
    const [leased, isJoined] = await this.#claim(connections, claim)
    if (!isJoined) return leased
    try {
      while (await connections.whole(letJoinedGo));
      if (leased.length === claim.limit) return leased
      return [...leased, ...(await this.#claim(connections, restOf(claim, leased)))[0]]
    } catch (error) {
      // What was leased already would be leased to nobody.
      if (leased.length === 0) throw error
      return leased
    }
  }

  /** And whether there are lines to be looked at. */
  async #claim({ alone, whole }: Connections, claim: Claim): Promise<readonly [leased: readonly SqliteRow[], isJoined: boolean]> {
    const { now, limit, perOrigin, taken, token, leaseUntil } = claim
    const mostSeen = windowFactor * limit
    const values = [now, mostSeen, limit, perOrigin, [...taken.keys()], [...taken.values()], token, leaseUntil]
    const rows = await query<Row>(alone, sql.claim, values)
    const leased = rows.filter(({ id }) => id !== null)
    const isJoined = rows[0]?.isJoined === true
    if (leased.length === limit || rows[0]?.seen !== mostSeen) return [leased, isJoined]
    try {
      return [[...leased, ...(await whole((client) => this.#claimOfOthers(client, restOf(claim, leased))))], isJoined]
    } catch (error) {
      if (leased.length === 0) throw error
      return [leased, isJoined]
    }
  }

  async #claimOfOthers(client: PostgresConnection, claim: Claim): Promise<readonly SqliteRow[]> {
    const counts = new Map(claim.taken)
    const chosen: string[] = []
    const start = this.#lastOrigin
    await this.#askOrigins(client, start, counts, claim, chosen)
    if (chosen.length < claim.limit && start !== '') await this.#askOrigins(client, '', counts, claim, chosen)
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

/** What is left to be claimed when these are leased. */
function restOf(claim: Claim, leased: readonly SqliteRow[]): Claim {
  const taken = new Map(claim.taken)
  for (const { origin } of leased) taken.set(String(origin), (taken.get(String(origin)) ?? 0) + 1)
  return { ...claim, limit: claim.limit - leased.length, taken }
}

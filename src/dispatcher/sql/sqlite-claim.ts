import type { SqliteRow } from '../../storage/index.ts'
import type { Claim } from '../store.ts'
import type { Queries } from './sqlite-queries.ts'
import { type Candidate, takeTurns, windowFactor } from './turns.ts'

const mostOriginsPerClaim = 10_000

/** Chooses rows in turn by origin: from the longest due ones; when those are all of a few full origins, from the other origins. */
export class TurnByOrigin {
  readonly #sql: Queries
  /** Where the turn goes on. */
  #lastOrigin = ''

  constructor(sql: Queries) {
    this.#sql = sql
  }

  choose(claim: Claim): readonly number[] {
    const { now, limit } = claim
    const window = this.#sql.due.all([now, windowFactor * limit]).map(candidateOf)
    const counts = new Map(claim.taken)
    const chosen: number[] = []
    takeTurns(window, counts, claim, chosen)
    if (chosen.length < limit && window.length === windowFactor * limit) this.#askOrigins(counts, claim, chosen)
    return chosen
  }

  /** Goes on from the origin that had the last turn, until there are enough origins or all have been asked; then takes one of each in turn. */
  #askOrigins(counts: Map<string, number>, claim: Claim, chosen: number[]): void {
    const { now, limit, perOrigin } = claim
    const found: Candidate<number>[] = []
    const taken = new Set(chosen)
    const start = this.#lastOrigin
    let origins = 0
    let wrapped = false
    for (let asked = 0; asked < mostOriginsPerClaim && origins < limit - chosen.length; asked++) {
      const origin = this.#sql.nextOrigin.get([this.#lastOrigin])?.origin
      if (typeof origin !== 'string' || (wrapped && origin > start)) {
        if (wrapped) break
        wrapped = true
        this.#lastOrigin = ''
        continue
      }
      this.#lastOrigin = origin
      const room = perOrigin - (counts.get(origin) ?? 0)
      if (room <= 0) continue
      const due = this.#sql.dueOfOrigin.all([origin, now, Math.min(room, limit) + chosen.length])
      const fresh = due.map(({ seq }) => Number(seq)).filter((seq) => !taken.has(seq))
      if (fresh.length > 0) origins++
      for (const seq of fresh) found.push({ origin, seq })
    }
    takeTurns(found, counts, claim, chosen)
  }
}

function candidateOf({ seq, origin }: SqliteRow): Candidate<number> {
  return { seq: Number(seq), origin: String(origin) }
}

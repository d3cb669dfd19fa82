import { migrateSqlite, openSqlite, type SqliteDatabase, type SqliteOptions, type SqliteRow } from '../storage/index.ts'
import type { Attempt, DeliveryState, Lease } from './delivery.ts'
import { sqliteDestinations } from './sqlite-destinations.ts'
import { migrations, statements } from './sqlite-queries.ts'
import { attemptOf, deliveryOf, splitBody } from './sqlite-rows.ts'
import type { Claim, Consequence, DeliveryStore, LeasedDelivery, NewDelivery, OperatorChange } from './store.ts'

export type SqliteStoreOptions = SqliteOptions

/** Rows that are looked at before the slow way, which asks origin by origin. */
const windowFactor = 4
const mostOriginsPerClaim = 10_000

/** Keeps deliveries in a SQLite file. Several processes may use the same file. */
export function sqliteStore(options: SqliteStoreOptions): DeliveryStore {
  const database = openSqlite(options)
  migrateSqlite(database, 'dispatcher', migrations)
  return storeOf(database)
}

function storeOf(database: SqliteDatabase): DeliveryStore {
  const sql = statements(database)
  // Where the turn by origin goes on.
  let lastOrigin = ''

  const insert = (delivery: NewDelivery, atOnce: Lease | undefined): boolean => {
    const { body, ...request } = delivery.request
    const key = delivery.orderingKey ?? null
    const blocked = key !== null && sql.isOrderingBusy.get([key]) !== undefined ? 1 : 0
    const { id, origin, metadata, createdAt, dueAt } = delivery
    const state = atOnce === undefined ? 'pending' : 'leased'
    const texts = [JSON.stringify(request), body ?? null, JSON.stringify(metadata)]
    const values = [id, state, blocked, origin, key, ...texts, createdAt, dueAt, atOnce?.token ?? null, atOnce?.until ?? null]
    return sql.insert.run(values) === 1
  }

  const lease = (seq: number, { token, leaseUntil }: Pick<Claim, 'token' | 'leaseUntil'>): LeasedDelivery => {
    const delivery = deliveryOf(sql.lease.get([token, leaseUntil, seq]) ?? {})
    return { delivery, lease: { id: delivery.id, token, until: leaseUntil } }
  }

  /** Rows to lease: from the longest due ones, in turn by origin; when those are all of a few full origins, from the other origins. */
  const choose = (claim: Claim): readonly number[] => {
    const window = sql.due.all([claim.now, windowFactor * claim.limit])
    const counts = new Map(claim.taken)
    const byOrigin = new Map<string, number[]>()
    for (const { origin, seq } of window) {
      const queue = byOrigin.get(String(origin)) ?? []
      queue.push(Number(seq))
      byOrigin.set(String(origin), queue)
    }
    const chosen: number[] = []
    takeTurns(byOrigin, counts, claim, chosen)
    if (chosen.length < claim.limit && window.length === windowFactor * claim.limit) askOrigins(counts, claim, chosen)
    return chosen
  }

  const takeTurns = (
    queues: Map<string, number[]>,
    counts: Map<string, number>,
    { limit, perOrigin }: Claim,
    chosen: number[],
  ): void => {
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

  /** Goes on from the origin that had the last turn, until there are enough origins or all have been asked; then takes one of each in turn. */
  const askOrigins = (counts: Map<string, number>, claim: Claim, chosen: number[]): void => {
    const queues = new Map<string, number[]>()
    const start = lastOrigin
    let wrapped = false
    for (let asked = 0; asked < mostOriginsPerClaim && queues.size < claim.limit - chosen.length; asked++) {
      const next = sql.nextOrigin.get([lastOrigin])?.origin
      if (typeof next !== 'string' || (wrapped && next > start)) {
        if (wrapped) break
        wrapped = true
        lastOrigin = ''
        continue
      }
      lastOrigin = next
      const room = claim.perOrigin - (counts.get(next) ?? 0)
      if (room <= 0) continue
      const due = sql.dueOfOrigin.all([next, claim.now, Math.min(room, claim.limit) + chosen.length])
      const fresh = due.map(({ seq }) => Number(seq)).filter((seq) => !chosen.includes(seq))
      if (fresh.length > 0) queues.set(next, fresh)
    }
    takeTurns(queues, counts, claim, chosen)
  }

  const unblockNext = (orderingKey: SqliteRow[string]): void => {
    if (orderingKey !== null) sql.unblock.run([orderingKey, orderingKey])
  }

  const settle = (token: string, id: string, attempt: Attempt, consequence: Consequence): boolean => {
    const state = consequence.kind === 'retry' ? 'pending' : consequence.kind
    const dueAt = consequence.kind === 'retry' ? consequence.dueAt : null
    const settledAt = consequence.kind === 'retry' ? null : consequence.at
    const reason = consequence.kind === 'dead' ? consequence.reason : null
    const row = sql.settle.get([state, dueAt, settledAt, reason, id, token])
    if (row === undefined) return false
    const { record, body } = splitBody(attempt)
    sql.insertAttempt.run([row.seq ?? null, attempt.n, record, body])
    if (consequence.kind !== 'retry') unblockNext(row.ordering_key ?? null)
    return true
  }

  const change = (id: string, how: OperatorChange, now: number): boolean => {
    const row = sql.byId.get([id])
    if (row === undefined || !changeable[how].includes(String(row.state))) return false
    const seq = row.seq ?? null
    const key = row.ordering_key ?? null
    if (how === 'requeue') {
      const blocked = key !== null && sql.isOrderingBusy.get([key]) !== undefined ? 1 : 0
      sql.requeue.run([now, blocked, seq])
    } else if (how === 'reschedule') {
      sql.reschedule.run([now, seq])
    } else {
      sql.setState.run([how === 'cancel' ? 'cancelled' : how === 'hold' ? 'held' : 'pending', how === 'cancel' ? now : null, seq])
    }
    if (how === 'cancel') unblockNext(key)
    return true
  }

  return {
    durable: true,
    // Leases come with claims, which group deliveries for their commits: leasing one by one at insert halved the rate.
    leasesAtInsert: false,
    destinations: sqliteDestinations(database),
    insert: async (deliveries, leases) =>
      database.transaction(() => deliveries.map((delivery, i) => insert(delivery, leases?.[i]))),
    async claim(claim) {
      // No write lock for a look that finds nothing.
      if (sql.due.get([claim.now, 1]) === undefined) return []
      return database.transaction(() => choose(claim).map((seq) => lease(seq, claim)))
    },
    async claimExpired(claim) {
      if (sql.expired.get([claim.now, 1]) === undefined) return []
      return database.transaction(() => sql.expired.all([claim.now, claim.limit]).map(({ seq }) => lease(Number(seq), claim)))
    },
    settle: async (settlements) =>
      database.transaction(() =>
        settlements.map(({ lease: held, attempt, consequence }) => settle(held.token, held.id, attempt, consequence)),
      ),
    release: async (releases) =>
      database.transaction(() => releases.map(({ lease: held, dueAt }) => sql.release.run([dueAt, held.id, held.token]) === 1)),
    change: async (ids, how, now) => database.transaction(() => ids.filter((id) => change(id, how, now))),
    async get(id) {
      const row = sql.byId.get([id])
      if (row === undefined) return undefined
      return { delivery: deliveryOf(row), attempts: sql.attempts.all([row.seq ?? null]).map(attemptOf) }
    },
    async list({ state, origin, limit, after }) {
      const rows = sql.list.all([
        after ?? null,
        after ?? null,
        state ?? null,
        state ?? null,
        origin ?? null,
        origin ?? null,
        limit,
      ])
      return rows.map(deliveryOf)
    },
    purge: async ({ deliveredBefore, othersBefore, limit }) =>
      database.transaction(() => {
        const old = sql.old.all([deliveredBefore, othersBefore, othersBefore, limit])
        for (const { seq = null } of old) {
          sql.forgetAttempts.run([seq])
          sql.forget.run([seq])
        }
        return old.length
      }),
    async nextWakeAt() {
      const next = [sql.nextDue.get([])?.at, sql.nextExpiry.get([])?.at].filter((at) => typeof at === 'number')
      return next.length === 0 ? undefined : Math.min(...next)
    },
    async stats() {
      const counts: Record<DeliveryState, number> = { pending: 0, leased: 0, delivered: 0, dead: 0, cancelled: 0, held: 0 }
      for (const { state, count } of sql.counts.all([])) counts[state as DeliveryState] = Number(count)
      const oldest = sql.oldestPending.get([])?.at
      return { counts, ...(typeof oldest === 'number' ? { oldestDueAt: oldest } : {}) }
    },
    async close() {
      database.close()
    },
  }
}

const changeable: Readonly<Record<OperatorChange, readonly string[]>> = {
  cancel: ['pending', 'held'],
  hold: ['pending'],
  resume: ['held'],
  requeue: ['delivered', 'dead', 'cancelled'],
  reschedule: ['pending'],
}

import type { CallbackRequest } from '../http/index.ts'
import {
  migrateSqlite,
  openSqlite,
  type SqliteDatabase,
  type SqliteOptions,
  type SqliteRow,
  type SqliteStatement,
} from '../storage/index.ts'
import type { Attempt, DeadReason, Delivery, DeliveryState, Outcome } from './delivery.ts'
import type { Claim, Consequence, DeliveryStore, LeasedDelivery, NewDelivery, OperatorChange } from './store.ts'

export type SqliteStoreOptions = SqliteOptions

// Partial indexes need the state as a constant in the query: with a parameter they are not used, and claims take ten times as long.
const migrations = [
  `CREATE TABLE ringback_delivery (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('pending', 'leased', 'delivered', 'dead', 'cancelled', 'held')),
    blocked INTEGER NOT NULL,
    origin TEXT NOT NULL,
    ordering_key TEXT,
    request TEXT NOT NULL,
    body BLOB,
    metadata TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    attempts_before INTEGER NOT NULL,
    settled_at INTEGER,
    reason TEXT,
    lease_token TEXT,
    lease_until INTEGER
  ) STRICT;
  CREATE TABLE ringback_attempt (
    seq INTEGER NOT NULL,
    n INTEGER NOT NULL,
    attempt TEXT NOT NULL,
    body BLOB,
    PRIMARY KEY (seq, n)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX ringback_delivery_due ON ringback_delivery (due_at, origin) WHERE state = 'pending' AND blocked = 0;
  CREATE INDEX ringback_delivery_turn ON ringback_delivery (origin, due_at) WHERE state = 'pending' AND blocked = 0;
  CREATE INDEX ringback_delivery_lease ON ringback_delivery (lease_until) WHERE state = 'leased';
  CREATE INDEX ringback_delivery_settled ON ringback_delivery (state, settled_at) WHERE settled_at IS NOT NULL;
  CREATE INDEX ringback_delivery_order ON ringback_delivery (ordering_key, seq)
    WHERE ordering_key IS NOT NULL AND state IN ('pending', 'leased', 'held');`,
]

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

  const insert = (delivery: NewDelivery): boolean => {
    const { body, ...request } = delivery.request
    const key = delivery.orderingKey ?? null
    const blocked = key !== null && sql.isOrderingBusy.get([key]) !== undefined ? 1 : 0
    const { id, origin, metadata, createdAt, dueAt } = delivery
    const values = [id, blocked, origin, key, JSON.stringify(request), body ?? null, JSON.stringify(metadata), createdAt, dueAt]
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
    } else {
      sql.setState.run([how === 'cancel' ? 'cancelled' : how === 'hold' ? 'held' : 'pending', how === 'cancel' ? now : null, seq])
    }
    if (how === 'cancel') unblockNext(key)
    return true
  }

  return {
    durable: true,
    insert: async (deliveries) => database.transaction(() => deliveries.map(insert)),
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
}

const isDue = `state = 'pending' AND blocked = 0`
const isUnsettled = `state IN ('pending', 'leased', 'held')`

const queries = {
  insert: `INSERT INTO ringback_delivery
    (id, state, blocked, origin, ordering_key, request, body, metadata, created_at, due_at, attempts, attempts_before)
    VALUES (?, 'pending', ?, ?, ?, ?, ?, ?, ?, ?, 0, 0) ON CONFLICT (id) DO NOTHING`,
  isOrderingBusy: `SELECT 1 FROM ringback_delivery WHERE ordering_key = ? AND ordering_key IS NOT NULL AND ${isUnsettled} LIMIT 1`,
  due: `SELECT seq, origin FROM ringback_delivery WHERE ${isDue} AND due_at <= ? ORDER BY due_at LIMIT ?`,
  nextOrigin: `SELECT origin FROM ringback_delivery WHERE ${isDue} AND origin > ? ORDER BY origin LIMIT 1`,
  dueOfOrigin: `SELECT seq FROM ringback_delivery WHERE ${isDue} AND origin = ? AND due_at <= ? ORDER BY due_at LIMIT ?`,
  expired: `SELECT seq FROM ringback_delivery WHERE state = 'leased' AND lease_until <= ? ORDER BY lease_until LIMIT ?`,
  lease: `UPDATE ringback_delivery SET state = 'leased', lease_token = ?, lease_until = ? WHERE seq = ? RETURNING *`,
  byId: 'SELECT * FROM ringback_delivery WHERE id = ?',
  settle: `UPDATE ringback_delivery
    SET state = ?, due_at = coalesce(?, due_at), settled_at = ?, reason = ?, attempts = attempts + 1, lease_token = NULL, lease_until = NULL
    WHERE id = ? AND lease_token = ? AND state = 'leased' RETURNING seq, ordering_key`,
  insertAttempt: 'INSERT INTO ringback_attempt (seq, n, attempt, body) VALUES (?, ?, ?, ?)',
  release: `UPDATE ringback_delivery SET state = 'pending', due_at = ?, lease_token = NULL, lease_until = NULL
    WHERE id = ? AND lease_token = ? AND state = 'leased'`,
  setState: 'UPDATE ringback_delivery SET state = ?, settled_at = ? WHERE seq = ?',
  requeue: `UPDATE ringback_delivery SET state = 'pending', due_at = ?, blocked = ?, settled_at = NULL, reason = NULL, attempts_before = attempts WHERE seq = ?`,
  unblock: `UPDATE ringback_delivery SET blocked = 0 WHERE seq = (
      SELECT seq FROM ringback_delivery WHERE ordering_key = ? AND ordering_key IS NOT NULL AND ${isUnsettled} ORDER BY seq LIMIT 1
    ) AND NOT EXISTS (
      SELECT 1 FROM ringback_delivery WHERE ordering_key = ? AND ordering_key IS NOT NULL AND ${isUnsettled} AND blocked = 0
    )`,
  attempts: 'SELECT attempt, body FROM ringback_attempt WHERE seq = ? ORDER BY n',
  list: `SELECT * FROM ringback_delivery
    WHERE seq > CASE WHEN ? IS NULL THEN 0 ELSE (SELECT seq FROM ringback_delivery WHERE id = ?) END
      AND (? IS NULL OR state = ?) AND (? IS NULL OR origin = ?)
    ORDER BY seq LIMIT ?`,
  old: `SELECT seq FROM ringback_delivery WHERE settled_at IS NOT NULL
    AND ((state = 'delivered' AND settled_at < ?) OR (state = 'dead' AND settled_at < ?) OR (state = 'cancelled' AND settled_at < ?)) LIMIT ?`,
  forgetAttempts: 'DELETE FROM ringback_attempt WHERE seq = ?',
  forget: 'DELETE FROM ringback_delivery WHERE seq = ?',
  nextDue: `SELECT min(due_at) AS at FROM ringback_delivery WHERE ${isDue}`,
  nextExpiry: `SELECT min(lease_until) AS at FROM ringback_delivery WHERE state = 'leased'`,
  counts: 'SELECT state, count(*) AS count FROM ringback_delivery GROUP BY state',
  oldestPending: `SELECT min(due_at) AS at FROM ringback_delivery WHERE state = 'pending'`,
}

function statements(database: SqliteDatabase): Readonly<Record<keyof typeof queries, SqliteStatement>> {
  const prepared = Object.entries(queries).map(([name, text]) => [name, database.prepare(text)])
  return Object.fromEntries(prepared) as Record<keyof typeof queries, SqliteStatement>
}

function deliveryOf(row: SqliteRow): Delivery {
  const request = JSON.parse(String(row.request)) as CallbackRequest
  const body = row.body instanceof Uint8Array ? { body: new Uint8Array(row.body) } : {}
  return {
    id: String(row.id),
    state: row.state as DeliveryState,
    request: { ...request, ...body },
    origin: String(row.origin),
    ...(typeof row.ordering_key === 'string' ? { orderingKey: row.ordering_key } : {}),
    metadata: JSON.parse(String(row.metadata)) as Delivery['metadata'],
    createdAt: Number(row.created_at),
    dueAt: Number(row.due_at),
    attempts: Number(row.attempts),
    attemptsBefore: Number(row.attempts_before),
    ...(typeof row.settled_at === 'number' ? { settledAt: row.settled_at } : {}),
    ...(typeof row.reason === 'string' ? { reason: row.reason as DeadReason } : {}),
  }
}

/** JSON cannot hold bytes: those of the response have a column of their own. */
function splitBody(attempt: Attempt): { readonly record: string; readonly body: Uint8Array | null } {
  const { outcome } = attempt
  if (outcome.kind !== 'response') return { record: JSON.stringify(attempt), body: null }
  return { record: JSON.stringify({ ...attempt, outcome: { ...outcome, body: undefined } }), body: outcome.body }
}

function attemptOf(row: SqliteRow): Attempt {
  const attempt = JSON.parse(String(row.attempt)) as Attempt
  if (attempt.outcome.kind !== 'response') return attempt
  const outcome: Outcome = {
    ...attempt.outcome,
    body: row.body instanceof Uint8Array ? new Uint8Array(row.body) : new Uint8Array(0),
  }
  return { ...attempt, outcome }
}

import type { SqliteDatabase, SqliteStatement } from '../../storage/index.ts'

// Partial indexes need the state as a constant in the query: with a parameter they are not used, and claims take ten times as long.
export const migrations: readonly string[] = [
  `CREATE TABLE ringback_delivery (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('pending', 'leased', 'delivered', 'dead', 'cancelled', 'held')),
    blocked INTEGER NOT NULL,
    origin TEXT NOT NULL,
    ordering_key TEXT,
    callback TEXT,
    operation TEXT,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    attempts_before INTEGER NOT NULL,
    settled_at INTEGER,
    reason TEXT,
    lease_token TEXT,
    lease_until INTEGER,
    kid TEXT,
    content BLOB NOT NULL
  ) STRICT;
  CREATE TABLE ringback_attempt (
    seq INTEGER NOT NULL,
    n INTEGER NOT NULL,
    kid TEXT,
    content BLOB NOT NULL,
    PRIMARY KEY (seq, n)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX ringback_delivery_due ON ringback_delivery (due_at, origin) WHERE state = 'pending' AND blocked = 0;
  CREATE INDEX ringback_delivery_turn ON ringback_delivery (origin, due_at) WHERE state = 'pending' AND blocked = 0;
  CREATE INDEX ringback_delivery_lease ON ringback_delivery (lease_until) WHERE state = 'leased';
  CREATE INDEX ringback_delivery_settled ON ringback_delivery (state, settled_at) WHERE settled_at IS NOT NULL;
  CREATE INDEX ringback_delivery_order ON ringback_delivery (ordering_key, seq)
    WHERE ordering_key IS NOT NULL AND state IN ('pending', 'leased', 'held');
  CREATE TABLE ringback_destination (
    id TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    is_kept INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    record TEXT NOT NULL,
    kid TEXT,
    secrets BLOB
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX ringback_destination_old ON ringback_destination (changed_at) WHERE is_kept = 0;
  CREATE TABLE ringback_claim_check (
    delivery TEXT PRIMARY KEY NOT NULL,
    once INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    is_taken INTEGER NOT NULL,
    kid TEXT,
    content BLOB NOT NULL
  ) STRICT;
  CREATE TABLE ringback_claim_check_hash (
    hash TEXT PRIMARY KEY NOT NULL,
    delivery TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX ringback_claim_check_old ON ringback_claim_check (expires_at);
  CREATE INDEX ringback_claim_check_hash_old ON ringback_claim_check_hash (expires_at);`,
]

const isDue = `state = 'pending' AND blocked = 0`
const isUnsettled = `state IN ('pending', 'leased', 'held')`

const texts = {
  insert: `INSERT INTO ringback_delivery
    (id, state, blocked, origin, ordering_key, callback, operation, created_at, due_at, attempts, attempts_before, lease_token, lease_until, kid, content)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
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
  move: 'UPDATE ringback_delivery SET origin = ?, kid = ?, content = ? WHERE seq = ?',
  insertAttempt: 'INSERT INTO ringback_attempt (seq, n, kid, content) VALUES (?, ?, ?, ?)',
  release: `UPDATE ringback_delivery SET state = ?, due_at = ?, lease_token = NULL, lease_until = NULL
    WHERE id = ? AND lease_token = ? AND state = 'leased'`,
  setState: 'UPDATE ringback_delivery SET state = ?, settled_at = ? WHERE seq = ?',
  requeue: `UPDATE ringback_delivery SET state = 'pending', due_at = ?, blocked = ?, settled_at = NULL, reason = NULL, attempts_before = attempts WHERE seq = ?`,
  reschedule: 'UPDATE ringback_delivery SET due_at = ? WHERE seq = ?',
  unblock: `UPDATE ringback_delivery SET blocked = 0 WHERE seq = (
      SELECT seq FROM ringback_delivery WHERE ordering_key = ? AND ordering_key IS NOT NULL AND ${isUnsettled} ORDER BY seq LIMIT 1
    ) AND NOT EXISTS (
      SELECT 1 FROM ringback_delivery WHERE ordering_key = ? AND ordering_key IS NOT NULL AND ${isUnsettled} AND blocked = 0
    )`,
  attempts: 'SELECT n, content FROM ringback_attempt WHERE seq = ? ORDER BY n',
  old: `SELECT seq FROM ringback_delivery WHERE settled_at IS NOT NULL
    AND ((state = 'delivered' AND settled_at < ?) OR (state = 'dead' AND settled_at < ?) OR (state = 'cancelled' AND settled_at < ?)) LIMIT ?`,
  forgetAttempts: 'DELETE FROM ringback_attempt WHERE seq = ?',
  forget: 'DELETE FROM ringback_delivery WHERE seq = ?',
  nextDue: `SELECT min(due_at) AS at FROM ringback_delivery WHERE ${isDue}`,
  nextExpiry: `SELECT min(lease_until) AS at FROM ringback_delivery WHERE state = 'leased'`,
  counts: 'SELECT state, count(*) AS count FROM ringback_delivery GROUP BY state',
  oldestPending: `SELECT min(due_at) AS at FROM ringback_delivery WHERE state = 'pending'`,
}

export type QueryName = keyof typeof texts

/** Every text that is sent to SQLite after the migrations. */
export const queries: Readonly<Record<QueryName, string>> = texts

export type Queries = Readonly<Record<QueryName, SqliteStatement>>

/** Every statement, prepared once. */
export function statements(database: SqliteDatabase): Queries {
  const prepared = Object.entries(queries).map(([name, text]) => [name, database.prepare(text)])
  return Object.fromEntries(prepared) as Record<QueryName, SqliteStatement>
}

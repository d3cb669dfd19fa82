import { migrateSqlite, type SqliteDatabase, type SqliteRow } from '../storage/index.ts'
import type { Destination, DestinationStore } from './destination.ts'

const migrations: readonly string[] = [
  `CREATE TABLE ringback_destination (
    id TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    is_kept INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    record TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX ringback_destination_old ON ringback_destination (changed_at) WHERE is_kept = 0;`,
]

/** Keeps destinations in a SQLite file, beside the deliveries. */
export function sqliteDestinations(database: SqliteDatabase): DestinationStore {
  migrateSqlite(database, 'destinations', migrations)
  const insert = database.prepare(
    'INSERT INTO ringback_destination (id, version, is_kept, changed_at, record) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
  )
  const byId = database.prepare('SELECT record FROM ringback_destination WHERE id = ?')
  const list = database.prepare('SELECT record FROM ringback_destination WHERE id > ? ORDER BY id LIMIT ?')
  const update = database.prepare(
    'UPDATE ringback_destination SET version = ?, is_kept = ?, changed_at = ?, record = ? WHERE id = ? AND version = ?',
  )
  const old = database.prepare('SELECT id FROM ringback_destination WHERE is_kept = 0 AND changed_at < ? LIMIT ?')
  const forget = database.prepare('DELETE FROM ringback_destination WHERE id = ?')

  return {
    insert: async (destination) => insert.run([destination.id, ...columns(destination)]) === 1,
    async get(id) {
      const row = byId.get([id])
      return row === undefined ? undefined : destinationOf(row)
    },
    list: async ({ limit, after }) => list.all([after ?? '', limit]).map(destinationOf),
    update: async (destination) => update.run([...columns(destination), destination.id, destination.version - 1]) === 1,
    purge: async ({ changedBefore, limit }) =>
      database.transaction(() => {
        const ids = old.all([changedBefore, limit])
        for (const { id = null } of ids) forget.run([id])
        return ids.length
      }),
  }
}

function columns(destination: Destination): [version: number, isKept: number, changedAt: number, record: string] {
  const isKept = destination.secrets.length > 0 || destination.disabled !== undefined
  return [destination.version, isKept ? 1 : 0, destination.changedAt, JSON.stringify(destination)]
}

function destinationOf(row: SqliteRow): Destination {
  return JSON.parse(String(row.record)) as Destination
}

import { migrateSqlite, openSqlite, patient, type SqliteOptions, sqliteOptionRules, sqliteRunner } from '../../storage/index.ts'
import { checkNames } from '../../util/index.ts'
import type { ReceiverStore } from '../store.ts'
import { sqlite } from './dialect.ts'
import { sqlStore } from './sql-store.ts'
import { migrationsFor } from './tables.ts'

export type SqliteStoreOptions = SqliteOptions & {
  /** How often to see whether another process has written, in milliseconds; default 50. Costs microseconds when none has. */
  readonly pollMs?: number
}

/** Endpoints and calls in a SQLite file. Several processes may use the same file, and a dispatcher may keep its deliveries in it. */
export function sqliteStore(given: SqliteStoreOptions): ReceiverStore {
  checkNames(given, { ...sqliteOptionRules, pollMs: true }, 'the options of sqliteStore({ path })', ['path'])
  const { pollMs = 50, ...options } = given
  const database = openSqlite(options)
  migrateSqlite(database, 'receiver', migrationsFor(sqlite))
  const version = database.prepare('PRAGMA data_version')
  // Changes when another connection has committed, and only then.
  let seen: unknown
  let isClosed = false

  return sqlStore({
    dialect: sqlite,
    runner: sqliteRunner(database, patient(database)),
    async start() {
      if (isClosed)
        throw new TypeError(
          'Expected an open store but its receiver was disposed, and the file closed: make another sqliteStore()',
        )
    },
    poll: {
      delayMs: () => pollMs,
      hasNews() {
        const now = version.get([])?.data_version
        const isNew = now !== seen
        seen = now
        return isNew
      },
    },
    async stop() {
      isClosed = true
      database.close()
    },
  })
}

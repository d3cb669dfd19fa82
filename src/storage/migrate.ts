import { RingbackError } from '../errors/index.ts'
import type { SqliteDatabase } from './sqlite-driver.ts'

/**
 * Brings the tables of one component up to date. Each migration runs once per database, all in one transaction; a published one is never
 * changed, only followed by another. A database that has more of them was written by a later version and is left alone:
 * `ERR_STORE_UNUSABLE`.
 */
export function migrateSqlite(database: SqliteDatabase, component: string, migrations: readonly string[]): void {
  database.exec('CREATE TABLE IF NOT EXISTS ringback_migration (component TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT')
  database.transaction(() => {
    const version = versionIn(database, component)
    refuseLater(component, version, migrations.length)
    for (const migration of migrations.slice(version)) database.exec(migration)
    database
      .prepare(
        'INSERT INTO ringback_migration (component, version) VALUES (?, ?) ON CONFLICT DO UPDATE SET version = excluded.version',
      )
      .run([component, migrations.length])
  })
}

/** Changes nothing. Throws `ERR_STORE_UNUSABLE` when the tables are not there, or not those of this version. */
export function checkSqlite(database: SqliteDatabase, component: string, migrations: readonly string[]): void {
  const [found] = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name = 'ringback_migration'").all([])
  requireVersion(component, found === undefined ? 0 : versionIn(database, component), migrations.length)
}

/** Throws `ERR_STORE_UNUSABLE`. */
export function requireVersion(component: string, found: number, expected: number): void {
  if (found === 0) throw new RingbackError('ERR_STORE_UNUSABLE', `Expected the tables of the ${component}, found none.`)
  refuseLater(component, found, expected)
  if (found === expected) return
  throw new RingbackError(
    'ERR_STORE_UNUSABLE',
    `Expected tables of the ${component} at version ${expected}, found ${found}: they are brought up to date when the application opens the store.`,
  )
}

/** Throws `ERR_STORE_UNUSABLE`. */
export function refuseLater(component: string, found: number, expected: number): void {
  if (found <= expected) return
  throw new RingbackError(
    'ERR_STORE_UNUSABLE',
    `Expected tables of the ${component} at version ${expected} or before, found ${found}: a later ringback has written them.`,
  )
}

function versionIn(database: SqliteDatabase, component: string): number {
  const row = database.prepare('SELECT version FROM ringback_migration WHERE component = ?').get([component])
  return typeof row?.version === 'number' ? row.version : 0
}

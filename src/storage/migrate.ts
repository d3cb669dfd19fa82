import type { SqliteDatabase } from './sqlite-driver.ts'

/**
 * Brings the tables of one component up to date. Each migration runs once per database, all in one transaction; a published one is never
 * changed, only followed by another. A database that has more of them was written by a later version and is left alone.
 */
export function migrateSqlite(database: SqliteDatabase, component: string, migrations: readonly string[]): void {
  database.exec('CREATE TABLE IF NOT EXISTS ringback_migration (component TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT')
  database.transaction(() => {
    const row = database.prepare('SELECT version FROM ringback_migration WHERE component = ?').get([component])
    const version = typeof row?.version === 'number' ? row.version : 0
    if (version > migrations.length) {
      throw new TypeError(
        `Expected tables of ${component} at version ${migrations.length} or before, found ${version}: a later ringback has written this file.`,
      )
    }
    for (const migration of migrations.slice(version)) database.exec(migration)
    database
      .prepare(
        'INSERT INTO ringback_migration (component, version) VALUES (?, ?) ON CONFLICT DO UPDATE SET version = excluded.version',
      )
      .run([component, migrations.length])
  })
}

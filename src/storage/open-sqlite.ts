import { type SqliteDatabase, type SqliteDriver, sqliteDriver } from './sqlite-driver.ts'

export interface SqliteOptions {
  /** A file, made when it is absent, or `:memory:`. */
  readonly path: string
  /**
   * `full`: a commit is on the disk when it returns. `normal`: faster, and a crash of the process loses nothing, but a power cut may lose the
   * last commits: what was accepted then may not be delivered, and what was delivered may be delivered again. Default: `full`.
   */
  readonly synchronous?: 'full' | 'normal'
}

const busyTimeoutMs = 5000

/** Opens a database in WAL mode, so that several processes can use one file. */
export function openSqlite({ path, synchronous = 'full' }: SqliteOptions, driver: SqliteDriver = sqliteDriver()): SqliteDatabase {
  const database = driver.open(path)
  database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
  database.exec('PRAGMA journal_mode = WAL')
  database.exec(`PRAGMA synchronous = ${synchronous === 'full' ? 'FULL' : 'NORMAL'}`)
  return database
}

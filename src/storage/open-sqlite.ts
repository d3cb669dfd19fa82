import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { RingbackError } from '../errors/index.ts'
import { messageOf, type OptionRules } from '../util/index.ts'
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

export const sqliteOptionRules: OptionRules<SqliteOptions> = { path: 'string', synchronous: 'string' }

/** How long to wait for another process that writes to the same file. */
export const busyTimeoutMs = 5000

/** Opens a database in WAL mode, so that several processes can use one file. Throws `ERR_STORE_UNUSABLE` when it cannot be opened. */
export function openSqlite({ path, synchronous = 'full' }: SqliteOptions, driver: SqliteDriver = sqliteDriver()): SqliteDatabase {
  checkSynchronous(synchronous)
  let database: SqliteDatabase | undefined
  try {
    database = driver.open(path)
    return inWal(database, synchronous)
  } catch (cause) {
    database?.close()
    throw unusable(path, cause)
  }
}

/** Like `openSqlite` for a file that is there and that `check` has nothing against; before that nothing in it is changed. */
export function openExistingSqlite(
  { path, synchronous = 'full' }: SqliteOptions,
  check: (database: SqliteDatabase) => void,
  driver: SqliteDriver = sqliteDriver(),
): SqliteDatabase {
  checkSynchronous(synchronous)
  if (!existsSync(path)) throw new RingbackError('ERR_STORE_UNUSABLE', `Expected a SQLite file, found no file ${path}.`)
  let database: SqliteDatabase | undefined
  try {
    database = driver.open(path)
    database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
    check(database)
    return inWal(database, synchronous)
  } catch (cause) {
    database?.close()
    throw unusable(path, cause)
  }
}

function checkSynchronous(value: string): void {
  if (value === 'full' || value === 'normal') return
  throw new TypeError(`Expected "synchronous" to be "full" or "normal", found ${JSON.stringify(value)}.`)
}

function unusable(path: string, cause: unknown): RingbackError {
  const folder = dirname(path)
  const why = existsSync(folder) ? messageOf(cause) : `There is no folder ${folder}: make it first.`
  return new RingbackError('ERR_STORE_UNUSABLE', `Expected a store in the file ${path}, but it cannot be used. ${why}`, { cause })
}

function inWal(database: SqliteDatabase, synchronous: 'full' | 'normal'): SqliteDatabase {
  database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
  database.exec('PRAGMA journal_mode = WAL')
  database.exec(`PRAGMA synchronous = ${synchronous === 'full' ? 'FULL' : 'NORMAL'}`)
  return database
}

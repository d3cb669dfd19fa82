import { createRequire } from 'node:module'
import { RingbackError } from '../errors/index.ts'

export type SqliteValue = string | number | Uint8Array | null
export type SqliteRow = Readonly<Record<string, SqliteValue>>

export interface SqliteStatement {
  /** Answers how many rows were changed. */
  run(values: readonly SqliteValue[]): number
  /** The first row; the query should say `LIMIT 1` where there can be more. */
  get(values: readonly SqliteValue[]): SqliteRow | undefined
  all(values: readonly SqliteValue[]): readonly SqliteRow[]
}

/** What the stores need of SQLite. Everything is synchronous: SQLite is. */
export interface SqliteDatabase {
  exec(sql: string): void
  /** Only `?` as parameters, and none inside a literal. */
  prepare(sql: string): SqliteStatement
  /** Commits when `work` returns and rolls back when it throws. Takes the write lock at once. Not nestable. */
  transaction<T>(work: () => T): T
  close(): void
}

export interface SqliteDriver {
  readonly name: 'node:sqlite' | 'libsql'
  open(path: string): SqliteDatabase
}

/** The parts of `node:sqlite` and of libsql that are used. */
interface NativeStatement {
  run(...values: unknown[]): { readonly changes: number | bigint }
  all(...values: unknown[]): unknown[]
}

interface NativeDatabase {
  exec(sql: string): unknown
  prepare(sql: string): NativeStatement
  close(): unknown
}

type Native = new (path: string) => NativeDatabase

let loaded: SqliteDriver | undefined

/** `node:sqlite` where Node has it without a flag (22.13 and later), else the optional dependency libsql. Loaded on the first call. */
export function sqliteDriver(): SqliteDriver {
  if (loaded === undefined) {
    // Not before: the modules of a worker have no address.
    const require = createRequire(import.meta.url)
    loaded = nodeDriver(require) ?? libsqlDriver(require)
  }
  if (loaded !== undefined) return loaded
  throw new RingbackError(
    'ERR_SQLITE_MISSING',
    `Expected node:sqlite (Node 22.13 or later) or the package libsql, found neither in Node ${process.versions.node}. Run "npm install libsql".`,
  )
}

/** `load` is `require`; tests bring their own. */
export function nodeDriver(load: (id: string) => unknown): SqliteDriver | undefined {
  const module = attempt(load, 'node:sqlite') as { readonly DatabaseSync?: Native } | undefined
  const Database = module?.DatabaseSync
  if (Database === undefined) return undefined
  return { name: 'node:sqlite', open: (path) => wrap(new Database(path), (values) => values) }
}

export function libsqlDriver(load: (id: string) => unknown): SqliteDriver | undefined {
  const Database = attempt(load, 'libsql') as Native | undefined
  if (Database === undefined) return undefined
  // libsql aborts the whole process when its only argument is a Buffer, so that it gets one array, always.
  return { name: 'libsql', open: (path) => wrap(new Database(path), (values) => [values]) }
}

function wrap(database: NativeDatabase, spread: (values: unknown[]) => unknown[]): SqliteDatabase {
  const inTransaction = <T>(work: () => T): T => {
    database.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      database.exec('COMMIT')
      return result
    } catch (error) {
      // SQLite has rolled back already after some errors (a full disk); what went wrong first is what counts.
      attempt(() => database.exec('ROLLBACK'), '')
      throw error
    }
  }
  return {
    exec: (sql) => void database.exec(sql),
    prepare(sql) {
      const statement = database.prepare(sql)
      const count = sql.split('?').length - 1
      const bound = (values: readonly SqliteValue[]): unknown[] => {
        // Fewer values would be NULL in silence.
        if (values.length !== count) throw new TypeError(`Expected ${count} values, found ${values.length}, for: ${sql}`)
        // SQLite can hold it, but libsql gives back only what stands before it.
        if (values.some((value) => typeof value === 'string' && value.includes('\0')))
          throw new TypeError('Expected text without U+0000.')
        return spread([...values])
      }
      const rows = (values: readonly SqliteValue[]): readonly SqliteRow[] =>
        (statement.all(...bound(values)) as NativeRow[]).map(plain)
      return {
        run: (values) => Number(statement.run(...bound(values)).changes),
        // Not the native `get`: libsql's leaves the statement open after its row, which holds up an old snapshot of the file, and a later
        // call can then miss rows.
        get: (values) => rows(values)[0],
        all: rows,
      }
    },
    transaction: inTransaction,
    close: () => void database.close(),
  }
}

type NativeRow = Record<string, SqliteValue | ArrayBuffer>

/** libsql gives blobs as an ArrayBuffer. */
function plain(row: NativeRow): SqliteRow {
  for (const column in row) {
    const value = row[column]
    if (value instanceof ArrayBuffer) row[column] = new Uint8Array(value)
  }
  return row as SqliteRow
}

function attempt<T>(action: (id: string) => T, id: string): T | undefined {
  try {
    return action(id)
  } catch {
    return undefined
  }
}

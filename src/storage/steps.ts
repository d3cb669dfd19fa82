import type { Transact } from './patient.ts'
import { inTransaction, type PostgresPool } from './postgres.ts'
import type { SqliteDatabase, SqliteRow, SqliteStatement, SqliteValue } from './sqlite-driver.ts'

export interface Query {
  /** `?` for values, none inside a literal. */
  readonly sql: string
  readonly values: readonly SqliteValue[]
}

/**
 * The work of one transaction, written once for every database: it yields its queries one by one and is given their rows. SQLite runs it
 * without a pause, PostgreSQL waits for every answer.
 */
export type Steps<T> = Generator<Query, T, readonly SqliteRow[]>

export interface Runner {
  /** In one transaction, all or nothing. */
  transaction<T>(work: () => Steps<T>): Promise<T>
  /** Without a transaction: for single queries. */
  read<T>(work: () => Steps<T>): Promise<T>
}

export function* rowsOf(sql: string, values: readonly SqliteValue[]): Steps<readonly SqliteRow[]> {
  return yield { sql, values }
}

export function* firstOf(sql: string, values: readonly SqliteValue[]): Steps<SqliteRow | undefined> {
  return (yield { sql, values })[0]
}

export function sqliteRunner(database: SqliteDatabase, transact: Transact): Runner {
  const prepared = new Map<string, SqliteStatement>()

  function rows({ sql, values }: Query): readonly SqliteRow[] {
    const statement = prepared.get(sql) ?? database.prepare(sql)
    prepared.set(sql, statement)
    if (/^SELECT\b|\bRETURNING\b/.test(sql)) return statement.all(values)
    statement.run(values)
    return []
  }

  function run<T>(work: () => Steps<T>): T {
    const steps = work()
    let step = steps.next()
    while (step.done !== true) step = steps.next(rows(step.value))
    return step.value
  }

  return {
    transaction: (work) => transact(() => run(work)),
    read: async (work) => run(work),
  }
}

export function postgresRunner(pool: PostgresPool): Runner {
  const numbered = new Map<string, string>()

  function textOf(sql: string): string {
    const known = numbered.get(sql)
    if (known !== undefined) return known
    let n = 0
    const text = sql.replaceAll('?', () => `$${++n}`)
    numbered.set(sql, text)
    return text
  }

  async function run<T>(connection: Pick<PostgresPool, 'query'>, work: () => Steps<T>): Promise<T> {
    const steps = work()
    let step = steps.next()
    while (step.done !== true) {
      const { sql, values } = step.value
      // As with SQLite; the database would name neither the value nor the place.
      if (values.some((value) => typeof value === 'string' && value.includes('\0')))
        throw new TypeError('Expected text without U+0000.')
      const { rows } = await connection.query(textOf(sql), [...values])
      step = steps.next((rows as SqliteRow[]).map(plain))
    }
    return step.value
  }

  return {
    transaction: (work) => inTransaction(pool, (client) => run(client, work)),
    read: (work) => run(pool, work),
  }
}

/** Buffers of `pg` can be views of what it will write over. */
function plain(row: SqliteRow): SqliteRow {
  const copy: Record<string, SqliteValue> = {}
  for (const column in row) {
    const value = row[column] ?? null
    copy[column] = value instanceof Uint8Array ? new Uint8Array(value) : value
  }
  return copy
}

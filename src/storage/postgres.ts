import { refuseLater, requireVersion } from './migrate.ts'

/** What is needed of `pg`'s Pool; the package is the caller's. */
export interface PostgresPool extends PostgresConnection {
  connect(): Promise<PostgresClient>
}

export interface PostgresConnection {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: unknown[]; readonly rowCount: number | null }>
}

export interface PostgresClient extends PostgresConnection {
  /** With an error the connection is not used again. */
  release(error?: Error | boolean): void
  on?(event: 'error', listener: (error: Error) => void): unknown
  removeListener?(event: 'error', listener: (error: Error) => void): unknown
}

/**
 * Commits when `work` resolves, rolls back when it rejects. Every statement sees what was committed before it, whatever the database's
 * default: a look that follows a lock must see what happened until the lock was had.
 */
export async function inTransaction<T>(pool: PostgresPool, work: (client: PostgresClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  // A connection that breaks while it is out of the pool would otherwise end the process; the query under way rejects as well.
  client.on?.('error', ignore)
  let failure: Error | undefined
  try {
    await client.query('BEGIN ISOLATION LEVEL READ COMMITTED')
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch((second: unknown) => {
      failure = second instanceof Error ? second : new Error('ROLLBACK failed', { cause: second })
    })
    throw error
  } finally {
    client.removeListener?.('error', ignore)
    client.release(failure)
  }
}

function ignore(): void {}

// Any number, the same in every process.
const migrationLock = 7_246_252_203_001

/** Like `migrateSqlite`. Processes that start at once take turns. */
export async function migratePostgres(pool: PostgresPool, component: string, migrations: readonly string[]): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query(`SELECT pg_advisory_xact_lock(${migrationLock})`)
    await client.query('CREATE TABLE IF NOT EXISTS ringback_migration (component text PRIMARY KEY, version integer NOT NULL)')
    const version = await versionIn(client, component)
    refuseLater(component, version, migrations.length)
    for (const migration of migrations.slice(version)) await client.query(migration)
    await client.query(
      'INSERT INTO ringback_migration (component, version) VALUES ($1, $2) ON CONFLICT (component) DO UPDATE SET version = excluded.version',
      [component, migrations.length],
    )
  })
}

/** Like `checkSqlite`. */
export async function checkPostgres(pool: PostgresPool, component: string, migrations: readonly string[]): Promise<void> {
  const { rows } = await pool.query("SELECT to_regclass('ringback_migration') IS NOT NULL AS found")
  const [row] = rows as { readonly found: boolean }[]
  requireVersion(component, row?.found === true ? await versionIn(pool, component) : 0, migrations.length)
}

async function versionIn(connection: PostgresConnection, component: string): Promise<number> {
  const { rows } = await connection.query('SELECT version FROM ringback_migration WHERE component = $1', [component])
  return (rows as { readonly version: number }[])[0]?.version ?? 0
}

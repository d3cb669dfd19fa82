import type { PostgresConnection } from '../../storage/index.ts'
import { postgresQueries as sql } from './postgres-queries.ts'

/** `alone`: for one statement. `whole`: for a transaction, which is needed only where there is more to do than to settle. */
export interface Connections {
  readonly alone: PostgresConnection
  readonly whole: <T>(work: (client: PostgresConnection) => Promise<T>) => Promise<T>
}

/** The rows that a query gives; the caller knows its columns. */
export async function query<T>(connection: PostgresConnection, text: string, values: unknown[] = []): Promise<T[]> {
  return (await connection.query(text, values)).rows as T[]
}

/**
 * Deliveries with one key stand in a line, of which one at most is not blocked. Whoever lets one go, or takes one out, holds the lock of the
 * line until the end of the transaction, so that this must be a short one of ours. A delivery joins blocked, without a lock.
 */
async function lockKeys(client: PostgresConnection, keys: readonly string[]): Promise<void> {
  if (keys.length > 0) await query(client, sql.lockKeys, [keys])
}

export async function lockKeysOf(client: PostgresConnection, ids: readonly string[]): Promise<void> {
  const found = await query<{ key: string }>(client, sql.keysOf, [ids])
  await lockKeys(
    client,
    found.map(({ key }) => key),
  )
}

/** With their lines locked: the first of each goes, where nobody of it has gone yet. */
export async function letGo(client: PostgresConnection, keys: readonly string[]): Promise<void> {
  const lines = [...new Set(keys)]
  if (lines.length > 0) await query(client, sql.unblock, [lines])
}

export async function lockAndLetGo(client: PostgresConnection, keys: readonly string[]): Promise<void> {
  await lockKeys(client, keys)
  await letGo(client, keys)
}

// Each is a lock, of which a server has some thousands.
const linesAtOnce = 500

/** Of the lines that were joined in transactions of the application which have committed since. Answers whether there may be more of them. */
export async function letJoinedGo(client: PostgresConnection): Promise<boolean> {
  // What is taken here is seen by the statement that follows the lock; what commits later is noted beside it.
  const joined = await query<{ key: string }>(client, sql.takeJoined, [linesAtOnce])
  await lockAndLetGo(
    client,
    joined.map(({ key }) => key),
  )
  return joined.length === linesAtOnce
}

import type { PostgresConnection } from '../../storage/index.ts'
import { postgresQueries as sql } from './postgres-queries.ts'

/** The rows that a query gives; the caller knows its columns. */
export async function query<T>(connection: PostgresConnection, text: string, values: unknown[] = []): Promise<T[]> {
  return (await connection.query(text, values)).rows as T[]
}

/** Deliveries with one key stand in a line: whoever changes it holds its lock until the end of the transaction. */
export async function lockKeys(client: PostgresConnection, keys: readonly string[]): Promise<void> {
  if (keys.length > 0) await query(client, sql.lockKeys, [keys])
}

export async function lockKeysOf(client: PostgresConnection, ids: readonly string[]): Promise<void> {
  const found = await query<{ key: string }>(client, sql.keysOf, [ids])
  await lockKeys(
    client,
    found.map(({ key }) => key),
  )
}

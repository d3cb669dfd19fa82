import type { PostgresConnection, Sealer } from '../../storage/index.ts'
import type { Lease } from '../delivery.ts'
import { labelsOf } from '../delivery-filter.ts'
import type { NewDelivery } from '../store.ts'
import { lockKeys, query } from './postgres-lines.ts'
import { postgresQueries as sql } from './postgres-queries.ts'
import { sealedDelivery } from './rows.ts'

/** In the place of a delivery, the lease that it begins with. */
type Leases = readonly (Lease | undefined)[]

/** All in one statement, when no delivery has an ordering key. */
export async function insertMany(
  connection: PostgresConnection,
  sealer: Sealer,
  deliveries: readonly NewDelivery[],
  leases: Leases = [],
): Promise<readonly boolean[]> {
  const records = deliveries.map((delivery) => sealedDelivery(sealer, delivery))
  const labels = deliveries.map(({ metadata }) => labelsOf(metadata))
  const columns = [
    deliveries.map(({ id }) => id),
    deliveries.map(({ origin }) => origin),
    labels.map(([callback]) => callback),
    labels.map(([, operation]) => operation),
    records.map(({ sealed }) => bufferOf(sealed)),
    records.map(({ kid }) => kid),
    deliveries.map(({ createdAt }) => createdAt),
    deliveries.map(({ dueAt }) => dueAt),
    deliveries.map((_, index) => leases[index]?.token ?? null),
    deliveries.map((_, index) => leases[index]?.until ?? null),
  ]
  const fresh = new Set((await query<{ id: string }>(connection, sql.insertMany, columns)).map(({ id }) => id))
  // Of one id that is there twice, the first was stored.
  return deliveries.map(({ id }) => fresh.delete(id))
}

/** One after the other, behind those with the same ordering key; needs a transaction. */
export async function insertInLine(
  client: PostgresConnection,
  sealer: Sealer,
  deliveries: readonly NewDelivery[],
  leases: Leases = [],
): Promise<readonly boolean[]> {
  await lockKeys(
    client,
    deliveries.flatMap(({ orderingKey }) => orderingKey ?? []),
  )
  const inserted: boolean[] = []
  for (const [index, delivery] of deliveries.entries()) {
    const { id, origin, orderingKey = null, metadata, createdAt, dueAt } = delivery
    const { sealed, kid } = sealedDelivery(sealer, delivery)
    const lease = [leases[index]?.token ?? null, leases[index]?.until ?? null]
    const values = [orderingKey, id, origin, ...labelsOf(metadata), bufferOf(sealed), kid, createdAt, dueAt, ...lease]
    inserted.push((await query(client, sql.insertOne, values)).length === 1)
  }
  return inserted
}

export function hasLine(deliveries: readonly NewDelivery[]): boolean {
  return deliveries.some(({ orderingKey }) => orderingKey !== undefined)
}

/** Of the same bytes: a view, not a copy. */
export function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}

import type { PostgresConnection, Sealer } from '../../storage/index.ts'
import type { Lease } from '../delivery.ts'
import { labelsOf } from '../delivery-filter.ts'
import type { NewDelivery } from '../store.ts'
import { type Connections, lockAndLetGo, query } from './postgres-lines.ts'
import { postgresQueries as sql } from './postgres-queries.ts'
import { sealedDelivery } from './rows.ts'

/** In the place of a delivery, the lease that it begins with. */
type Leases = readonly (Lease | undefined)[]

/** In the caller's own transaction: no lock may be held as long as that lasts, so that what has an ordering key joins its line later. */
export async function insertWithin(
  transaction: PostgresConnection,
  sealer: Sealer,
  deliveries: readonly NewDelivery[],
): Promise<readonly boolean[]> {
  return newAmong(deliveries, await query<InsertedRow>(transaction, sql.insertWithin, columnsOf(sealer, deliveries)))
}

/** In one statement, which is a transaction without the way there and back for its begin and its end, where nothing has an ordering key. */
export async function insert(
  { alone, whole }: Connections,
  sealer: Sealer,
  deliveries: readonly NewDelivery[],
  leases: Leases | undefined,
): Promise<readonly boolean[]> {
  if (deliveries.every(({ orderingKey }) => orderingKey === undefined))
    return newAmong(deliveries, await query<InsertedRow>(alone, sql.insert, columnsOf(sealer, deliveries, leases)))
  return whole(async (client) => {
    // It may have to wait for a transaction of the application that has stored the same id: not with lines locked, for which others wait.
    const rows = await query<InsertedRow>(client, sql.insert, columnsOf(sealer, deliveries, leases))
    await lockAndLetGo(
      client,
      rows.flatMap(({ key }) => key ?? []),
    )
    return newAmong(deliveries, rows)
  })
}

interface InsertedRow {
  readonly id: string
  readonly key: string | null
}

function columnsOf(sealer: Sealer, deliveries: readonly NewDelivery[], leases: Leases = []): unknown[] {
  const records = deliveries.map((delivery) => sealedDelivery(sealer, delivery))
  const labels = deliveries.map(({ metadata }) => labelsOf(metadata))
  return [
    deliveries.map(({ id }) => id),
    deliveries.map(({ origin }) => origin),
    deliveries.map(({ orderingKey }) => orderingKey ?? null),
    labels.map(([callback]) => callback),
    labels.map(([, operation]) => operation),
    records.map(({ sealed }) => bufferOf(sealed)),
    records.map(({ kid }) => kid),
    deliveries.map(({ createdAt }) => createdAt),
    deliveries.map(({ dueAt }) => dueAt),
    deliveries.map((_, index) => leases[index]?.token ?? null),
    deliveries.map((_, index) => leases[index]?.until ?? null),
  ]
}

/** Of one id that is there twice, the first was stored. */
function newAmong(deliveries: readonly NewDelivery[], rows: readonly InsertedRow[]): readonly boolean[] {
  const fresh = new Set(rows.map(({ id }) => id))
  return deliveries.map(({ id }) => fresh.delete(id))
}

/** Of the same bytes: a view, not a copy. */
export function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}

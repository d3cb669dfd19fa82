import { isRingbackError } from '../errors/index.ts'
import {
  createSealer,
  inTransaction,
  type Keyring,
  migratePostgres,
  type PostgresConnection,
  type PostgresPool,
  plaintextSealer,
} from '../storage/index.ts'
import type { DeliveryState, Lease } from './delivery.ts'
import { TurnByOrigin } from './postgres-claim.ts'
import { postgresMigrations, postgresQueries as sql } from './postgres-queries.ts'
import { attemptOf, type DeliveryColumns, deliveryOf, sealedAttempt, sealedDelivery } from './postgres-rows.ts'
import type { Claim, DeliveryStore, LeasedDelivery, NewDelivery, OperatorChange, Settlement } from './store.ts'

export interface PostgresStoreOptions {
  /** A `Pool` of the package `pg`. It stays the caller's: `close()` does not end it. */
  readonly pool: PostgresPool
  /** Makes and updates the tables before the first query; default true. */
  readonly migrate?: boolean
  /**
   * Seals requests, metadata and attempts: the first key seals, any of them opens. A key is needed until the last delivery that it sealed
   * is purged: a delivery whose key is missing is held instead of sent, and reading it says which key it is. Default: they are stored as
   * they are.
   */
  readonly keyring?: Keyring
  /** Beside a keyring: what was stored before there was one is read as well. Default: it is refused. */
  readonly plaintext?: true
}

/** In the place of a delivery, the lease that it begins with. */
type Leases = readonly (Lease | undefined)[]

/** Keeps deliveries in PostgreSQL, for any number of processes; `enqueue` can take part in the application's own transaction. */
export function postgresStore({ pool, migrate = true, keyring, plaintext }: PostgresStoreOptions): DeliveryStore {
  const sealer = keyring === undefined ? plaintextSealer : createSealer(keyring, { readsPlaintext: plaintext === true })
  const turns = new TurnByOrigin()
  let migrating: Promise<void> | undefined

  async function ready(): Promise<void> {
    if (!migrate) return
    migrating ??= migratePostgres(pool, 'dispatcher', postgresMigrations)
    try {
      await migrating
    } catch (error) {
      migrating = undefined
      throw error
    }
  }

  async function query<T>(text: string, values: unknown[] = [], connection: PostgresConnection = pool): Promise<T[]> {
    return (await connection.query(text, values)).rows as T[]
  }

  /** Deliveries with one key stand in a line: whoever changes it holds its lock until the end of the transaction. */
  async function lockKeys(client: PostgresConnection, keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await query(sql.lockKeys, [keys], client)
  }

  async function lockKeysOf(client: PostgresConnection, ids: readonly string[]): Promise<void> {
    const found = await query<{ key: string }>(sql.keysOf, [ids], client)
    await lockKeys(
      client,
      found.map(({ key }) => key),
    )
  }

  async function insert(
    client: PostgresConnection,
    deliveries: readonly NewDelivery[],
    leases: Leases = [],
  ): Promise<readonly boolean[]> {
    const keys = deliveries.flatMap(({ orderingKey }) => orderingKey ?? [])
    if (keys.length === 0) return insertMany(client, deliveries, leases)
    await lockKeys(client, keys)
    const inserted: boolean[] = []
    for (const [index, delivery] of deliveries.entries()) {
      const { id, origin, orderingKey = null, createdAt, dueAt } = delivery
      const { sealed, kid } = sealedDelivery(sealer, delivery)
      const atOnce = leases[index]
      const values = [orderingKey, id, origin, sealed, kid, createdAt, dueAt, atOnce?.token ?? null, atOnce?.until ?? null]
      inserted.push((await query(sql.insertOne, values, client)).length === 1)
    }
    return inserted
  }

  async function insertMany(
    client: PostgresConnection,
    deliveries: readonly NewDelivery[],
    leases: Leases,
  ): Promise<readonly boolean[]> {
    const records = deliveries.map((delivery) => sealedDelivery(sealer, delivery))
    const columns = [
      deliveries.map(({ id }) => id),
      deliveries.map(({ origin }) => origin),
      records.map(({ sealed }) => Buffer.from(sealed)),
      records.map(({ kid }) => kid),
      deliveries.map(({ createdAt }) => createdAt),
      deliveries.map(({ dueAt }) => dueAt),
      deliveries.map((_, index) => leases[index]?.token ?? null),
      deliveries.map((_, index) => leases[index]?.until ?? null),
    ]
    const fresh = new Set((await query<{ id: string }>(sql.insertMany, columns, client)).map(({ id }) => id))
    // Of one id that is there twice, the first was stored.
    return deliveries.map(({ id }) => fresh.delete(id))
  }

  /** Those that can be read. One that cannot must not keep the others from going out: it is held, until its key is there again. */
  async function leased(
    client: PostgresConnection,
    rows: readonly DeliveryColumns[],
    { token, leaseUntil }: Pick<Claim, 'token' | 'leaseUntil'>,
  ): Promise<LeasedDelivery[]> {
    const leases: LeasedDelivery[] = []
    const unreadable: string[] = []
    for (const row of rows) {
      try {
        leases.push({ delivery: deliveryOf(sealer, row), lease: { id: row.id, token, until: leaseUntil } })
      } catch (error) {
        if (!isRingbackError(error)) throw error
        unreadable.push(row.seq)
      }
    }
    if (unreadable.length > 0) await query(sql.hold, [unreadable], client)
    return leases
  }

  async function settle(client: PostgresConnection, settlements: readonly Settlement[]): Promise<readonly boolean[]> {
    await lockKeysOf(
      client,
      settlements.map(({ lease }) => lease.id),
    )
    const seen = new Set<string>()
    // The second settlement of one lease comes too late.
    const first = settlements.filter(({ lease: { id } }) => !seen.has(id) && seen.add(id))
    const records = first.map(({ lease, attempt }) => sealedAttempt(sealer, lease.id, attempt))
    const consequences = first.map(({ consequence }) => consequence)
    const changed = await query<{ ord: string; key: string | null }>(
      sql.settle,
      [
        first.map(({ lease }) => lease.id),
        first.map(({ lease }) => lease.token),
        consequences.map(({ kind }) => (kind === 'retry' ? 'pending' : kind)),
        consequences.map((consequence) => (consequence.kind === 'retry' ? consequence.dueAt : null)),
        consequences.map((consequence) => (consequence.kind === 'retry' ? null : consequence.at)),
        consequences.map((consequence) => (consequence.kind === 'dead' ? consequence.reason : null)),
        first.map(({ attempt }) => attempt.n),
        records.map(({ sealed }) => Buffer.from(sealed)),
        records.map(({ kid }) => kid),
      ],
      client,
    )
    for (const key of new Set(changed.map((row) => row.key))) if (key !== null) await query(sql.unblock, [key], client)
    const recorded = new Set(changed.map(({ ord }) => first[Number(ord) - 1]))
    return settlements.map((settlement) => recorded.has(settlement))
  }

  async function change(client: PostgresConnection, id: string, how: OperatorChange, now: number): Promise<boolean> {
    const [row] = await query<Pick<DeliveryColumns, 'seq' | 'state' | 'ordering_key'>>(sql.lockOne, [id], client)
    if (row === undefined || !changeable[how].includes(row.state)) return false
    const { seq, ordering_key: key } = row
    switch (how) {
      case 'requeue':
        await query(sql.requeue, [key, seq, now], client)
        return true
      case 'reschedule':
        await query(sql.reschedule, [seq, now], client)
        return true
      case 'cancel':
        await query(sql.setState, [seq, 'cancelled', now], client)
        if (key !== null) await query(sql.unblock, [key], client)
        return true
      case 'hold':
      case 'resume':
        await query(sql.setState, [seq, how === 'hold' ? 'held' : 'pending', null], client)
        return true
    }
  }

  return {
    durable: true,
    leasesAtInsert: true,

    async insert(deliveries, leases) {
      await ready()
      return inTransaction(pool, (client) => insert(client, deliveries, leases))
    },

    async insertWithin(transaction, deliveries) {
      if (!isInTransaction(transaction)) {
        throw new TypeError('Expected the transaction to be a client of pg on which BEGIN was called but found something else.')
      }
      await ready()
      if (deliveries.some(({ orderingKey }) => orderingKey !== undefined)) {
        // With an older snapshot it would be put in the line as that was, not as it is: beside the first, or behind one that has left.
        const [found] = await query<{ level: string }>(sql.isolation, [], transaction)
        if (found?.level !== 'read committed') {
          throw new TypeError(
            `Expected a transaction with READ COMMITTED for an ordering key, found ${found?.level.toUpperCase()}.`,
          )
        }
      }
      return insert(transaction, deliveries)
    },

    async claim(claim) {
      await ready()
      // No transaction for a look that finds nothing.
      if ((await query(sql.isAnyDue, [claim.now])).length === 0) return []
      return inTransaction(pool, async (client) => {
        const chosen = await turns.choose(client, claim)
        if (chosen.length === 0) return []
        const rows = await query<DeliveryColumns>(sql.lease, [claim.token, claim.leaseUntil, chosen], client)
        const bySeq = new Map(rows.map((row) => [row.seq, row]))
        const inOrder = chosen.flatMap((seq) => bySeq.get(seq) ?? [])
        return leased(client, inOrder, claim)
      })
    },

    async claimExpired(claim) {
      await ready()
      const { token, leaseUntil, now, limit } = claim
      return inTransaction(pool, async (client) => {
        const rows = await query<DeliveryColumns>(sql.leaseExpired, [token, leaseUntil, now, limit], client)
        return leased(client, rows, claim)
      })
    },

    async settle(settlements) {
      await ready()
      return inTransaction(pool, (client) => settle(client, settlements))
    },

    async release(releases) {
      await ready()
      const rows = await query<{ ord: string }>(sql.release, [
        releases.map(({ lease }) => lease.id),
        releases.map(({ lease }) => lease.token),
        releases.map(({ dueAt }) => dueAt),
      ])
      const done = new Set(rows.map(({ ord }) => Number(ord) - 1))
      return releases.map((_, index) => done.has(index))
    },

    async change(ids, how, now) {
      await ready()
      return inTransaction(pool, async (client) => {
        await lockKeysOf(client, ids)
        const changed: string[] = []
        for (const id of ids) if (await change(client, id, how, now)) changed.push(id)
        return changed
      })
    },

    async get(id) {
      await ready()
      const [row] = await query<DeliveryColumns>(sql.byId, [id])
      if (row === undefined) return undefined
      const attempts = await query<{ n: number; content: Uint8Array }>(sql.attempts, [row.seq])
      return { delivery: deliveryOf(sealer, row), attempts: attempts.map((attempt) => attemptOf(sealer, id, attempt)) }
    },

    async list({ state = null, origin = null, limit, after = null }) {
      await ready()
      const rows = await query<DeliveryColumns>(sql.list, [after, state, origin, limit])
      return rows.map((row) => deliveryOf(sealer, row))
    },

    async purge({ deliveredBefore, othersBefore, limit }) {
      await ready()
      return (await pool.query(sql.purge, [deliveredBefore, othersBefore, limit])).rowCount ?? 0
    },

    async nextWakeAt() {
      await ready()
      const [next] = await query<{ due: number | null; lease: number | null }>(sql.nextWake)
      const instants = [next?.due, next?.lease].filter((at) => typeof at === 'number')
      return instants.length === 0 ? undefined : Math.min(...instants)
    },

    async stats() {
      await ready()
      const counts: Record<DeliveryState, number> = { pending: 0, leased: 0, delivered: 0, dead: 0, cancelled: 0, held: 0 }
      const rows = await query<{ state: DeliveryState; count: number; due: number }>(sql.stats)
      for (const { state, count } of rows) counts[state] = count
      const oldestDueAt = rows.find(({ state }) => state === 'pending')?.due
      return { counts, ...(oldestDueAt === undefined ? {} : { oldestDueAt }) }
    },

    async close() {},
  }
}

/** A pool takes another connection for every query; a newer `pg` also knows whether its client is in a transaction. */
function isInTransaction(transaction: unknown): transaction is PostgresConnection {
  if (typeof transaction !== 'object' || transaction === null || 'totalCount' in transaction) return false
  const { query, getTransactionStatus } = transaction as { readonly query?: unknown; readonly getTransactionStatus?: unknown }
  if (typeof getTransactionStatus === 'function' && getTransactionStatus.call(transaction) === 'I') return false
  return typeof query === 'function'
}

const changeable: Readonly<Record<OperatorChange, readonly string[]>> = {
  cancel: ['pending', 'held'],
  hold: ['pending'],
  resume: ['held'],
  requeue: ['delivered', 'dead', 'cancelled'],
  reschedule: ['pending'],
}

import {
  checkPostgres,
  inTransaction,
  type Keyring,
  migratePostgres,
  type PostgresConnection,
  type PostgresPool,
  postgresRunner,
  type Runner,
  type SqliteRow,
  sealerFor,
} from '../../storage/index.ts'
import { checkNames, type OptionRules } from '../../util/index.ts'
import type { DeliveryState } from '../delivery.ts'
import type { Claim, DeliveryStore, LeasedDelivery } from '../store.ts'
import { sqlClaimChecks } from './claim-checks.ts'
import { sqlDestinations } from './destinations.ts'
import { TurnByOrigin } from './postgres-claim.ts'
import { insert, insertWithin } from './postgres-insert.ts'
import { type Connections, query } from './postgres-lines.ts'
import { postgresMigrations, postgresQueries as sql } from './postgres-queries.ts'
import { changeAll, settle } from './postgres-settle.ts'
import { rotateKeys } from './rotate-keys.ts'
import { attemptsOf, deliveryOf } from './rows.ts'
import { selectDeliveries } from './select.ts'
import { storeOptionRules } from './store-option-rules.ts'

export interface PostgresStoreOptions {
  /** A `Pool` of the package `pg`. It stays the caller's: `close()` does not end it. */
  readonly pool: PostgresPool
  /** Makes and updates the tables before the first query; default true. `false`: rejects with `ERR_STORE_UNUSABLE` when they are not as they must be. */
  readonly migrate?: boolean
  /**
   * Seals requests, metadata, attempts and the secrets of destinations: the first key seals, any of them opens. Not sealed is what is
   * searched for: ids, origins, ordering keys, the names of callbacks and operations, the ids of destinations, instants and counts.
   * Default: everything is stored as it is.
   */
  readonly keyring?: Keyring
  /** Beside a keyring: what was stored before there was one is read as well, until `rotateKeys()` has sealed it. Default: it is refused. */
  readonly plaintext?: true
}

const optionRules: OptionRules<PostgresStoreOptions> = { pool: ['connect', 'a Pool of the package pg'], ...storeOptionRules }
const lockFree = ' FOR NO KEY UPDATE SKIP LOCKED'

/** Keeps deliveries in PostgreSQL, for any number of processes; `enqueue` can take part in the application's own transaction. */
export function postgresStore(options: PostgresStoreOptions): DeliveryStore {
  checkNames(options, optionRules, 'the options of postgresStore({ pool })', ['pool'])
  const { pool, migrate = true, keyring } = options
  const sealer = sealerFor(options)
  const turns = new TurnByOrigin()
  const direct = postgresRunner(pool)
  let migrating: Promise<void> | undefined
  let readsCommitted = false

  async function prepare(): Promise<void> {
    await (migrate ? migratePostgres : checkPostgres)(pool, 'dispatcher', postgresMigrations)
    readsCommitted = (await isolationOf(pool)) === 'read committed'
  }

  async function ready(): Promise<void> {
    migrating ??= prepare()
    try {
      await migrating
    } catch (error) {
      migrating = undefined
      throw error
    }
  }

  /** A statement alone is a transaction, where the database's default is what a transaction of ours would say. */
  const connections = (): Connections => ({ alone: readsCommitted ? pool : { query: queryInTransaction }, whole })
  const whole: Connections['whole'] = (work) => inTransaction(pool, work)
  const queryInTransaction: PostgresConnection['query'] = (text, values) => whole((client) => client.query(text, values))

  const runner: Runner = {
    async transaction(work) {
      await ready()
      return direct.transaction(work)
    },
    async read(work) {
      await ready()
      return direct.read(work)
    },
  }

  const leasesOf = (rows: readonly SqliteRow[], { token, leaseUntil }: Pick<Claim, 'token' | 'leaseUntil'>): LeasedDelivery[] =>
    rows.map((row) => ({ delivery: deliveryOf(sealer, row), lease: { id: String(row.id), token, until: leaseUntil } }))

  return {
    durable: true,
    leasesAtInsert: true,
    destinations: sqlDestinations({ runner, sealer, kid: keyring?.keys[0].kid ?? null, lockFree }),
    claimChecks: sqlClaimChecks({ runner, sealer, lockFree }),

    async insert(deliveries, leases) {
      await ready()
      return insert({ alone: pool, whole }, sealer, deliveries, leases)
    },

    async insertWithin(transaction, deliveries) {
      if (!isInTransaction(transaction)) {
        throw new TypeError('Expected the transaction to be a client of pg on which BEGIN was called but found something else.')
      }
      await ready()
      return insertWithin(transaction, sealer, deliveries)
    },

    async claim(claim) {
      await ready()
      return leasesOf(await turns.claim(connections(), claim), claim)
    },

    async claimExpired(claim) {
      await ready()
      const { token, leaseUntil, now, limit } = claim
      return leasesOf(await query<SqliteRow>(pool, sql.leaseExpired, [token, leaseUntil, now, limit]), claim)
    },

    async settle(settlements) {
      await ready()
      return settle(connections(), sealer, settlements)
    },

    async release(releases) {
      await ready()
      const rows = await query<{ ord: string }>(pool, sql.release, [
        releases.map(({ lease }) => lease.id),
        releases.map(({ lease }) => lease.token),
        releases.map(({ isHeld }) => (isHeld ? 'held' : 'pending')),
        releases.map(({ dueAt }) => dueAt),
      ])
      const done = new Set(rows.map(({ ord }) => Number(ord) - 1))
      return releases.map((_, index) => done.has(index))
    },

    async change(ids, how, now) {
      await ready()
      return inTransaction(pool, (client) => changeAll(client, ids, how, now))
    },

    async get(id) {
      await ready()
      const [row] = await query<SqliteRow>(pool, sql.byId, [id])
      if (row === undefined) return undefined
      const attempts = await query<SqliteRow>(pool, sql.attempts, [row.seq])
      return { delivery: deliveryOf(sealer, row), ...attemptsOf(sealer, id, attempts) }
    },

    async list(filter) {
      const rows = await runner.read(() => selectDeliveries(filter))
      return rows.map((row) => deliveryOf(sealer, row))
    },

    async purge({ deliveredBefore, othersBefore, limit }) {
      await ready()
      return (await pool.query(sql.purge, [deliveredBefore, othersBefore, limit])).rowCount ?? 0
    },

    rotateKeys: (rotation) => rotateKeys({ runner, sealer, keyring, lockFree }, rotation),

    async nextWakeAt() {
      await ready()
      const [next] = await query<{ due: number | null; lease: number | null }>(pool, sql.nextWake)
      const instants = [next?.due, next?.lease].filter((at) => typeof at === 'number')
      return instants.length === 0 ? undefined : Math.min(...instants)
    },

    async stats() {
      await ready()
      const counts: Record<DeliveryState, number> = { pending: 0, leased: 0, delivered: 0, dead: 0, cancelled: 0, held: 0 }
      const rows = await query<{ state: DeliveryState; count: number; due: number }>(pool, sql.stats)
      for (const { state, count } of rows) counts[state] = count
      const oldestDueAt = rows.find(({ state }) => state === 'pending')?.due
      return { counts, ...(oldestDueAt === undefined ? {} : { oldestDueAt }) }
    },

    async close() {},
  }
}

async function isolationOf(connection: PostgresConnection): Promise<string | undefined> {
  return (await query<{ level: string }>(connection, sql.isolation))[0]?.level
}

/** A pool takes another connection for every query; a newer `pg` also knows whether its client is in a transaction. */
function isInTransaction(transaction: unknown): transaction is PostgresConnection {
  if (typeof transaction !== 'object' || transaction === null || 'totalCount' in transaction) return false
  const { query, getTransactionStatus } = transaction as { readonly query?: unknown; readonly getTransactionStatus?: unknown }
  if (typeof getTransactionStatus === 'function' && getTransactionStatus.call(transaction) === 'I') return false
  return typeof query === 'function'
}

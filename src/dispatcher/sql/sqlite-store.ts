import {
  checkSqlite,
  type Keyring,
  migrateSqlite,
  openExistingSqlite,
  openSqlite,
  patient,
  type Sealer,
  type SqliteDatabase,
  type SqliteOptions,
  type SqliteRow,
  sealerFor,
  sqliteOptionRules,
  sqliteRunner,
} from '../../storage/index.ts'
import { checkNames, type OptionRules } from '../../util/index.ts'
import type { DeliveryState, Lease } from '../delivery.ts'
import { labelsOf } from '../delivery-filter.ts'
import type { Claim, DeliveryStore, LeasedDelivery, NewDelivery, OperatorChange, Settlement } from '../store.ts'
import { changeable } from './changeable.ts'
import { sqlClaimChecks } from './claim-checks.ts'
import { sqlDestinations } from './destinations.ts'
import { rotateKeys } from './rotate-keys.ts'
import { attemptsOf, deliveryOf, sealedAttempt, sealedDelivery } from './rows.ts'
import { selectDeliveries } from './select.ts'
import { TurnByOrigin } from './sqlite-claim.ts'
import { migrations, statements } from './sqlite-queries.ts'
import { storeOptionRules } from './store-option-rules.ts'

export interface SqliteStoreOptions extends SqliteOptions {
  /** Makes the file, and makes and updates its tables; default true. `false`: throws `ERR_STORE_UNUSABLE` when they are not there as they must be. */
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

const optionRules: OptionRules<SqliteStoreOptions> = { ...sqliteOptionRules, ...storeOptionRules }

/** Keeps deliveries in a SQLite file. Several processes may use the same file. */
export function sqliteStore(options: SqliteStoreOptions): DeliveryStore {
  checkNames(options, optionRules, 'the options of sqliteStore({ path })', ['path'])
  const sealer = sealerFor(options)
  const check = (database: SqliteDatabase): void => checkSqlite(database, 'dispatcher', migrations)
  const database = options.migrate === false ? openExistingSqlite(options, check) : openSqlite(options)
  try {
    if (options.migrate !== false) migrateSqlite(database, 'dispatcher', migrations)
    return storeOf(database, sealer, options.keyring)
  } catch (error) {
    database.close()
    throw error
  }
}

function storeOf(database: SqliteDatabase, sealer: Sealer, keyring: Keyring | undefined): DeliveryStore {
  const sql = statements(database)
  const turns = new TurnByOrigin(sql)
  const transact = patient(database)
  const runner = sqliteRunner(database, transact)
  const kid = keyring?.keys[0].kid ?? null

  const insert = (delivery: NewDelivery, atOnce: Lease | undefined): boolean => {
    const { id, origin, orderingKey: key = null, metadata, createdAt, dueAt } = delivery
    const blocked = key !== null && sql.isOrderingBusy.get([key]) !== undefined ? 1 : 0
    const state = atOnce === undefined ? 'pending' : 'leased'
    const record = sealedDelivery(sealer, delivery)
    const lease = [atOnce?.token ?? null, atOnce?.until ?? null]
    const labels = labelsOf(metadata)
    return (
      sql.insert.run([id, state, blocked, origin, key, ...labels, createdAt, dueAt, ...lease, record.kid, record.sealed]) === 1
    )
  }

  const lease = (seq: number, { token, leaseUntil }: Pick<Claim, 'token' | 'leaseUntil'>): LeasedDelivery => {
    const delivery = deliveryOf(sealer, sql.lease.get([token, leaseUntil, seq]) ?? {})
    return { delivery, lease: { id: delivery.id, token, until: leaseUntil } }
  }

  const unblockNext = (orderingKey: SqliteRow[string]): void => {
    if (orderingKey !== null) sql.unblock.run([orderingKey, orderingKey])
  }

  const settle = ({ lease: { id, token }, attempt, consequence, moved }: Settlement): boolean => {
    const state = consequence.kind === 'retry' ? 'pending' : consequence.kind
    const dueAt = consequence.kind === 'retry' ? consequence.dueAt : null
    const settledAt = consequence.kind === 'retry' ? null : consequence.at
    const reason = consequence.kind === 'dead' ? consequence.reason : null
    const row = sql.settle.get([state, dueAt, settledAt, reason, id, token])
    if (row === undefined) return false
    const record = sealedAttempt(sealer, id, attempt)
    sql.insertAttempt.run([row.seq ?? null, attempt.n, record.kid, record.sealed])
    if (moved !== undefined) {
      const there = sealedDelivery(sealer, moved)
      sql.move.run([moved.origin, there.kid, there.sealed, row.seq ?? null])
    }
    if (consequence.kind !== 'retry') unblockNext(row.ordering_key ?? null)
    return true
  }

  const change = (id: string, how: OperatorChange, now: number): boolean => {
    const row = sql.byId.get([id])
    if (row === undefined || !changeable[how].includes(String(row.state))) return false
    const seq = row.seq ?? null
    const key = row.ordering_key ?? null
    switch (how) {
      case 'requeue':
        sql.requeue.run([now, key !== null && sql.isOrderingBusy.get([key]) !== undefined ? 1 : 0, seq])
        return true
      case 'reschedule':
        sql.reschedule.run([now, seq])
        return true
      case 'forget':
        forget(seq)
        return true
      case 'cancel':
        sql.setState.run(['cancelled', now, seq])
        unblockNext(key)
        return true
      case 'hold':
      case 'resume':
        sql.setState.run([how === 'hold' ? 'held' : 'pending', null, seq])
        return true
    }
  }

  const forget = (seq: SqliteRow[string]): void => {
    sql.forgetAttempts.run([seq])
    sql.forget.run([seq])
  }

  return {
    durable: true,
    // Leases come with claims, which group deliveries for their commits: leasing one by one at insert halved the rate.
    leasesAtInsert: false,
    destinations: sqlDestinations({ runner, sealer, kid, lockFree: '' }),
    claimChecks: sqlClaimChecks({ runner, sealer, lockFree: '' }),
    insert: (deliveries, leases) => transact(() => deliveries.map((delivery, i) => insert(delivery, leases?.[i]))),
    async claim(claim) {
      // No write lock for a look that finds nothing.
      if (sql.due.get([claim.now, 1]) === undefined) return []
      return transact(() => turns.choose(claim).map((seq) => lease(seq, claim)))
    },
    async claimExpired(claim) {
      if (sql.expired.get([claim.now, 1]) === undefined) return []
      return transact(() => sql.expired.all([claim.now, claim.limit]).map(({ seq }) => lease(Number(seq), claim)))
    },
    settle: (settlements) => transact(() => settlements.map(settle)),
    release: (releases) =>
      transact(() =>
        releases.map(
          ({ lease: { id, token }, dueAt, isHeld }) => sql.release.run([isHeld ? 'held' : 'pending', dueAt, id, token]) === 1,
        ),
      ),
    change: (ids, how, now) => transact(() => ids.filter((id) => change(id, how, now))),
    async get(id) {
      const row = sql.byId.get([id])
      if (row === undefined) return undefined
      return { delivery: deliveryOf(sealer, row), ...attemptsOf(sealer, id, sql.attempts.all([row.seq ?? null])) }
    },
    async list(filter) {
      const rows = await runner.read(() => selectDeliveries(filter))
      return rows.map((row) => deliveryOf(sealer, row))
    },
    purge: ({ deliveredBefore, othersBefore, limit }) =>
      transact(() => {
        const old = sql.old.all([deliveredBefore, othersBefore, othersBefore, limit])
        for (const { seq = null } of old) forget(seq)
        return old.length
      }),
    rotateKeys: (options) => rotateKeys({ runner, sealer, keyring, lockFree: '' }, options),
    async nextWakeAt() {
      const next = [sql.nextDue.get([])?.at, sql.nextExpiry.get([])?.at].filter((at) => typeof at === 'number')
      return next.length === 0 ? undefined : Math.min(...next)
    },
    async stats() {
      const counts: Record<DeliveryState, number> = { pending: 0, leased: 0, delivered: 0, dead: 0, cancelled: 0, held: 0 }
      for (const { state, count } of sql.counts.all([])) counts[state as DeliveryState] = Number(count)
      const oldest = sql.oldestPending.get([])?.at
      return { counts, ...(typeof oldest === 'number' ? { oldestDueAt: oldest } : {}) }
    },
    async close() {
      database.close()
    },
  }
}

import {
  firstOf,
  listenPostgres,
  migratePostgres,
  type PostgresListener,
  type PostgresListenerClient,
  type PostgresPool,
  postgresRunner,
} from '../../storage/index.ts'
import { checkNames, type OptionRules, systemRandom } from '../../util/index.ts'
import type { ReceiverStore, StoreSignal } from '../store.ts'
import { postgres } from './dialect.ts'
import { sqlStore } from './sql-store.ts'
import { migrationsFor } from './tables.ts'

export interface PostgresStoreOptions {
  /** A `Pool` of the package `pg`. It stays the caller's: `stop()` does not end it. */
  readonly pool: PostgresPool
  /** Makes and updates the tables when the store starts; default true. */
  readonly migrate?: boolean
  /**
   * Makes the one connection that listens for other processes: a `Client` of `pg`, not connected. Give it where the pool goes through
   * pgbouncer, which cannot LISTEN. Default: a client with the pool's own options. `false`: polling alone.
   */
  readonly listener?: (() => PostgresListenerClient) | false
  /** How often the tables are asked in case a notice was lost, in milliseconds, a tenth more or less; default 2000. */
  readonly pollMs?: number
}

const channel = 'ringback_receiver'
const optionRules: OptionRules<PostgresStoreOptions> = {
  pool: ['connect', 'a Pool of the package pg'],
  migrate: 'boolean',
  listener: true,
  pollMs: true,
}

/** Endpoints and calls in PostgreSQL, for any number of processes. */
export function postgresStore(options: PostgresStoreOptions): ReceiverStore {
  checkNames(options, optionRules, 'the options of postgresStore({ pool })', ['pool'])
  const { pool, migrate = true, listener, pollMs = 2000 } = options
  const connect = listener === false ? undefined : (listener ?? clientLike(pool))
  let listening: PostgresListener | undefined

  return sqlStore({
    dialect: postgres,
    runner: postgresRunner(pool),
    async start({ look, hear }) {
      if (migrate) await migratePostgres(pool, 'receiver', migrationsFor(postgres))
      if (connect === undefined) return
      const onPayload = (payload: string): void => {
        const signal = signalOf(payload)
        if (signal !== undefined) hear(signal)
      }
      listening = listenPostgres({ connect, channel, onPayload, onListening: () => void look() })
    },
    async now() {
      const { rows } = await pool.query('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS now')
      return Number((rows[0] as { readonly now?: unknown } | undefined)?.now)
    },
    *announce(signals) {
      for (const signal of signals) yield* firstOf('SELECT pg_notify(?, ?)', [channel, JSON.stringify(signal)])
    },
    poll: { delayMs: () => pollMs * (0.9 + (0.2 * (systemRandom(1)[0] ?? 0)) / 255) },
    async stop() {
      await listening?.stop()
    },
  })
}

/** Anybody with the database's password can say anything on the channel. */
function signalOf(payload: string): StoreSignal | undefined {
  try {
    const signal: unknown = JSON.parse(payload)
    return typeof (signal as Partial<StoreSignal> | null)?.endpointId === 'string' ? (signal as StoreSignal) : undefined
  } catch {
    return undefined
  }
}

/** What `pg` keeps on its pools; another pool may not have it, and then there is polling. */
function clientLike(pool: PostgresPool): (() => PostgresListenerClient) | undefined {
  const { Client, options } = pool as {
    readonly Client?: new (options: unknown) => PostgresListenerClient
    readonly options?: unknown
  }
  return Client === undefined || options === undefined ? undefined : () => new Client(options)
}

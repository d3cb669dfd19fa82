import {
  firstOf,
  listenPostgres,
  migratePostgres,
  type PostgresListener,
  type PostgresListenerClient,
  type PostgresPool,
  postgresRunner,
} from '../../storage/index.ts'
import { systemRandom } from '../../util/index.ts'
import type { ReceiverStore, StoreSignal } from '../store.ts'
import { postgres } from './dialect.ts'
import { repeat } from './repeat.ts'
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

/** Endpoints and calls in PostgreSQL, for any number of processes. */
export function postgresStore({ pool, migrate = true, listener, pollMs = 2000 }: PostgresStoreOptions): ReceiverStore {
  const connect = listener === false ? undefined : (listener ?? clientLike(pool))
  let listening: PostgresListener | undefined
  let polling: { stop(): void } | undefined

  return sqlStore({
    dialect: postgres,
    runner: postgresRunner(pool),
    async start({ look, hear }) {
      if (migrate) await migratePostgres(pool, 'receiver', migrationsFor(postgres))
      polling = repeat(() => pollMs * (0.9 + (0.2 * (systemRandom(1)[0] ?? 0)) / 255), look)
      if (connect === undefined) return
      const onListening = (): void => void look().catch(() => {})
      listening = listenPostgres({
        connect,
        channel,
        onPayload: (payload) => hear(JSON.parse(payload) as StoreSignal),
        onListening,
      })
    },
    *announce(signals) {
      for (const signal of signals) yield* firstOf('SELECT pg_notify(?, ?)', [channel, JSON.stringify(signal)])
    },
    async stop() {
      polling?.stop()
      await listening?.stop()
    },
  })
}

/** What `pg` keeps on its pools; another pool may not have it, and then there is polling. */
function clientLike(pool: PostgresPool): (() => PostgresListenerClient) | undefined {
  const { Client, options } = pool as {
    readonly Client?: new (options: unknown) => PostgresListenerClient
    readonly options?: unknown
  }
  return Client === undefined || options === undefined ? undefined : () => new Client(options)
}

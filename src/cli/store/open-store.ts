import { type DeliveryStore, type Keyring, type PostgresPool, postgresStore, sqliteStore } from '../../dispatcher/index.ts'
import { isRingbackError, RingbackError } from '../../errors/index.ts'
import { messageOf } from '../../util/index.ts'
import type { CommandContext } from '../command.ts'
import { exitFailure, exitUnreadable, exitUsage } from '../exit-codes.ts'
import { printable } from '../render-explanation.ts'
import type { StoreAddress, StoreFlags } from './flags.ts'
import { readKeyring } from './keyring.ts'

/** Opens the store, works on it, closes it. What goes wrong becomes one line and an exit code. */
export async function onStore(
  flags: StoreFlags,
  context: CommandContext,
  work: (store: DeliveryStore) => Promise<void>,
): Promise<void> {
  const fail = (code: number, error: unknown): void => {
    context.stderr(`error: ${printable(messageOf(error))}\n`)
    context.exitWith(code)
  }
  let opened: OpenStore
  try {
    opened = await openStore(flags)
  } catch (error) {
    if (error instanceof TypeError) return fail(exitUsage, error)
    return fail(exitUnreadable, error)
  }
  try {
    await work(opened.store)
  } catch (error) {
    if (error instanceof TypeError) throw error
    fail(exitFailure, error)
  } finally {
    await opened.close()
  }
}

export interface OpenStore {
  readonly store: DeliveryStore
  close(): Promise<void>
}

/** `migrate`: make its tables, or bring them up to date. */
export async function openStore(
  { store: address, keys, plaintext }: StoreFlags,
  { migrate = false }: { readonly migrate?: boolean } = {},
): Promise<OpenStore> {
  const keyring = keyringOf(keys)
  if (plaintext === true && keyring === undefined) throw new TypeError('Expected a keyring beside --plaintext.')
  const options = {
    migrate,
    ...(keyring === undefined ? {} : { keyring }),
    ...(plaintext === true ? { plaintext } : {}),
  }
  return address.kind === 'sqlite' ? openSqlite(address, options) : openPostgres(address, options)
}

interface Opening {
  readonly migrate: boolean
  readonly keyring?: Keyring
  readonly plaintext?: true
}

function openSqlite({ path }: StoreAddress & { readonly kind: 'sqlite' }, options: Opening): OpenStore {
  const store = sqliteStore({ path, ...options })
  return { store, close: () => store.close() }
}

async function openPostgres({ url }: StoreAddress & { readonly kind: 'postgres' }, options: Opening): Promise<OpenStore> {
  const pool = await poolFor(url)
  const store = postgresStore({ pool, ...options })
  try {
    // Connects, and looks at the tables.
    await store.list({ limit: 0 })
  } catch (cause) {
    await pool.end()
    if (isRingbackError(cause)) throw cause
    throw new RingbackError('ERR_STORE_UNUSABLE', `Expected a store in PostgreSQL, but it cannot be used: ${messageOf(cause)}`, {
      cause,
    })
  }
  return { store, close: () => pool.end() }
}

type Pool = PostgresPool & { end(): Promise<void>; on(event: 'error', listener: () => void): unknown }

async function poolFor(connectionString: string): Promise<Pool> {
  let pg: typeof import('pg')
  try {
    pg = await import('pg')
  } catch {
    throw new RingbackError('ERR_STORE_UNUSABLE', 'Expected the package "pg" for a store in PostgreSQL: npm install pg')
  }
  const pool = new pg.default.Pool({ connectionString, max: 4, connectionTimeoutMillis: 10_000, application_name: 'ringback' })
  // A connection that is lost while nobody uses it: the next query says so.
  pool.on('error', () => {})
  return pool
}

/** Those of the flag go before those of the environment. */
export function keyringOf(keys: StoreFlags['keys']): StoreFlags['keys'] {
  const inEnvironment = process.env.RINGBACK_KEYS
  return keys ?? (inEnvironment === undefined || inEnvironment === '' ? undefined : readKeyring(inEnvironment))
}

import { isRingbackError } from '../../errors/index.ts'
import { firstOf, type Runner, rowsOf, type Sealer, type SqliteRow, type SqliteValue } from '../../storage/index.ts'
import { textOf, utf8 } from '../../util/index.ts'
import { canBe } from '../delivery-filter.ts'
import type { Destination, DestinationSecret, DestinationStore } from '../destination.ts'
import { placeOf } from './sealed-tables.ts'

export interface SqlDestinationsParts {
  /** Before the first query the tables are there. */
  readonly runner: Runner
  readonly sealer: Sealer
  /** The key that seals now. */
  readonly kid: string | null
  /** Behind a SELECT: rows that others have locked are passed over. */
  readonly lockFree: string
}

/** Keeps destinations beside the deliveries, in either database. Only their secrets are sealed. */
export function sqlDestinations({ runner, sealer, kid, lockFree }: SqlDestinationsParts): DestinationStore {
  /** One without secrets needs no key to be read. */
  const sealed = ({ id, secrets }: Destination): readonly SqliteValue[] =>
    secrets.length === 0 ? [null, kid] : [sealer.seal(utf8(JSON.stringify(secrets)), placeOf.destination(id)).sealed, kid]

  return {
    async insert(destination) {
      const row = await runner.read(() =>
        firstOf(
          `INSERT INTO ringback_destination (id, version, is_kept, changed_at, record, secrets, kid) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO NOTHING RETURNING id`,
          [destination.id, ...columns(destination), ...sealed(destination)],
        ),
      )
      return row !== undefined
    },
    async get(id) {
      if (!canBe(id)) return undefined
      const row = await runner.read(() => firstOf('SELECT * FROM ringback_destination WHERE id = ?', [id]))
      return row === undefined ? undefined : destinationOf(sealer, row)
    },
    async list({ limit, after }) {
      const rows = await runner.read(() =>
        rowsOf('SELECT * FROM ringback_destination WHERE id > ? ORDER BY id LIMIT ?', [after ?? '', limit]),
      )
      return rows.map((row) => destinationOf(sealer, row))
    },
    async update(destination) {
      const { id, version, unreadable } = destination
      const secrets = unreadable === undefined ? sealed(destination) : []
      const row = await runner.read(() =>
        firstOf(
          `UPDATE ringback_destination SET version = ?, is_kept = ?, changed_at = ?, record = ?${secrets.length === 0 ? '' : ', secrets = ?, kid = ?'}
            WHERE id = ? AND version = ? RETURNING id`,
          [...columns(destination), ...secrets, id, version - 1],
        ),
      )
      return row !== undefined
    },
    async purge({ changedBefore, limit }) {
      const forgotten = await runner.transaction(() =>
        rowsOf(
          `DELETE FROM ringback_destination WHERE id IN (
            SELECT id FROM ringback_destination WHERE is_kept = 0 AND changed_at < ? LIMIT ?${lockFree}) RETURNING id`,
          [changedBefore, limit],
        ),
      )
      return forgotten.length
    },
  }
}

function columns(destination: Destination): readonly [version: number, isKept: number, changedAt: number, record: string] {
  const { secrets, unreadable, ...record } = destination
  const isKept = secrets.length > 0 || unreadable !== undefined || record.disabled !== undefined
  return [destination.version, isKept ? 1 : 0, destination.changedAt, JSON.stringify(record)]
}

function destinationOf(sealer: Sealer, { id, record, secrets }: SqliteRow): Destination {
  const known = JSON.parse(String(record)) as Omit<Destination, 'secrets'>
  if (!(secrets instanceof Uint8Array)) return { ...known, secrets: [] }
  try {
    const text = textOf(sealer.open(secrets, placeOf.destination(String(id))))
    return { ...known, secrets: JSON.parse(text) as readonly DestinationSecret[] }
  } catch (error) {
    if (!isRingbackError(error)) throw error
    return { ...known, secrets: [], unreadable: { code: error.code, message: error.message } }
  }
}

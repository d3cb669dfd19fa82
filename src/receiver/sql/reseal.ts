import { rowsOf, type SqliteRow, type SqliteValue, type Steps } from '../../storage/index.ts'
import { placeOf } from '../places.ts'
import type { Reseal, ResealPage } from '../store.ts'
import type { Dialect } from './dialect.ts'

interface Table {
  readonly name: string
  /** The primary key, in its order. */
  readonly key: readonly string[]
  readonly first: readonly SqliteValue[]
  /** The sealed columns, and where each may be opened. */
  readonly fields: readonly (readonly [column: string, place: (row: SqliteRow) => string])[]
}

const tables: readonly Table[] = [
  { name: 'ringback_endpoint', key: ['id'], first: [''], fields: [['sealed', ({ id }) => placeOf.endpoint(String(id))]] },
  {
    name: 'ringback_call',
    key: ['endpoint_id', 'seq'],
    first: ['', 0],
    fields: [
      ['sealed', ({ endpoint_id, call_id }) => placeOf.call(String(endpoint_id), String(call_id))],
      ['reply', ({ endpoint_id, call_id }) => placeOf.reply(String(endpoint_id), String(call_id))],
    ],
  },
  {
    name: 'ringback_rejection',
    key: ['endpoint_id', 'n'],
    first: ['', 0],
    fields: [['sealed', ({ endpoint_id }) => placeOf.rejection(String(endpoint_id))]],
  },
]

/**
 * One page of one table, by its primary key, each row locked while it is sealed again. The mark is the table's number and the key of the
 * last row: pages go on behind rows that could not be opened.
 */
export function* reseal({ lock }: Dialect, notKid: string, after: string | null, limit: number, seal: Reseal): Steps<ResealPage> {
  const [number, ...from] = after === null ? [0] : (JSON.parse(after) as [number, ...SqliteValue[]])
  const table = tables[number]
  if (table === undefined) return { last: null, scanned: 0, rewritten: 0 }
  const { name, key, first, fields } = table
  const marks = key.map(() => '?').join(', ')
  const rows = yield* rowsOf(
    `SELECT * FROM ${name} WHERE (kid IS NULL OR kid <> ?) AND (${key.join(', ')}) > (${marks}) ORDER BY ${key.join(', ')} LIMIT ?${lock}`,
    [notKid, ...(from.length > 0 ? from : first), limit],
  )
  let rewritten = 0
  for (const row of rows) {
    const found = fields.map(([column, place]) => {
      const sealed = row[column]
      return { column, result: sealed instanceof Uint8Array ? seal(sealed, place(row)) : ('current' as const) }
    })
    // The kid stays what it is as long as anything of the row waits for its key.
    const isWhole = found.every(({ result }) => result !== 'unreadable')
    const changes: [column: string, value: SqliteValue][] = found.flatMap(({ column, result }) =>
      typeof result === 'object' ? [[column, result.sealed]] : [],
    )
    if (isWhole) changes.push(['kid', notKid])
    if (changes.length === 0) continue
    const settings = changes.map(([column]) => `${column} = ?`).join(', ')
    const where = key.map((column) => `${column} = ?`).join(' AND ')
    yield* rowsOf(`UPDATE ${name} SET ${settings} WHERE ${where}`, [
      ...changes.map(([, value]) => value),
      ...key.map((column) => row[column] ?? null),
    ])
    if (isWhole) rewritten++
  }
  const lastRow = rows.length < limit ? undefined : rows.at(-1)
  const mark = lastRow === undefined ? [number + 1] : [number, ...key.map((column) => lastRow[column] ?? null)]
  const isDone = lastRow === undefined && number + 1 === tables.length
  return { last: isDone ? null : JSON.stringify(mark), scanned: rows.length, rewritten }
}

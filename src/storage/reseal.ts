import type { SealedRecord } from './seal.ts'
import type { SqliteRow, SqliteValue } from './sqlite-driver.ts'
import { rowsOf, type Steps } from './steps.ts'

/** A table with a column `kid`, and columns that are sealed. */
export interface SealedTable {
  readonly name: string
  /** The primary key, in its order. */
  readonly key: readonly string[]
  /** Values before those of every row. */
  readonly first: readonly SqliteValue[]
  /** The sealed columns, and where each may be opened. */
  readonly fields: readonly (readonly [column: string, place: (row: SqliteRow) => string])[]
  /** More columns that the places need, as SQL. */
  readonly also?: string
}

/** `current`: under the first key already. `unreadable`: its key is missing, or it is broken; it stays as it is. */
export type Reseal = (sealed: Uint8Array, place: string) => SealedRecord | 'current' | 'unreadable'

export interface ResealPage {
  readonly last: string | null
  /** Rows that were looked at. */
  readonly scanned: number
  /** Rows that are now wholly under the key. */
  readonly rewritten: number
}

export interface ResealOptions {
  readonly tables: readonly SealedTable[]
  /** After the SELECT: nobody else changes the rows until the transaction is over. */
  readonly lock: string
  readonly notKid: string
  readonly after: string | null
  readonly limit: number
  readonly seal: Reseal
}

/**
 * One page of one table, by its primary key, each row locked while it is sealed again. The mark is the table's number and the key of the
 * last row: pages go on behind rows that could not be opened.
 */
export function* resealPage({ tables, lock, notKid, after, limit, seal }: ResealOptions): Steps<ResealPage> {
  const [number, ...from] = after === null ? [0] : (JSON.parse(after) as [number, ...SqliteValue[]])
  const table = tables[number]
  if (table === undefined) return { last: null, scanned: 0, rewritten: 0 }
  const { name, key, first, fields, also } = table
  const marks = key.map(() => '?').join(', ')
  const rows = yield* rowsOf(
    `SELECT *${also === undefined ? '' : `, ${also}`} FROM ${name} WHERE (kid IS NULL OR kid <> ?) AND (${key.join(', ')}) > (${marks}) ORDER BY ${key.join(', ')} LIMIT ?${lock}`,
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

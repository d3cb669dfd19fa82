import { rowsOf, type SqliteRow, type SqliteValue, type Steps } from '../../storage/index.ts'
import type { DeliveryFilter } from '../store.ts'

/** In the order of enqueueing, both databases. Only what is asked for stands in the text, so that an index can be used for it. */
export function* selectDeliveries(filter: DeliveryFilter): Steps<readonly SqliteRow[]> {
  const { ids, after, limit, newestFirst } = filter
  const [behind, direction] = newestFirst === true ? ['<', ' DESC'] : ['>', '']
  const conditions: (readonly [sql: string, value: SqliteValue | undefined])[] = [
    ['state = ?', filter.state],
    ['origin = ?', filter.origin],
    ['callback = ?', filter.callback],
    ['operation = ?', filter.operation],
    ['reason = ?', filter.reason],
    ['created_at >= ?', filter.createdFrom],
    ['created_at < ?', filter.createdBefore],
    ['settled_at < ?', filter.settledBefore],
    [`seq ${behind} (SELECT seq FROM ringback_delivery WHERE id = ?)`, after],
  ]
  const asked = conditions.flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, value }]))
  const where = asked.map(({ sql }) => sql)
  const values = asked.map(({ value }) => value)
  if (ids !== undefined) {
    if (ids.length === 0) return []
    where.push(`id IN (${ids.map(() => '?').join(', ')})`)
    values.push(...ids)
  }
  const text = `SELECT * FROM ringback_delivery${where.length === 0 ? '' : ` WHERE ${where.join(' AND ')}`} ORDER BY seq${direction} LIMIT ?`
  return yield* rowsOf(text, [...values, limit])
}

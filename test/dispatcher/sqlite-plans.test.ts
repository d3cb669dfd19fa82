import { expect, test } from 'vitest'
import { migrations, type QueryName, queries } from '../../src/dispatcher/sql/sqlite-queries.ts'
import { migrateSqlite, openSqlite } from '../../src/storage/index.ts'

// A query that loses its index goes through every delivery there is.
const PLANS: [name: QueryName, indexes: readonly string[]][] = [
  ['isOrderingBusy', ['ringback_delivery_order']],
  ['due', ['COVERING INDEX ringback_delivery_due']],
  ['nextOrigin', ['COVERING INDEX ringback_delivery_turn']],
  ['dueOfOrigin', ['COVERING INDEX ringback_delivery_turn']],
  ['expired', ['ringback_delivery_lease']],
  ['lease', ['INTEGER PRIMARY KEY']],
  ['byId', ['sqlite_autoindex_ringback_delivery_1']],
  ['settle', ['sqlite_autoindex_ringback_delivery_1']],
  ['release', ['sqlite_autoindex_ringback_delivery_1']],
  ['unblock', ['INTEGER PRIMARY KEY', 'ringback_delivery_order']],
  ['attempts', ['PRIMARY KEY']],
  ['old', ['ringback_delivery_settled']],
  ['forgetAttempts', ['PRIMARY KEY']],
  ['nextDue', ['COVERING INDEX ringback_delivery_due']],
  ['nextExpiry', ['COVERING INDEX ringback_delivery_lease']],
]

const database = openSqlite({ path: ':memory:' })
migrateSqlite(database, 'dispatcher', migrations)

test.each(PLANS)('%s uses %j', (name, indexes) => {
  const text = queries[name]
  const values = Array.from({ length: text.split('?').length - 1 }, () => null)
  const plan = database.prepare(`EXPLAIN QUERY PLAN ${text}`).all(values)
  const details = plan.map(({ detail }) => String(detail)).join('\n')
  for (const index of indexes) expect(details).toContain(index)
  expect(details).not.toMatch(/^SCAN|TEMP B-TREE/m)
})

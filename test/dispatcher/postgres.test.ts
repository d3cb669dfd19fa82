import { createHash } from 'node:crypto'
import type { PoolClient } from 'pg'
import {
  type Claim,
  createDispatcher,
  type DeliveryStore,
  memoryStore,
  postgresStore,
  publicInternet,
  retrySchedule,
} from 'ringback/dispatcher'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { postgresMigrations, postgresQueries } from '../../src/dispatcher/sql/postgres-queries.ts'
import { newDelivery } from '../../src/testing/store-contract/bench.ts'
import { type TestSchema, testSchemas } from '../support/postgres-schema.ts'
import { fakeTransport, testReceiver } from './support.ts'

const schemas = testSchemas()
const opened: TestSchema[] = []
afterEach(async () => {
  for (const schema of opened.splice(0)) await schema.close()
})
afterAll(() => schemas.drop())

const schemaOf = async (): Promise<TestSchema> => {
  const schema = await schemas.open()
  opened.push(schema)
  return schema
}
const t0 = newDelivery('a').dueAt
const claimOf = (token: string, changes: Partial<Claim> = {}): Claim => ({
  now: t0,
  limit: 10,
  perOrigin: 1000,
  taken: new Map(),
  token,
  leaseUntil: t0 + 1000,
  ...changes,
})
const settled = (leases: Awaited<ReturnType<DeliveryStore['claim']>>): Parameters<DeliveryStore['settle']>[0] =>
  leases.map(({ delivery, lease }) => ({
    lease,
    attempt: {
      n: delivery.attempts + 1,
      startedAt: t0,
      phase: 'body',
      sent: 'yes',
      outcome: { kind: 'response', status: 200, headers: {}, body: new Uint8Array(0) },
      reusedConnection: false,
      timings: { total: 1 },
    },
    consequence: { kind: 'delivered', at: t0 },
  }))

describe('in the transaction of the application', () => {
  async function inOne(schema: TestSchema, work: (client: PoolClient) => Promise<void>): Promise<void> {
    const client = await schema.pool.connect()
    try {
      await client.query('BEGIN')
      await work(client)
    } finally {
      client.release()
    }
  }
  const request = { id: 'order-1', method: 'POST', url: 'https://a.example/cb', headers: {}, body: new Uint8Array([1]) }

  test('a delivery is there when it commits, and never was when it rolls back', async () => {
    const schema = await schemaOf()
    const store = postgresStore({ pool: schema.pool })
    const dispatcher = createDispatcher({ store })
    await schema.pool.query('CREATE TABLE orders (id text)')
    await inOne(schema, async (client) => {
      await client.query(`INSERT INTO orders VALUES ('1')`)
      expect(await dispatcher.enqueue(request, { transaction: client })).toEqual({ id: 'order-1', isNew: true })
      expect(await store.get('order-1')).toBeUndefined()
      expect(await store.claim(claimOf('t', { now: Date.now() + 1e6 }))).toEqual([])
      await client.query('ROLLBACK')
    })
    expect([await store.get('order-1'), (await schema.pool.query('SELECT * FROM orders')).rows]).toEqual([undefined, []])
    await inOne(schema, async (client) => {
      await client.query(`INSERT INTO orders VALUES ('1')`)
      await dispatcher.enqueue(request, { transaction: client, orderingKey: 'k' })
      expect(await dispatcher.enqueue(request, { transaction: client })).toEqual({ id: 'order-1', isNew: false })
      await client.query('COMMIT')
    })
    expect(await store.get('order-1')).toMatchObject({ delivery: { state: 'pending', orderingKey: 'k', request } })
    await dispatcher.stop()
  })

  test('several at once are there together, or not at all', async () => {
    const schema = await schemaOf()
    const store = postgresStore({ pool: schema.pool })
    const dispatcher = createDispatcher({ store })
    const requests = ['a', 'b', 'a'].map((id) => ({ ...request, id }))
    await inOne(schema, async (client) => {
      expect((await dispatcher.enqueueAll(requests, { transaction: client })).map(({ isNew }) => isNew)).toEqual([
        true,
        true,
        false,
      ])
      await client.query('ROLLBACK')
    })
    expect(await store.list({ limit: 9 })).toEqual([])
    const bad = [...requests, { ...request, id: 'with.dot' }]
    await expect(dispatcher.enqueueAll(bad)).rejects.toThrow(TypeError)
    expect(await dispatcher.enqueueAll([])).toEqual([])
    const first = dispatcher.enqueue({ ...request, id: 'first' }, { orderingKey: 'k' })
    expect(await dispatcher.enqueueAll(requests, { orderingKey: 'k' })).toEqual([
      { id: 'a', isNew: true },
      { id: 'b', isNew: true },
      { id: 'a', isNew: false },
    ])
    expect(await first).toEqual({ id: 'first', isNew: true })
    expect((await store.list({ limit: 9 })).map(({ id }) => id)).toEqual(['first', 'a', 'b'])
  })

  test('what is no transaction, or a store without them, is a mistake', async () => {
    const schema = await schemaOf()
    const withIt = createDispatcher({ store: postgresStore({ pool: schema.pool }) })
    const idle = await schema.pool.connect()
    for (const transaction of [null, 1, {}, 'BEGIN', schema.pool, idle])
      await expect(withIt.enqueue(request, { transaction })).rejects.toThrow(TypeError)
    idle.release()
    const without = createDispatcher({ store: memoryStore() })
    await expect(without.enqueue(request, { transaction: schema.pool })).rejects.toThrow(/postgresStore/)
    expect(await withIt.get('order-1')).toBeUndefined()
  })

  test.each(['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'])(
    'one with an ordering key joins the line as it is after the COMMIT, under %s',
    async (level) => {
      const schema = await schemaOf()
      const store = postgresStore({ pool: schema.pool })
      await store.insert([newDelivery('first', { orderingKey: 'k' })])
      const [first] = await store.claim(claimOf('a'))
      await inOne(schema, async (client) => {
        await client.query(`SET TRANSACTION ISOLATION LEVEL ${level}`)
        expect(await store.insertWithin?.(client, [newDelivery('free'), newDelivery('second', { orderingKey: 'k' })])).toEqual([
          true,
          true,
        ])
        expect(await store.settle(settled(first === undefined ? [] : [first]))).toEqual([true])
        await client.query('COMMIT')
      })
      expect((await store.claim(claimOf('b'))).map(({ lease }) => lease.id).sort()).toEqual(['free', 'second'])
      expect((await schema.pool.query('SELECT * FROM ringback_joined')).rows).toEqual([])
    },
  )

  test('as long as it is open, it holds up nobody: not its key, not what is under way, not other deliveries', async () => {
    const schema = await schemaOf()
    const store = postgresStore({ pool: schema.pool })
    const ids = async (token: string): Promise<string[]> => (await store.claim(claimOf(token))).map(({ lease }) => lease.id)
    const inLine = (...names: string[]) => names.map((name) => newDelivery(name, { orderingKey: 'k' }))
    await store.insert([...inLine('a'), newDelivery('free')])
    const under = await store.claim(claimOf('a'))
    await inOne(schema, async (client) => {
      await store.insertWithin?.(client, inLine('within-1', 'within-2'))
      await client.query('SAVEPOINT before')
      await store.insertWithin?.(client, inLine('never'))
      await client.query('ROLLBACK TO before')
      expect(await store.settle(settled(under))).toEqual([true, true])
      expect(await store.insert([...inLine('b', 'c', 'd'), newDelivery('free-2')])).toEqual([true, true, true, true])
      expect(await store.change(['c'], 'cancel', t0)).toEqual(['c'])
      expect((await ids('b')).sort()).toEqual(['b', 'free-2'])
      await client.query('COMMIT')
    })
    // In the order of enqueueing again, behind what has gone meanwhile.
    expect(await ids('c')).toEqual([])
    const order: string[] = []
    for (let n = 0; n < 4; n++) {
      const [next] =
        n === 0
          ? await store.claimExpired({ now: t0 + 1000, limit: 1, token: 'x', leaseUntil: t0 + 2000 })
          : await store.claim(claimOf(`d${n}`))
      order.push(next?.delivery.id ?? 'nobody')
      await store.settle(settled(next === undefined ? [] : [next]))
    }
    expect(order).toEqual(['b', 'within-1', 'within-2', 'd'])
  })

  test('lines that many transactions have joined are all let go by the next claim, however full it is', async () => {
    const schema = await schemaOf()
    const store = postgresStore({ pool: schema.pool })
    await store.insert([newDelivery('free')])
    const keys = Array.from({ length: 1200 }, (_, i) => `k${i}`)
    await inOne(schema, async (client) => {
      await store.insertWithin?.(
        client,
        keys.flatMap((orderingKey) => ['a', 'b'].map((n) => newDelivery(`${orderingKey}-${n}`, { orderingKey }))),
      )
      await client.query('COMMIT')
    })
    expect(await store.claim(claimOf('a', { limit: 1 }))).toHaveLength(1)
    expect((await store.claim(claimOf('b', { limit: 5000, perOrigin: 5000 }))).map(({ lease }) => lease.id)).toEqual(
      keys.map((key) => `${key}-a`),
    )
  })

  test('a dispatcher delivers while a transaction with an ordering key is open, and what was in it after the COMMIT', async () => {
    const schema = await schemaOf()
    const transport = fakeTransport()
    const dispatcher = createDispatcher({ store: postgresStore({ pool: schema.pool }), transport, pollMs: 20 })
    const stateOf = async (id: string) => (await dispatcher.get(id))?.delivery.state
    dispatcher.start()
    await inOne(schema, async (client) => {
      await dispatcher.enqueue({ ...request, id: 'within' }, { transaction: client, orderingKey: 'k' })
      await Promise.all([
        dispatcher.enqueue({ ...request, id: 'same-key' }, { orderingKey: 'k' }),
        dispatcher.enqueue({ ...request, id: 'free' }),
      ])
      await expect
        .poll(() => Promise.all(['same-key', 'free'].map(stateOf)), { timeout: 10_000 })
        .toEqual(['delivered', 'delivered'])
      await client.query('COMMIT')
    })
    await expect.poll(() => stateOf('within'), { timeout: 10_000 }).toBe('delivered')
    await dispatcher.stop()
  })
})

test('the longest ordering key and the longest origin fit into their indexes', async () => {
  const { pool } = await schemaOf()
  const dispatcher = createDispatcher({ store: postgresStore({ pool }) })
  // Nothing that could be compressed; three bytes each.
  const orderingKey = String.fromCharCode(...Array.from({ length: 500 }, (_, i) => 0x4e00 + ((i * 7919) % 20_000)))
  const name = createHash('shake256', { outputLength: 5000 }).update('a').digest('hex')
  const request = { id: 'a', method: 'POST', url: `https://${name}.example/cb`, headers: {} }
  expect(await dispatcher.enqueue(request, { orderingKey })).toEqual({ id: 'a', isNew: true })
  expect((await dispatcher.get('a'))?.delivery).toMatchObject({ orderingKey, request, origin: 'null' })
})

describe('several stores on one database', () => {
  test('claims at once give every delivery to one of them', async () => {
    const schema = await schemaOf()
    const stores = Array.from({ length: 4 }, () => postgresStore({ pool: schema.pool }))
    const [first] = stores
    await first?.insert(Array.from({ length: 500 }, (_, i) => newDelivery(`d${i}`, { origin: `https://o${i % 7}.example` })))
    const got: string[] = []
    await Promise.all(
      stores.map(async (store, s) => {
        // One that finds everything in other hands asks again.
        for (let n = 0; got.length < 500; n++) {
          const leases = await store.claim(claimOf(`s${s}-${n}`, { limit: 16 }))
          got.push(...leases.map(({ lease }) => lease.id))
          expect(await store.settle(settled(leases))).toEqual(leases.map(() => true))
        }
      }),
    )
    expect(got).toHaveLength(500)
    expect(new Set(got).size).toBe(500)
    expect((await first?.stats())?.counts.delivered).toBe(500)
  })

  test('with ordering keys under way from all sides, nobody is passed, nobody is forgotten, nothing deadlocks', async () => {
    const schema = await schemaOf()
    const stores = Array.from({ length: 3 }, () => postgresStore({ pool: schema.pool }))
    const keys = ['k0', 'k1', 'k2', 'k3']
    const arrived = new Map<string, string[]>(keys.map((key) => [key, []]))
    const busy = new Set<string>()
    let count = 0
    await Promise.all([
      ...stores.map(async (store, s) => {
        for (let n = 0; n < 20; n++) {
          const rows = keys.map((_, i) => keys[(i + s + n) % keys.length] ?? '')
          await store.insert(rows.map((orderingKey) => newDelivery(`${orderingKey}-${s}-${n}`, { orderingKey })))
        }
      }),
      ...stores.map(async (store, s) => {
        for (let n = 0; count < 3 * 20 * 4; n++) {
          const leases = await store.claim(claimOf(`c${s}-${n}`))
          for (const { delivery } of leases) {
            expect(busy.has(delivery.orderingKey ?? '')).toBe(false)
            busy.add(delivery.orderingKey ?? '')
            arrived.get(delivery.orderingKey ?? '')?.push(delivery.id)
          }
          await new Promise<void>((resolve) => setImmediate(resolve))
          for (const { delivery } of leases) busy.delete(delivery.orderingKey ?? '')
          expect(await store.settle(settled(leases))).toEqual(leases.map(() => true))
          count += leases.length
        }
      }),
    ])
    // Which of two that are stored at the same time is the first, nobody can say: each of those who store sees its own in its order.
    for (const [key, ids] of arrived) {
      expect(ids).toHaveLength(60)
      for (const s of stores.keys()) {
        const own = Array.from({ length: 20 }, (_, n) => `${key}-${s}-${n}`)
        expect(ids.filter((id) => id.startsWith(`${key}-${s}-`))).toEqual(own)
      }
    }
    expect((await stores[0]?.stats())?.counts).toMatchObject({ delivered: 240, pending: 0, leased: 0 })
  }, 60_000)

  test('that start at once make the tables once', async () => {
    const schema = await schemaOf()
    const stores = Array.from({ length: 6 }, () => postgresStore({ pool: schema.pool }))
    expect(await Promise.all(stores.map((store, i) => store.insert([newDelivery(`d${i}`)])))).toEqual(stores.map(() => [true]))
    const { rows } = await schema.pool.query('SELECT * FROM ringback_migration')
    expect(rows).toEqual([{ component: 'dispatcher', version: postgresMigrations.length }])
    await schema.pool.query('UPDATE ringback_migration SET version = 99')
    await expect(postgresStore({ pool: schema.pool }).stats()).rejects.toThrow(/later ringback/)
  })

  test('deliver through two dispatchers, each once', async () => {
    const schema = await schemaOf()
    const arrivals: string[] = []
    const receiver = await testReceiver((response, _, request) => {
      arrivals.push(String(request.headers['webhook-id']))
      response.writeHead(204).end()
    })
    const policy = publicInternet({ devLoopback: true })
    const dispatchers = [0, 1].map(() =>
      createDispatcher({
        store: postgresStore({ pool: schema.pool }),
        policy,
        pollMs: 20,
        retry: retrySchedule([0, '1s']),
      }),
    )
    for (const dispatcher of dispatchers) dispatcher.start()
    const ids = Array.from({ length: 100 }, (_, i) => `d${i}`)
    await Promise.all(
      ids.map((id, i) =>
        dispatchers[i % 2]?.enqueue({ id, method: 'POST', url: `${receiver.url}/cb`, headers: {}, body: new Uint8Array([1]) }),
      ),
    )
    await expect.poll(async () => (await dispatchers[0]?.stats())?.counts.delivered, { timeout: 15_000 }).toBe(100)
    for (const dispatcher of dispatchers) await dispatcher.stop()
    await receiver.close()
    expect(arrivals.sort()).toEqual(ids.sort())
  })
})

test('a claim walks along its index, past what was due before, although nobody has vacuumed or analyzed', async () => {
  const { pool } = await schemaOf()
  const store = postgresStore({ pool })
  for (let n = 0; n < 20; n++) {
    await store.insert(Array.from({ length: 50 }, (_, i) => newDelivery(`d${n}-${i}`)))
    await store.settle(settled(await store.claim(claimOf(`c${n}`, { limit: 50 }))))
  }
  const { rows } = await pool.query<Record<'QUERY PLAN', string>>(`EXPLAIN ${postgresQueries.claim}`, claimValues)
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
  expect(plan).toContain('Index Scan using ringback_delivery_due')
  expect(plan).not.toContain('Bitmap')
})

const claimValues = [1_000_000, 400, 100, 100, ['o'], [1], 't', 1]

// A query that loses its index goes through every delivery there is.
const PLANS: [name: keyof typeof postgresQueries, values: unknown[], indexes: readonly string[]][] = [
  ['claim', claimValues, ['ringback_delivery_due', 'ringback_delivery_pkey', 'ringback_joined_pkey']],
  ['dueByOrigin', ['', 1, 10, 4, [], []], ['ringback_delivery_turn']],
  ['lease', ['t', 1, [1, 2]], ['ringback_delivery_pkey']],
  ['leaseExpired', ['t', 1, 1, 10], ['ringback_delivery_lease']],
  ['release', [['a'], ['t'], ['held'], [1]], ['ringback_delivery']],
  ['settle', [['a'], ['t'], ['pending'], [1], [null], [null], [1], [Buffer.of(1)], [null], false], ['ringback_delivery']],
  ['unblock', [['k', 'l']], ['ringback_delivery_order', 'ringback_delivery_pkey']],
  ['nextWake', [], ['ringback_delivery_due', 'ringback_delivery_lease']],
  ['attempts', [1], ['ringback_attempt_pkey']],
]

test('every query on the way of a delivery uses its index', async () => {
  const { pool } = await schemaOf()
  const store = postgresStore({ pool })
  for (let n = 0; n < 5; n++) {
    await store.insert(
      Array.from({ length: 1000 }, (_, i) => newDelivery(`d${n}-${i}`, { origin: `https://o${i % 50}.example` })),
    )
  }
  await pool.query(`UPDATE ringback_delivery SET state = 'delivered', settled_at = 1 WHERE seq > 200`)
  await pool.query(`INSERT INTO ringback_attempt SELECT seq, 1, content, kid FROM ringback_delivery`)
  await pool.query('VACUUM ANALYZE ringback_delivery, ringback_attempt')
  for (const [name, values, indexes] of PLANS) {
    const { rows } = await pool.query<Record<'QUERY PLAN', string>>(`EXPLAIN ${postgresQueries[name]}`, values)
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
    for (const index of indexes) expect(plan, name).toContain(index)
    expect(plan, name).not.toMatch(/Seq Scan on ringback/)
  }
})

import { createReceiver, type PostgresStoreOptions, postgresStore, type Receiver } from 'ringback/receiver'
import { afterAll, afterEach, expect, test } from 'vitest'
import { type TestSchema, testSchemas } from '../support/postgres-schema.ts'
import { requestOf } from './support.ts'

const schemas = testSchemas()
const opened: TestSchema[] = []
const receivers: Receiver[] = []
afterEach(async () => {
  for (const receiver of receivers.splice(0)) await receiver[Symbol.asyncDispose]()
  for (const schema of opened.splice(0)) await schema.close()
})
afterAll(() => schemas.drop())

const schemaOf = async (): Promise<TestSchema> => {
  const schema = await schemas.open()
  opened.push(schema)
  return schema
}
/** Each with a store of its own: what one does the other must hear of. */
const receiverOn = ({ pool }: TestSchema, options: Partial<PostgresStoreOptions> = {}): Receiver => {
  const store = postgresStore({ pool, ...options })
  const receiver = createReceiver({ baseUrl: 'https://hooks.example.org', store, plaintext: true })
  receivers.push(receiver)
  return receiver
}
const post = async (receiver: Receiver, url: string, body: unknown): Promise<number> =>
  (await receiver.handle(requestOf(url, { body }))).status

const never = 3_600_000
const listeners = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`

async function waitsFor(receiver: Receiver, id: string, n: number): Promise<void> {
  await expect.poll(async () => (await (await receiver.open(id)).status()).waiters).toBe(n)
}

test('O-62 a call in another process wakes a wait by notice alone, and by polling alone', async () => {
  const schema = await schemaOf()
  const sender = receiverOn(schema, { listener: false, pollMs: never })
  const readers = [receiverOn(schema, { pollMs: never }), receiverOn(schema, { listener: false, pollMs: 50 })]
  const cb = await sender.create()
  for (const [i, reader] of readers.entries()) {
    const wait = (await reader.open(cb.id)).next({ timeout: '9s' })
    await waitsFor(reader, cb.id, 1)
    expect(await post(sender, cb.url, i)).toBe(200)
    expect((await wait).body).toBe(i)
  }
})

test('O-62 when the listening connection is terminated, a call still wakes the wait, and listening begins again', async () => {
  const schema = await schemaOf()
  const reader = receiverOn(schema, { pollMs: 100 })
  const sender = receiverOn(schema, { listener: false, pollMs: never })
  const cb = await sender.create()
  const endpoint = await reader.open(cb.id)
  const pids = async (): Promise<number[]> => (await schema.pool.query<{ pid: number }>(listeners)).rows.map(({ pid }) => pid)
  await expect.poll(async () => (await pids()).length).toBe(1)
  const [pid = 0] = await pids()

  const wait = endpoint.next({ timeout: '9s' })
  await waitsFor(reader, cb.id, 1)
  await schema.pool.query('SELECT pg_terminate_backend($1)', [pid])
  expect(await post(sender, cb.url, { heard: false })).toBe(200)
  expect((await wait).body).toEqual({ heard: false })
  await expect.poll(pids, { timeout: 10_000 }).not.toContain(pid)
  await expect.poll(async () => (await pids()).length, { timeout: 10_000 }).toBe(1)
})

test('O-62 what was said while nobody listened is seen when listening begins again', async () => {
  const schema = await schemaOf()
  const reader = receiverOn(schema, { pollMs: never })
  const sender = receiverOn(schema, { listener: false, pollMs: never })
  const cb = await sender.create()
  const wait = (await reader.open(cb.id)).next({ timeout: '9s' })
  await waitsFor(reader, cb.id, 1)
  await expect.poll(async () => (await schema.pool.query(listeners)).rows.length).toBe(1)
  await schema.pool.query(`SELECT pg_terminate_backend(pid) FROM (${listeners}) AS listening`)
  await post(sender, cb.url, { when: 'between' })
  expect((await wait).body).toEqual({ when: 'between' })
})

test('O-35 ten waits on a cold pool get their calls in the order in which they were called', async () => {
  const receiver = receiverOn(await schemaOf())
  const cb = await receiver.create()
  const waits = Array.from({ length: 10 }, () => cb.next({ timeout: '9s' }))
  await waitsFor(receiver, cb.id, 10)
  for (let i = 0; i < 10; i++) await post(receiver, cb.url, i)
  expect((await Promise.all(waits)).map(({ body }) => body)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})

test('O-33 posts at the edge of a timeout: delivered, or kept', async () => {
  const schema = await schemaOf()
  const [reader, sender] = [receiverOn(schema), receiverOn(schema)]
  const outcomes: unknown[] = []
  for (let round = 0; round < 50; round++) {
    const cb = await sender.create({ slots: 1 })
    const endpoint = await reader.open(cb.id)
    const [call, status] = await Promise.all([
      endpoint.next({ timeout: round % 10 }).catch(() => undefined),
      post(sender, cb.url, round),
    ])
    outcomes.push([status, (await endpoint.status()).stored + (call === undefined ? 0 : 1)])
  }
  expect(outcomes).toEqual(Array.from({ length: 50 }, () => [200, 1]))
})

test('O-58 keys rotate while calls arrive', async () => {
  const schema = await schemaOf()
  const key = (kid: string, byte: number): { kid: string; key: Uint8Array } => ({ kid, key: new Uint8Array(32).fill(byte) })
  const [k1, k2] = [key('k1', 1), key('k2', 2)]
  const of = (keyring: Parameters<typeof createReceiver>[0]['keyring'] & object): Receiver => {
    const receiver = createReceiver({
      baseUrl: 'https://hooks.example.org',
      store: postgresStore({ pool: schema.pool }),
      keyring,
    })
    receivers.push(receiver)
    return receiver
  }
  const [before, after] = [of({ keys: [k1] }), of({ keys: [k2, k1] })]
  const cb = await before.create({ slots: 1000 })
  const range = Array.from({ length: 100 }, (_, i) => i)
  await Promise.all(range.map((n) => post(before, cb.url, n)))
  const [statuses, rotation] = await Promise.all([
    Promise.all(range.map((n) => post(after, cb.url, 100 + n))),
    after.rotateKeys({ batch: 10 }),
  ])
  expect(new Set(statuses)).toEqual(new Set([200]))
  expect(rotation).toEqual({ scanned: 101, rewritten: 101, missingKids: [], broken: 0 })
  const calls = await (await of({ keys: [k2] }).open(cb.id)).calls()
  expect(calls.map(({ body }) => Number(body)).sort((x, y) => x - y)).toEqual(Array.from({ length: 200 }, (_, n) => n))
})

test('a store that cannot be reached is a 500 that says nothing, and works again afterwards', async () => {
  const schema = await schemaOf()
  const receiver = receiverOn(schema)
  const cb = await receiver.create()
  // A transaction under way is cut off in the middle.
  const held = await schema.pool.connect()
  held.on('error', () => {})
  await held.query('BEGIN')
  await held.query('LOCK TABLE ringback_endpoint IN ACCESS EXCLUSIVE MODE')
  const answer = receiver.handle(requestOf(cb.url, { body: 1 }))
  await expect
    .poll(async () => {
      const { rows } = await schema.pool.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      )
      for (const { pid } of rows) await schema.pool.query('SELECT pg_terminate_backend($1)', [pid])
      return rows.length
    })
    .toBeGreaterThan(0)
  const response = await answer
  expect([response.status, response.headers.get('retry-after')]).toEqual([500, '5'])
  expect(await response.text()).not.toMatch(/terminat|postgres|connection/i)
  await held.query('ROLLBACK')
  held.release()
  expect(await post(receiver, cb.url, 2)).toBe(200)
})

test('O-62 what is no notice of ours is not believed, and breaks nothing', async () => {
  const schema = await schemaOf()
  const reader = receiverOn(schema, { pollMs: never })
  const sender = receiverOn(schema, { listener: false, pollMs: never })
  const cb = await sender.create()
  const wait = (await reader.open(cb.id)).next({ timeout: '9s', waiter: 'é'.repeat(500) })
  await waitsFor(reader, cb.id, 1)
  await expect.poll(async () => (await schema.pool.query(listeners)).rows.length).toBe(1)
  for (const payload of ['', 'null', '{', '[]', '{"endpointId":1}', JSON.stringify({ endpointId: cb.id, ended: true })]) {
    await schema.pool.query('SELECT pg_notify($1, $2)', ['ringback_receiver', payload])
  }
  expect(await post(sender, cb.url, 1)).toBe(200)
  expect((await wait).body).toBe(1)
})

test('names that no index can hold are a mistake of the caller', async () => {
  const receiver = receiverOn(await schemaOf())
  const cb = await receiver.create({ idempotencyKey: '\u{1f680}'.repeat(250) })
  for (const name of ['x'.repeat(501), 'a\0b']) {
    await expect(receiver.create({ idempotencyKey: name })).rejects.toThrow(TypeError)
    await expect(cb.next({ waiter: name })).rejects.toThrow(TypeError)
  }
  await expect(cb.cancel('a\0b')).rejects.toThrow(TypeError)
  expect((await cb.status()).state).toBe('open')
})

test('a database that is not there when the receiver starts may come later', async () => {
  const schema = await schemaOf()
  let away = true
  const pool = {
    query: (text: string, values?: unknown[]) => schema.pool.query(text, values),
    connect: () => (away ? Promise.reject(new Error('away')) : schema.pool.connect()),
  }
  const receiver = createReceiver({ baseUrl: 'https://hooks.example.org', store: postgresStore({ pool }), plaintext: true })
  receivers.push(receiver)
  await expect(receiver.create()).rejects.toThrow('away')
  away = false
  const cb = await receiver.create()
  expect(await post(receiver, cb.url, 1)).toBe(200)
})

// Deliveries through PostgreSQL, and a job queue on the same server doing the same.
//   node scripts/run.mjs bench/dispatcher-postgres.ts [deliveries]
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { createDispatcher, createTransport, postgresStore } from 'ringback/dispatcher'
import { peersFolder, QUEUES } from '../test/support/peers.ts'
import { startPostgres } from '../test/support/postgres-server.ts'
import {
  body,
  concurrency,
  deliveries,
  headers,
  type Measurement,
  measure,
  policy,
  printRow,
  request,
  signer,
  startTarget,
} from './delivery-load.ts'
import { machine } from './measure.ts'

const n = Number(process.argv[2] ?? 5000)
const root = fileURLToPath(new URL('..', import.meta.url))
const named = process.env.DATABASE_URL
const server = named === undefined ? await startPostgres() : undefined
const connectionString = named ?? server?.url ?? ''
const target = await startTarget()

try {
  const pool = new pg.Pool({ connectionString, max: 10 })
  pool.on('error', () => {})
  const store = postgresStore({ pool })
  console.log(`${machine()}, ${n} deliveries of ${body.byteLength} bytes, ${concurrency} at a time`)
  const delivering = deliveries(target.url, store)
  await delivering.run(Math.ceil(n / 4))
  printRow('PostgreSQL, guarded, signed', await delivering.run(n))
  await delivering.stop()
  printRow('enqueue alone', await measureEnqueue(store))
  printRow('enqueue, each in a transaction', await measureTransactions(store, pool))
  await store.close()
  await pool.end()
  const folder = peersFolder(root, QUEUES, 'queues')
  if (folder === undefined) console.log('skipped: pg-boss is not installed, and the registry cannot be reached')
  else for (const [name, measurement] of await measurePgBoss(folder)) printRow(name, measurement)
  console.log('skipped: BullMQ, which needs a Redis server')
} finally {
  target.close()
  await server?.stop()
}

async function measureEnqueue(store: ReturnType<typeof postgresStore>): Promise<Measurement> {
  const dispatcher = createDispatcher({ store, policy })
  return measure(n, async (i) => {
    await dispatcher.enqueue(request(`e${i}`, target.url), { delayMs: 3_600_000 })
  })
}

/** As an application does it: a row of its own and the delivery, together or not at all. */
async function measureTransactions(store: ReturnType<typeof postgresStore>, pool: pg.Pool): Promise<Measurement> {
  const dispatcher = createDispatcher({ store, policy })
  await pool.query('CREATE TABLE IF NOT EXISTS orders (id text PRIMARY KEY)')
  return measure(n, async (i) => {
    const client = await pool.connect()
    try {
      await client.query('BEGIN')
      await client.query('INSERT INTO orders VALUES ($1)', [`o${i}`])
      await dispatcher.enqueue(request(`t${i}`, target.url), { delayMs: 3_600_000, transaction: client })
      await client.query('COMMIT')
    } finally {
      client.release()
    }
  })
}

interface Boss {
  on(event: 'error', listener: (error: unknown) => void): void
  start(): Promise<unknown>
  stop(options: object): Promise<unknown>
  createQueue(name: string): Promise<void>
  send(name: string, data: object): Promise<string>
  work(
    name: string,
    options: object,
    handler: (jobs: readonly { readonly id: string; readonly data: { readonly i: number } }[]) => Promise<void>,
  ): Promise<string>
}

/** The same request, sent by a worker of pg-boss over our transport: signed, and without retries. */
async function measurePgBoss(folder: string): Promise<readonly [string, Measurement][]> {
  const { default: PgBoss } = (await import(createRequire(join(folder, 'package.json')).resolve('pg-boss'))) as {
    default: new (options: object) => Boss
  }
  const boss = new PgBoss({ connectionString, max: 10 })
  boss.on('error', (error) => console.error(error))
  await boss.start()
  await boss.createQueue('callbacks')
  await boss.createQueue('unread')
  const transport = createTransport({ policy, connectionsPerOrigin: concurrency })
  const waiting = new Map<number, () => void>()
  const send = async (i: number): Promise<void> => {
    const at = Date.now()
    const signed = signer.sign({ method: 'POST', targetUri: target.url, headers, body, id: `b${i}`, at })
    const { outcome } = await transport.send({
      method: 'POST',
      url: target.url,
      headers: { ...headers, ...signed } as Record<string, string>,
      body,
    })
    if (outcome.kind !== 'response') throw new Error(JSON.stringify(outcome))
    waiting.get(i)?.()
  }
  // Its shortest interval, and as many at a time as we take.
  await boss.work('callbacks', { batchSize: concurrency, pollingIntervalSeconds: 0.5 }, async (jobs) => {
    await Promise.all(jobs.map(({ data }) => send(data.i)))
  })
  const text = new TextDecoder().decode(body)
  const few = Math.min(n, 1000)
  const delivered = await measure(few, async (i) => {
    const done = new Promise<void>((resolve) => waiting.set(i, resolve))
    await boss.send('callbacks', { i, text, url: target.url })
    await done
  })
  const enqueued = await measure(n, async (i) => {
    await boss.send('unread', { i, text, url: target.url })
  })
  await boss.stop({ graceful: false })
  await transport.close()
  return [
    [`pg-boss, the same (${few})`, delivered],
    ['pg-boss, send alone', enqueued],
  ]
}

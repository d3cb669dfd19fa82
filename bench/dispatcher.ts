// What safety, signatures and durability cost: the same requests over undici alone, in memory, and over SQLite.
//   node scripts/run.mjs bench/dispatcher.ts [deliveries]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDispatcher, createTransport, memoryStore, sqliteStore } from 'ringback/dispatcher'
import { Agent } from 'undici'
import {
  body,
  concurrency,
  deliverAll,
  headers,
  type Measurement,
  measure,
  policy,
  printRow,
  request,
  startTarget,
} from './delivery-load.ts'

const deliveries = Number(process.argv[2] ?? 10_000)
const { url, close } = await startTarget()
const folder = mkdtempSync(join(tmpdir(), 'ringback-bench-'))

try {
  await measureUndici(1000)
  await deliverAll(url, memoryStore(), 1000)
  const raw = await measureUndici(deliveries)
  const rows: [name: string, measurement: Measurement][] = [['undici Agent.request', raw]]
  rows.push(['guarded transport alone', await measureTransport(deliveries)])
  rows.push(['guarded, signed, in memory', await deliverAll(url, memoryStore(), deliveries)])
  for (const synchronous of ['full', 'normal'] as const) {
    const store = sqliteStore({ path: join(folder, `${synchronous}.sqlite`), synchronous })
    rows.push([`guarded, signed, SQLite ${synchronous.toUpperCase()}`, await deliverAll(url, store, deliveries)])
    await store.close()
  }
  console.log(
    `Node ${process.versions.node}, ${deliveries} deliveries of ${body.byteLength} bytes, ${concurrency} at a time, one origin on loopback`,
  )
  for (const [name, measurement] of rows) printRow(name, measurement, raw)
  printRow('SQLite FULL, enqueue alone', await measureEnqueue(deliveries))
} finally {
  close()
  rmSync(folder, { recursive: true })
}

async function measureUndici(n: number): Promise<Measurement> {
  const agent = new Agent({ connections: concurrency, pipelining: 1, allowH2: false })
  const target = new URL(url)
  const measured = await measure(n, async () => {
    const response = await agent.request({
      origin: target.origin,
      path: target.pathname + target.search,
      method: 'POST',
      headers,
      body,
    })
    await response.body.bytes()
  })
  await agent.close()
  return measured
}

async function measureTransport(n: number): Promise<Measurement> {
  const transport = createTransport({ policy, connectionsPerOrigin: concurrency })
  const measured = await measure(n, async (i) => {
    const { outcome } = await transport.send(request(`t${i}`, url))
    if (outcome.kind !== 'response') throw new Error(JSON.stringify(outcome))
  })
  await transport.close()
  return measured
}

async function measureEnqueue(n: number): Promise<Measurement> {
  const store = sqliteStore({ path: join(folder, 'enqueue.sqlite') })
  const dispatcher = createDispatcher({ store, policy })
  const measured = await measure(n, async (i) => {
    await dispatcher.enqueue(request(`e${i}`, url))
  })
  await store.close()
  return measured
}

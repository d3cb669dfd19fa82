// What safety, signatures and durability cost: the same requests over undici alone, in memory, and over SQLite.
//   node scripts/run.mjs bench/dispatcher.ts [deliveries]
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type CallbackRequest,
  createDispatcher,
  createTransport,
  type DeliveryStore,
  memoryStore,
  publicInternet,
  sqliteStore,
  standardWebhooks,
} from 'ringback/dispatcher'
import { Agent } from 'undici'

const deliveries = Number(process.argv[2] ?? 10_000)
const concurrency = 50
const policy = publicInternet({ devLoopback: true })
const signer = standardWebhooks({ keys: [`whsec_${Buffer.alloc(32, 1).toString('base64')}`] })
const body = new TextEncoder().encode(JSON.stringify({ id: 'x'.repeat(36), state: 'accepted', text: 'y'.repeat(900) }))
const headers = { 'content-type': 'application/json' }

interface Measurement {
  readonly perSecond: number
  /** Microseconds of processor time for each, in this process: steadier than the rate when the machine is busy. */
  readonly cpu: number
  /** Milliseconds from enqueue (or request) to the end of the response. */
  readonly p50: number
  readonly p99: number
}

const server = spawn(
  process.execPath,
  [
    '-e',
    `
  const server = require('node:http').createServer((request, response) => {
    request.resume()
    request.on('end', () => response.writeHead(204).end())
  })
  server.keepAliveTimeout = 60000
  server.listen(0, '127.0.0.1', () => console.log(server.address().port))
`,
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
)
const port = await new Promise<string>((resolve) => server.stdout.once('data', (text) => resolve(String(text).trim())))
const url = `http://127.0.0.1:${port}/callbacks?token=abc`
const folder = mkdtempSync(join(tmpdir(), 'ringback-bench-'))

try {
  await measureUndici(1000)
  await measureDispatcher(memoryStore(), 1000)
  const raw = await measureUndici(deliveries)
  const rows: [name: string, measurement: Measurement][] = [['undici Agent.request', raw]]
  rows.push(['guarded transport alone', await measureTransport(deliveries)])
  rows.push(['guarded, signed, in memory', await measureDispatcher(memoryStore(), deliveries)])
  for (const synchronous of ['full', 'normal'] as const) {
    const store = sqliteStore({ path: join(folder, `${synchronous}.sqlite`), synchronous })
    rows.push([`guarded, signed, SQLite ${synchronous.toUpperCase()}`, await measureDispatcher(store, deliveries)])
    await store.close()
  }
  console.log(
    `Node ${process.versions.node}, ${deliveries} deliveries of ${body.byteLength} bytes, ${concurrency} at a time, one origin on loopback`,
  )
  for (const [name, { perSecond, cpu, p50, p99 }] of rows) {
    const ratio = `${Math.round((100 * perSecond) / raw.perSecond)} %`
    console.log(
      `${name.padEnd(30)} ${perSecond.toFixed(0).padStart(7)}/s ${ratio.padStart(6)}   ${cpu.toFixed(0).padStart(4)} us   p50 ${p50.toFixed(1)} ms   p99 ${p99.toFixed(1)} ms`,
    )
  }
  console.log(`SQLite FULL, enqueue alone     ${(await measureEnqueue(deliveries)).toFixed(0).padStart(7)}/s`)
} finally {
  server.kill()
  rmSync(folder, { recursive: true })
}

function request(id: string): CallbackRequest {
  return { id, method: 'POST', url, headers, body }
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
    const { outcome } = await transport.send(request(`t${i}`))
    if (outcome.kind !== 'response') throw new Error(JSON.stringify(outcome))
  })
  await transport.close()
  return measured
}

/** From enqueue to delivered, with so many enqueued at one time. */
async function measureDispatcher(store: DeliveryStore, n: number): Promise<Measurement> {
  const dispatcher = createDispatcher({ store, policy, signer, concurrency, perOriginConcurrency: concurrency })
  const waiting = new Map<string, () => void>()
  dispatcher.on('delivered', ({ delivery }) => waiting.get(delivery.id)?.())
  dispatcher.on('attempt:end', ({ attempt }) => {
    if (attempt.outcome.kind !== 'response') throw new Error(JSON.stringify(attempt))
  })
  dispatcher.start()
  const measured = await measure(n, async (i) => {
    const id = `d${n}-${i}`
    const delivered = new Promise<void>((resolve) => waiting.set(id, resolve))
    await dispatcher.enqueue(request(id))
    await delivered
    waiting.delete(id)
  })
  await dispatcher.stop()
  return measured
}

async function measureEnqueue(n: number): Promise<number> {
  const store = sqliteStore({ path: join(folder, 'enqueue.sqlite') })
  const dispatcher = createDispatcher({ store, policy })
  const { perSecond } = await measure(n, async (i) => {
    await dispatcher.enqueue(request(`e${i}`))
  })
  await store.close()
  return perSecond
}

async function measure(n: number, run: (i: number) => Promise<void>): Promise<Measurement> {
  const latencies: number[] = []
  const startedAt = performance.now()
  const cpuBefore = process.cpuUsage()
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < n) {
      const i = next++
      const at = performance.now()
      await run(i)
      latencies.push(performance.now() - at)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
  const seconds = (performance.now() - startedAt) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  latencies.sort((a, b) => a - b)
  const percentile = (part: number): number => latencies[Math.floor(part * (n - 1))] ?? Number.NaN
  return { perSecond: n / seconds, cpu: (user + system) / n, p50: percentile(0.5), p99: percentile(0.99) }
}

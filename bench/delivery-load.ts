import { spawn } from 'node:child_process'
import {
  type CallbackRequest,
  createDispatcher,
  type DeliveryStore,
  publicInternet,
  type Signer,
  standardWebhooks,
  type UrlPolicy,
} from 'ringback/dispatcher'

/** What is run again and again, and stays warm. */
export interface Row {
  run(n: number): Promise<Measurement>
  close(): Promise<void>
}

/** Requests under way at one time. */
export const concurrency = 50
const mostWaiting = 65_536
export const policy: UrlPolicy = publicInternet({ devLoopback: true })
export const signer: Signer = standardWebhooks({ keys: [`whsec_${Buffer.alloc(32, 1).toString('base64')}`] })
export const body: Uint8Array = new TextEncoder().encode(
  JSON.stringify({ id: 'x'.repeat(36), state: 'accepted', text: 'y'.repeat(900) }),
)
export const headers = { 'content-type': 'application/json' } as const

export interface Measurement {
  readonly perSecond: number
  /** Microseconds of processor time for each, in this process: steadier than the rate when the machine is busy. */
  readonly cpu: number
  /** Milliseconds from the call to its end. */
  readonly p50: number
  readonly p99: number
}

/**
 * A server in a process of its own, which answers 204. It reads no more of a request than where it ends: one that takes as long as the
 * sender would be what is measured. While requests come it does not sleep: to wake it up is work of the sender, and most of it for the
 * sender that is slower.
 */
export async function startTarget(): Promise<{ readonly url: string; close(): void }> {
  const server = spawn(
    process.execPath,
    [
      '-e',
      `
  const answer = Buffer.from('HTTP/1.1 204 No Content\\r\\nDate: Thu, 01 Jan 2026 00:00:00 GMT\\r\\nConnection: keep-alive\\r\\nKeep-Alive: timeout=60\\r\\n\\r\\n')
  const lengthOf = (bytes) => {
    const head = bytes.indexOf('\\r\\n\\r\\n')
    if (head === -1) return Infinity
    return head + 4 + Number(/\\r\\ncontent-length: (\\d+)/i.exec(bytes.latin1Slice(0, head))?.[1] ?? 0)
  }
  let lastAt = 0
  const stayAwake = () => {
    if (performance.now() - lastAt < 20) setImmediate(stayAwake)
    else lastAt = 0
  }
  const server = require('node:net').createServer({ noDelay: true }, (socket) => {
    let rest = Buffer.alloc(0)
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      if (lastAt === 0) setImmediate(stayAwake)
      lastAt = performance.now()
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      for (let length = lengthOf(rest); rest.length >= length; length = lengthOf(rest)) {
        rest = rest.subarray(length)
        socket.write(answer)
      }
    })
  })
  server.listen(0, '127.0.0.1', () => console.log(server.address().port))
`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const port = await new Promise<string>((resolve) => server.stdout.once('data', (text) => resolve(String(text).trim())))
  return { url: `http://127.0.0.1:${port}/callbacks?token=abc`, close: () => void server.kill() }
}

export function request(id: string, url: string): CallbackRequest {
  return { id, method: 'POST', url, headers, body }
}

/** From enqueue to delivered, with so many enqueued at one time. */
export function deliveries(url: string, store: DeliveryStore): Row & { stop(): Promise<void> } {
  const dispatcher = createDispatcher({ store, policy, signer, concurrency, perOriginConcurrency: concurrency })
  // Not a Map by id: in one that changes so fast V8 keeps what has passed through, which would be measured as well.
  const waiting: (() => void)[] = []
  const placeOf = (id: string): number => Number(id.slice(1)) % mostWaiting
  dispatcher.on('delivered', ({ delivery }) => waiting[placeOf(delivery.id)]?.())
  dispatcher.on('attempt:end', ({ attempt }) => {
    if (attempt.outcome.kind !== 'response') throw new Error(JSON.stringify(attempt))
  })
  dispatcher.start()
  let made = 0
  return {
    run: (n) =>
      measure(n, async () => {
        const id = `d${made++}`
        const delivered = new Promise<void>((resolve) => {
          waiting[placeOf(id)] = resolve
        })
        await dispatcher.enqueue(request(id, url))
        await delivered
      }),
    stop: () => dispatcher.stop(),
    async close() {
      await dispatcher.stop()
      await store.close()
    },
  }
}

export async function measure(n: number, run: (i: number) => Promise<void>): Promise<Measurement> {
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

export function printRow(name: string, { perSecond, cpu, p50, p99 }: Measurement): void {
  console.log(
    `${name.padEnd(34)} ${perSecond.toFixed(0).padStart(7)}/s   ${cpu.toFixed(0).padStart(4)} us   p50 ${p50.toFixed(1)} ms   p99 ${p99.toFixed(1)} ms`,
  )
}

// 100,000 deliveries to hosts that are dead, beside one that is not: how long its first tries wait, and what the queue takes.
//   node --expose-gc scripts/run.mjs bench/dispatcher-flood.ts [deliveries]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDispatcher, type DeliveryStore, memoryStore, sqliteStore, type Transport } from 'ringback/dispatcher'
import { request } from './delivery-load.ts'
import { machine } from './measure.ts'

const deliveries = Number(process.argv[2] ?? 100_000)
const healthy = 50
const folder = mkdtempSync(join(tmpdir(), 'ringback-bench-'))

/** Dead hosts answer after 50 ms that they are; the healthy one at once. */
const transport: Transport = {
  async send({ url }) {
    const isDead = url.includes('//dead')
    if (isDead) await new Promise((resolve) => setTimeout(resolve, 50))
    const status = isDead ? 500 : 204
    return {
      outcome: { kind: 'response', status, headers: {}, body: new Uint8Array(0), completeness: 'complete' },
      phase: 'body',
      sent: 'yes',
      reusedConnection: false,
      timings: { total: isDead ? 50 : 1 },
    }
  },
  close: async () => {},
}

try {
  console.log(`${machine()}, ${deliveries.toLocaleString('en')} deliveries to 101 dead hosts`)
  await flood('memory', memoryStore())
  await flood('SQLite FULL', sqliteStore({ path: join(folder, 'flood.sqlite') }))
} finally {
  rmSync(folder, { recursive: true })
}

async function flood(name: string, store: DeliveryStore): Promise<void> {
  const before = heap()
  const dispatcher = createDispatcher({ store, transport })
  const startedAt = performance.now()
  for (let i = 0; i < deliveries; i += 500) {
    const some = Array.from({ length: Math.min(500, deliveries - i) }, (_, k) => {
      const host = k % 10 === 0 ? `dead${(i + k) % 100}` : 'dead'
      return dispatcher.enqueue(request(`d${i + k}`, `https://${host}.example/callbacks`))
    })
    await Promise.all(some)
  }
  const perSecond = deliveries / ((performance.now() - startedAt) / 1000)
  // Of a store in memory; others keep their rows elsewhere.
  const memory = store.durable ? '' : `, ${((heap() - before) / deliveries).toFixed(0)} bytes each`
  dispatcher.start()
  await new Promise((resolve) => setTimeout(resolve, 2000))
  const waits: number[] = []
  for (let i = 0; i < healthy; i++) {
    const id = `h${i}`
    const at = performance.now()
    const begun = new Promise<void>((resolve) => {
      const end = dispatcher.on('attempt:start', ({ delivery }) => {
        if (delivery.id !== id) return
        end()
        resolve()
      })
    })
    await dispatcher.enqueue(request(id, 'https://healthy.example/callbacks'))
    await begun
    waits.push(performance.now() - at)
  }
  await dispatcher.stop({ drainMs: 1000 })
  await store.close()
  waits.sort((a, b) => a - b)
  const at = (part: number): string => (waits[Math.floor(part * (healthy - 1))] ?? Number.NaN).toFixed(1)
  console.log(
    `${name.padEnd(12)} enqueued at ${perSecond.toFixed(0)}/s${memory}; the healthy host's first try waits ${at(0.5)} ms (p50), ${at(0.99)} ms (p99), ${at(1)} ms at most`,
  )
}

function heap(): number {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

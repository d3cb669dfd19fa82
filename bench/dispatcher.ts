// What safety, signatures and durability cost: the same requests over undici alone, in memory, and over SQLite.
//   node scripts/run.mjs bench/dispatcher.ts [deliveries of a round] [rounds] [part of the name of a row…]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createDispatcher, createTransport, memoryStore, sqliteStore } from 'ringback/dispatcher'
import { Agent } from 'undici'
import { body, concurrency, deliveries, headers, measure, policy, type Row, request, startTarget } from './delivery-load.ts'
import { alternate, serveRow } from './dispatcher/rounds.ts'
import { machine } from './measure.ts'

const rows: Readonly<Record<string, (url: string) => Row>> = {
  'undici Agent.request': undiciAlone,
  'guarded transport alone': transportAlone,
  'guarded, signed, in memory': (url) => deliveries(url, memoryStore()),
  'guarded, signed, SQLite FULL': (url) => inFolder((path) => deliveries(url, sqliteStore({ path, synchronous: 'full' }))),
  'guarded, signed, SQLite NORMAL': (url) => inFolder((path) => deliveries(url, sqliteStore({ path, synchronous: 'normal' }))),
  'SQLite FULL, enqueue alone': (url) => inFolder((path) => enqueueAlone(url, path)),
}

const [first, ...others] = process.argv.slice(2)
if (first === 'row') await serveRow(rows, others)
else await compare(Number(first ?? 10_000), Number(others[0] ?? 7), others.slice(1))

async function compare(n: number, rounds: number, parts: readonly string[]): Promise<void> {
  const names = Object.keys(rows).filter(
    (name, index) => index === 0 || parts.length === 0 || parts.some((part) => name.includes(part)),
  )
  const target = await startTarget()
  try {
    console.log(
      `${machine()}\n${n} deliveries of ${body.byteLength} bytes in a round, ${concurrency} at a time, one origin on loopback; the median of ${rounds} rounds, each row in a process of its own\n`,
    )
    console.log(`${' '.repeat(34)}       rate  of undici's   processor  of undici's       p50       p99`)
    const figures = await alternate(names, { file: fileURLToPath(import.meta.url), url: target.url, n, rounds })
    for (const { name, perSecond, cpu, p50, p99, rateShare, cpuShare } of figures) {
      const rate = `${perSecond.toFixed(0).padStart(7)}/s ${percent(rateShare)}`
      console.log(
        `${name.padEnd(34)}${rate}   ${cpu.toFixed(1).padStart(6)} us ${percent(cpuShare)}   ${p50.toFixed(1).padStart(4)} ms   ${p99.toFixed(1).padStart(4)} ms`,
      )
    }
  } finally {
    target.close()
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`.padStart(12)
}

function undiciAlone(url: string): Row {
  const agent = new Agent({ connections: concurrency, pipelining: 1, allowH2: false })
  const { origin, pathname, search } = new URL(url)
  return {
    run: (n) =>
      measure(n, async () => {
        const response = await agent.request({ origin, path: pathname + search, method: 'POST', headers, body })
        await response.body.bytes()
      }),
    close: () => agent.close(),
  }
}

function transportAlone(url: string): Row {
  const transport = createTransport({ policy, connectionsPerOrigin: concurrency })
  return {
    run: (n) =>
      measure(n, async (i) => {
        const { outcome } = await transport.send(request(`t${i}`, url))
        if (outcome.kind !== 'response') throw new Error(JSON.stringify(outcome))
      }),
    close: () => transport.close(),
  }
}

function enqueueAlone(url: string, path: string): Row {
  const store = sqliteStore({ path })
  const dispatcher = createDispatcher({ store, policy })
  let made = 0
  return {
    run: (n) => measure(n, async () => void (await dispatcher.enqueue(request(`e${made++}`, url)))),
    close: () => store.close(),
  }
}

/** A row with a file of its own, which is gone when it is closed. */
function inFolder(open: (path: string) => Row): Row {
  const folder = mkdtempSync(join(tmpdir(), 'ringback-bench-'))
  const { run, close } = open(join(folder, 'row.sqlite'))
  return {
    run,
    async close() {
      await close()
      rmSync(folder, { recursive: true })
    },
  }
}

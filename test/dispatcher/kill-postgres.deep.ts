import type { ChildProcess } from 'node:child_process'
import { postgresStore } from 'ringback/dispatcher'
import { afterAll, expect, test } from 'vitest'
import { buildScript, killHard, sourceFile } from '../support/child.ts'
import { testSchemas } from '../support/postgres-schema.ts'
import { testReceiver } from './support.ts'

const schemas = testSchemas()
afterAll(() => schemas.drop())

const total = 10_000
const kills = 20

/** Enqueues its own half, half of that in transactions of the application, says which ids were accepted, and delivers what is due. */
const child = `
  import pg from 'pg'
  import { createDispatcher, createTransport, postgresStore, publicInternet, retrySchedule } from ${sourceFile('dispatcher/index.ts')}
  const [connectionString, url, half, first] = process.argv.slice(2)
  const pool = new pg.Pool({ connectionString, max: 12 })
  const transport = createTransport({ policy: publicInternet({ devLoopback: true }), totalTimeoutMs: 750, connectionsPerOrigin: 16 })
  const retry = retrySchedule([0, '1s', '1s', '1s', '1s', '1s', '1s'])
  const dispatcher = createDispatcher({ store: postgresStore({ pool }), transport, leaseMs: 1500, pollMs: 100, perOriginConcurrency: 16, retry })
  dispatcher.on('store:error', ({ operation, error }) => console.error(operation, error))
  dispatcher.start()
  let next = Number(first)
  const lane = async (withOwnTransaction) => {
    while (next < ${total / 2}) {
      const n = next++
      const id = half + n
      const request = { id, method: 'POST', url, headers: {}, body: new TextEncoder().encode(id) }
      if (withOwnTransaction) {
        const client = await pool.connect()
        await client.query('BEGIN')
        await dispatcher.enqueue(request, { transaction: client })
        await client.query('COMMIT')
        client.release()
      } else {
        await dispatcher.enqueue(request)
      }
      process.send(n)
    }
  }
  await Promise.all(Array.from({ length: 16 }, (_, i) => lane(i % 4 === 0)))
`

interface Half {
  readonly name: string
  readonly accepted: Set<number>
  process: ChildProcess
}

test(`two dispatching processes are killed ${kills} times in turn: every accepted delivery arrives`, async () => {
  const schema = await schemas.open()
  const script = await buildScript(child)
  const arrivals = new Map<string, number>()
  const receiver = await testReceiver((response, n, request) => {
    const id = String(request.headers['webhook-id'])
    // A tenth of them fail the first time, so that retries are under way when a process dies.
    if (!arrivals.has(id) && n % 10 === 0) {
      response.writeHead(500).end()
      return
    }
    arrivals.set(id, (arrivals.get(id) ?? 0) + 1)
    response.writeHead(204).end()
  })

  const start = (name: string, accepted: Set<number>): ChildProcess => {
    // Some that were accepted are enqueued again: their acceptance may not have been heard of.
    const first = Math.max(0, Math.max(-1, ...accepted) - 50)
    const started = script.start(schema.url, `${receiver.url}/cb`, name, String(first))
    started.on('message', (n) => accepted.add(Number(n)))
    return started
  }
  const halves = ['a', 'b'].map((name): Half => {
    const accepted = new Set<number>()
    return { name, accepted, process: start(name, accepted) }
  })
  const count = (): number => halves.reduce((sum, { accepted }) => sum + accepted.size, 0)

  for (let kill = 0; kill < kills; kill++) {
    const half = halves[kill % 2]
    if (half === undefined) break
    const goal = Math.floor((total * (kill + 1)) / (kills + 2))
    await until(() => count() >= goal, 60_000)
    await killHard(half.process)
    half.process = start(half.name, half.accepted)
  }
  const missing = (): string[] =>
    halves.flatMap(({ name, accepted }) => [...accepted].map((n) => name + n).filter((id) => !arrivals.has(id)))
  await until(() => count() >= total - 120 && missing().length === 0, 180_000)
  for (const half of halves) await killHard(half.process)
  await receiver.close()

  expect(missing()).toEqual([])
  expect(count()).toBeGreaterThanOrEqual(total - 120)
  const duplicates = [...arrivals.values()].filter((times) => times > 1).length
  console.log(`${count()} accepted, ${arrivals.size} arrived, ${duplicates} of them more than once, after ${kills} kills`)
  const { counts } = await postgresStore({ pool: schema.pool }).stats()
  expect(counts.dead).toBe(0)
  await schema.close()
  script.remove()
}, 600_000)

async function until(condition: () => boolean, timeoutMs: number): Promise<void> {
  await expect.poll(condition, { timeout: timeoutMs, interval: 5 }).toBe(true)
}

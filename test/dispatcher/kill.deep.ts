import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { sqliteStore } from 'ringback/dispatcher'
import { afterAll, expect, test } from 'vitest'
import { testReceiver } from './support.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ringback-'))
afterAll(() => rmSync(folder, { recursive: true }))

const total = 10_000
const kills = 20

/** Enqueues from a number on, says which ids were accepted, and delivers. */
const child = `
  import { createDispatcher, createTransport, publicInternet, retrySchedule, sqliteStore } from ${JSON.stringify(join(root, 'src/dispatcher/index.ts'))}
  const [path, url, first] = process.argv.slice(2)
  const store = sqliteStore({ path })
  const transport = createTransport({ policy: publicInternet({ devLoopback: true }), totalTimeoutMs: 750, connectionsPerOrigin: 16 })
  const dispatcher = createDispatcher({ store, transport, leaseMs: 1500, pollMs: 100, perOriginConcurrency: 16, retry: retrySchedule([0, '1s', '1s', '1s', '1s', '1s', '1s']) })
  dispatcher.on('store:error', ({ operation, error }) => console.error(operation, error))
  dispatcher.start()
  let next = Number(first)
  const lane = async () => {
    while (next < ${total}) {
      const n = next++
      const id = 'd' + n
      await dispatcher.enqueue({ id, method: 'POST', url, headers: {}, body: new TextEncoder().encode(id) })
      process.stdout.write(n + '\\n')
    }
  }
  await Promise.all(Array.from({ length: 32 }, lane))
`

test(`a dispatching process is killed ${kills} times: every accepted delivery arrives`, async () => {
  const source = join(folder, 'child.ts')
  const script = join(folder, 'child.mjs')
  writeFileSync(source, child)
  // libsql finds its binary from where it is installed.
  const banner = {
    js: `import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(${JSON.stringify(join(root, 'x.js'))});`,
  }
  await build({
    entryPoints: [source],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner,
    external: ['libsql'],
    nodePaths: [join(root, 'node_modules')],
    logLevel: 'error',
    define: { 'import.meta.url': JSON.stringify(new URL('x.js', `file://${root}`).href) },
  })

  const arrivals = new Map<string, number>()
  const receiver = await testReceiver((response, n, request) => {
    const id = String(request.headers['webhook-id'])
    // A tenth of them fail the first time, so that retries are under way when the process dies.
    const isFirst = !arrivals.has(id)
    if (isFirst && n % 10 === 0) {
      response.writeHead(500).end()
      return
    }
    arrivals.set(id, (arrivals.get(id) ?? 0) + 1)
    response.writeHead(204).end()
  })
  const path = join(folder, 'deliveries.sqlite')
  const accepted = new Set<number>()

  const start = (): ChildProcess => {
    // Some that were accepted are enqueued again: their acceptance may not have been heard of.
    const first = Math.max(0, ...accepted) - 50
    const started = spawn(process.execPath, [script, path, `${receiver.url}/cb`, String(Math.max(0, first))], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let rest = ''
    started.stdout?.on('data', (chunk) => {
      const lines = (rest + String(chunk)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) accepted.add(Number(line))
    })
    return started
  }

  for (let kill = 0; kill < kills; kill++) {
    const process = start()
    const before = accepted.size
    const goal = before + Math.floor(total / (kills + 2))
    await until(() => accepted.size >= goal || accepted.size >= total - 60)
    process.kill('SIGKILL')
    await new Promise((resolve) => process.once('close', resolve))
  }
  const last = start()
  await until(() => [...accepted].every((n) => arrivals.has(`d${n}`)) && accepted.size >= total - 60, 60_000)
  last.kill('SIGKILL')
  await new Promise((resolve) => last.once('close', resolve))
  await receiver.close()

  const missing = [...accepted].filter((n) => !arrivals.has(`d${n}`))
  expect(missing).toEqual([])
  const duplicates = [...arrivals.values()].filter((times) => times > 1).length
  console.log(`${accepted.size} accepted, ${arrivals.size} arrived, ${duplicates} of them more than once, after ${kills} kills`)
  const store = sqliteStore({ path })
  const { counts } = await store.stats()
  expect(counts.dead).toBe(0)
  await store.close()
}, 180_000)

async function until(condition: () => boolean, timeoutMs = 30_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!condition() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5))
}

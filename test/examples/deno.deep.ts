import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { memoryStore } from 'ringback/dispatcher'
import { describe, expect, test } from 'vitest'

interface Runtime {
  readonly kind: string
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const load = (path: string): Promise<unknown> => import(`${root}${path}`)
const { RUNTIMES, fetchRuntime } = (await load('scripts/matrix/runtimes.mjs')) as {
  readonly RUNTIMES: readonly Runtime[]
  fetchRuntime(runtime: Runtime | undefined): string | undefined
}
const { startBackupService } = (await load('examples/claim-check/backup-service.mjs')) as {
  startBackupService(options: object): Promise<{ readonly url: string; close(): Promise<void> }>
}
const deno = fetchRuntime(RUNTIMES.find(({ kind }) => kind === 'deno'))

/** Its last line of output. */
function lastLine(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve(output.trim()) : reject(new Error(`ended with ${code}`))))
  })
}

// The client runs on the built package, as it would elsewhere.
const allowed = [
  'run',
  '--quiet',
  '--node-modules-dir=manual',
  '--no-remote',
  '--allow-read',
  '--allow-env',
  '--allow-net=127.0.0.1',
  '--allow-sys',
]

describe('the client of examples/claim-check', () => {
  const runsOn = async (binary: string, flags: readonly string[]): Promise<void> => {
    expect(spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' }).status).toBe(0)
    const accounts = [{ apiKey: 'k', username: 'ann', password: 'p' }]
    const service = await startBackupService({ store: memoryStore(), accounts })
    const line = await lastLine(binary, [...flags, 'examples/claim-check/client.mjs', service.url, 'k', 'ann', 'p'])
    expect(JSON.parse(line)).toMatchObject({ backup: 'everything of ann', url: expect.stringContaining(service.url) })
    await service.close()
  }

  test('runs on Node', () => runsOn(process.execPath, []))

  if (deno === undefined) test.skip('runs on Deno (which cannot be fetched from npm)', () => {})
  else test('runs on Deno', () => runsOn(deno, allowed))
})

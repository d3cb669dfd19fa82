import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Another process that starts a server and then waits for its end. */
async function processWithServer(): Promise<{ child: ChildProcess; url: string }> {
  await mkdir(join(root, '.cache'), { recursive: true })
  const folder = await mkdtemp(join(root, '.cache/postgres-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const entry = join(folder, 'main.ts')
  const server = JSON.stringify(fileURLToPath(new URL('postgres-server.ts', import.meta.url)))
  await writeFile(entry, `import { startPostgres } from ${server}\nstartPostgres().then(({ url }) => console.log(url))\n`)
  const outfile = join(folder, 'main.mjs')
  await build({ entryPoints: [entry], outfile, bundle: true, packages: 'external', platform: 'node', format: 'esm' })
  const child = spawn(process.execPath, [outfile], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = await once(child.stdout, 'data')
  return { child, url: String(line).trim() }
}

async function dataFolder(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ folder: string }>('SELECT current_setting($$data_directory$$) AS folder')
    return rows[0]?.folder ?? ''
  } finally {
    await client.end()
  }
}

test.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)(
  'nothing is left of the server of a process that ends with %s',
  async (signal) => {
    const { child, url } = await processWithServer()
    const folder = await dataFolder(url)
    expect(existsSync(folder)).toBe(true)
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
    await expect.poll(() => existsSync(folder), { timeout: 10_000 }).toBe(false)
    await expect(dataFolder(url)).rejects.toThrow('ECONNREFUSED')
  },
)

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A file in `src`, for the imports of a script. */
export function sourceFile(path: string): string {
  return JSON.stringify(join(root, 'src', path))
}

export interface Script {
  /** What `node` runs. */
  readonly path: string
  /** A process of its own that runs it. */
  start(...args: readonly string[]): ChildProcess
  remove(): void
}

/** TypeScript for other processes, bundled with our sources; packages are found as from the repository. */
export async function buildScript(text: string): Promise<Script> {
  mkdirSync(join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(root, '.cache/script-'))
  const [entry, outfile] = [join(folder, 'main.ts'), join(folder, 'main.mjs')]
  writeFileSync(entry, text)
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'error',
  })
  return {
    path: outfile,
    start: (...args) => fork(outfile, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
    remove: () => rmSync(folder, { recursive: true }),
  }
}

export async function killHard(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

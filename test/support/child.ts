import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build } from 'esbuild'

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
  /** The same with its output kept, to its end. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): RunningScript
  remove(): void
}

export interface RunningScript {
  readonly process: ChildProcess
  readonly ended: Promise<{ readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }>
}

/** Bundles our sources for Node; packages stay outside. */
export const forNode: BuildOptions = {
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  format: 'esm',
  logLevel: 'error',
}

/** TypeScript for other processes, bundled with our sources; packages are found as from the repository. `more`: for esbuild. */
export async function buildScript(text: string, more: BuildOptions = {}): Promise<Script> {
  mkdirSync(join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(root, '.cache/script-'))
  const [entry, outfile] = [join(folder, 'main.ts'), join(folder, 'main.mjs')]
  writeFileSync(entry, text)
  await build({
    entryPoints: [entry],
    outfile,
    ...forNode,
    ...more,
  })
  return {
    path: outfile,
    start: (...args) => fork(outfile, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
    run(args, env = {}) {
      const child = spawn(process.execPath, [outfile, ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...env },
      })
      // Of an output that the test closes nothing is kept.
      const [stdout, stderr] = [textOf(child.stdout).catch(() => ''), textOf(child.stderr)]
      const ended = once(child, 'close').then(async ([exitCode]) => ({
        exitCode: exitCode as number | null,
        stdout: await stdout,
        stderr: await stderr,
      }))
      return { process: child, ended }
    },
    remove: () => rmSync(folder, { recursive: true }),
  }
}

export async function killHard(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

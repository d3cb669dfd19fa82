import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import packageJson from '../../package.json' with { type: 'json' }
import { forNode } from '../support/child.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface ExampleProcess {
  readonly url: string
  /** At once, as a crash would. */
  kill(): Promise<void>
  stop(): Promise<void>
}

/** What starts example servers as their readers do, each a process of its own. */
export interface ExampleRunner {
  /** `file`: below `examples`. Resolves when it says where it listens. */
  start(file: string, ...args: readonly string[]): Promise<ExampleProcess>
  /** Ends all that run still. */
  end(): Promise<void>
}

/** The examples import `ringback/…`: the built package, or the sources, bundled for them. */
export async function exampleRunner(): Promise<ExampleRunner> {
  const isBuilt = process.env.RINGBACK_TEST_TARGET === 'dist'
  const bundled = isBuilt ? undefined : await bundleSources()
  const running = new Set<ChildProcess>()
  return {
    async start(file, ...args) {
      const flags = bundled === undefined ? [] : ['--import', bundled.hook]
      const child = spawn(process.execPath, [...flags, join(root, 'examples', file), ...args], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      running.add(child)
      const exited = once(child, 'exit').then(([code]) => {
        running.delete(child)
        return code as number | null
      })
      const listening = new Promise<string>((resolve) => {
        createInterface({ input: child.stdout }).on('line', (line) => {
          const [, url] = /^listening on (.*)$/.exec(line) ?? []
          if (url !== undefined) resolve(url)
        })
      })
      const url = await Promise.race([
        listening,
        exited.then((code) => Promise.reject(new Error(`${file} ended with ${code} before it listened.`))),
      ])
      const end = async (signal: NodeJS.Signals): Promise<void> => {
        child.kill(signal)
        await exited
      }
      return { url, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') }
    },
    async end() {
      await Promise.all(
        [...running].map(async (child) => {
          const exited = once(child, 'exit')
          child.kill('SIGKILL')
          await exited
        }),
      )
      bundled?.remove()
    },
  }
}

/** Doors of the package by name, made from the sources, and a module that lets Node find them. */
async function bundleSources(): Promise<{ readonly hook: string; remove(): void }> {
  mkdirSync(join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(root, '.cache/examples-'))
  const doors = Object.entries(packageJson.exports).flatMap(([subPath, target]) => {
    // Test frameworks are not what a server needs.
    if (typeof target === 'string' || !/^\.(\/(dispatcher|receiver|express|fastify|hono|koa|node|fetch))?$/.test(subPath))
      return []
    const source = target.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts')
    return [{ name: `ringback${subPath.slice(1)}`, out: subPath.slice(2) || 'main', file: join(root, source) }]
  })
  await build({
    entryPoints: doors.map(({ out, file }) => ({ out, in: file })),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    ...forNode,
    splitting: true,
  })
  const urls = Object.fromEntries(doors.map(({ name, out }) => [name, pathToFileURL(join(folder, `${out}.mjs`)).href]))
  const resolve = `
    const urls = ${JSON.stringify(urls)}
    export const resolve = (name, context, next) =>
      urls[name] === undefined ? next(name, context) : { url: urls[name], shortCircuit: true }
  `
  const [hooks, hook] = [join(folder, 'hooks.mjs'), join(folder, 'hook.mjs')]
  writeFileSync(hooks, resolve)
  writeFileSync(hook, `import { register } from 'node:module'\nregister(${JSON.stringify(pathToFileURL(hooks).href)})\n`)
  return { hook: pathToFileURL(hook).href, remove: () => rmSync(folder, { recursive: true }) }
}

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import packageJson from '../../package.json' with { type: 'json' }
import { forNode } from './child.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Doors {
  /** For `node`, so that a program that imports `ringback/…` finds what is under test. */
  readonly flags: readonly string[]
  remove(): void
}

/** The package as programs in processes of their own import it: built, or the sources, bundled for them. */
export async function packageDoors(): Promise<Doors> {
  return process.env.RINGBACK_TEST_TARGET === 'dist' ? { flags: [], remove: () => {} } : bundledSources()
}

/** Doors of the package by name, made from the sources, and a module that lets Node find them. */
async function bundledSources(): Promise<Doors> {
  mkdirSync(join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(root, '.cache/doors-'))
  const doors = Object.entries(packageJson.exports).flatMap(([subPath, target]) => {
    // Test frameworks are not what a program needs.
    if (typeof target === 'string' || !/^\.(\/(dispatcher|receiver|express|fastify|hono|koa|node|fetch|testing))?$/.test(subPath))
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
  return { flags: ['--import', pathToFileURL(hook).href], remove: () => rmSync(folder, { recursive: true }) }
}

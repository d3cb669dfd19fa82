import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, '.cache/bundlers')
/** No dependencies of ours: nobody else needs their hundred packages. esbuild and Rolldown are in `npm run check:pack`. */
const BUNDLERS = { rollup: '4.68.7', webpack: '5.112.2', vite: '8.3.8' }

const PROGRAM = `import { parseExpression } from 'ringback/expression'
import { lintText } from 'ringback/lint'
const text = "openapi: 3.1.0\\ninfo: { title: A, version: '1' }\\npaths: { /a: { post: { callbacks: { c: { '{request.body#/url}': {} } } } } }"
globalThis.found = [parseExpression('$request.body#/url').kind, lintText(text).problems.some(({ rule }) => rule === 'no-dollar')].join()
`

/** Each writes out.js, without one plug-in or setting that the package would need. */
const BUILDS: Readonly<Record<keyof typeof BUNDLERS, string>> = {
  // Rollup knows no packages: the path is all it is told.
  rollup: `import { rollup } from 'rollup'
const resolveId = (id) => (id.startsWith('ringback/') ? process.cwd() + '/node_modules/ringback/dist/' + id.slice(9) + '/index.js' : null)
const bundle = await rollup({ input: 'program.js', plugins: [{ name: 'paths', resolveId }], onwarn: (warning) => { throw new Error(warning.message) } })
await bundle.write({ file: 'rollup/out.js', format: 'iife' })`,
  webpack: `import webpack from 'webpack'
const options = { mode: 'production', target: 'web', entry: './program.js', output: { path: process.cwd() + '/webpack', filename: 'out.js' } }
const stats = await new Promise((resolve, reject) => webpack(options, (error, stats) => (error ? reject(error) : resolve(stats))))
const { errors } = stats.toJson({ all: false, errors: true })
if (errors.length > 0) throw new Error(JSON.stringify(errors))`,
  vite: `import { build } from 'vite'
const lib = { entry: 'program.js', formats: ['iife'], name: 'program', fileName: () => 'out.js' }
await build({ configFile: false, logLevel: 'error', build: { outDir: 'vite', lib } })`,
}

let missing = false

beforeAll(() => {
  const program = "import { buildWhereStale } from './scripts/build/fresh.mjs'; buildWhereStale()"
  execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: root })
  mkdirSync(folder, { recursive: true })
  const manifest = JSON.stringify({ name: 'bundlers', private: true, type: 'module', dependencies: BUNDLERS })
  const done = join(folder, 'node_modules/installed')
  if (!existsSync(done) || readFileSync(done, 'utf8') !== manifest) {
    writeFileSync(join(folder, 'package.json'), manifest)
    const flags = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=1']
    missing = spawnSync('npm', ['install', ...flags], { cwd: folder, stdio: 'ignore', timeout: 240_000 }).status !== 0
    if (missing) return
    writeFileSync(done, manifest)
  }
  for (const name of ['dist', 'package.json'])
    cpSync(join(root, name), join(folder, 'node_modules/ringback', name), { recursive: true })
  writeFileSync(join(folder, 'program.js'), PROGRAM)
}, 300_000)

describe.each(Object.entries(BUILDS))('%s', (name, program) => {
  test('makes of expressions and linting what runs without Node', { timeout: 120_000 }, ({ skip }) => {
    skip(missing, 'the bundlers cannot be fetched')
    writeFileSync(join(folder, `${name}.mjs`), program)
    const { status, stderr } = spawnSync(process.execPath, [`${name}.mjs`], { cwd: folder, encoding: 'utf8' })
    expect(status, stderr).toBe(0)
    const page = createContext({ URL, URLSearchParams, TextEncoder, TextDecoder, console })
    runInContext(readFileSync(join(folder, name, 'out.js'), 'utf8'), page)
    expect(page.found).toBe('request,true')
  })
})

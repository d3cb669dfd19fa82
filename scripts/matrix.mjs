// Runs the built package on other runtimes: the tests on Node, and on Bun and Deno the parts that need no Node.
//   npm run test:matrix -- [--all] [RUNTIME…]
// Without --all, tests that are slow or say nothing of a runtime are left out. Exits with 75 when a runtime could not be fetched, and all
// that could be was right.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { build } from 'esbuild'
import { buildWhereStale } from './build/fresh.mjs'
import { root } from './build/paths.mjs'
import { fetchRuntime, RUNTIMES } from './matrix/runtimes.mjs'

const NOT_FETCHED = 75
const all = process.argv.includes('--all')
const names = process.argv.slice(2).filter((word) => !word.startsWith('-'))
const unknown = names.filter((name) => !RUNTIMES.some((one) => one.name === name))
if (unknown.length > 0) {
  console.error(`There is no runtime ${unknown.join(', ')}; there are ${RUNTIMES.map(({ name }) => name).join(', ')}.`)
  process.exit(64)
}

/** Left out without --all: random inputs and other databases, whole processes, and what is no part of the package. */
const LEFT_OUT = [
  ...['expression/*properties', 'expression/oracle', 'expression/hostile', 'openapi/fuzz', 'callback/stored-target'],
  ...['*/postgres*', 'receiver/processes', 'receiver/secrets', 'cli/listen', 'support/*', '*'],
].map((path) => `test/${path}.test.ts`)

buildWhereStale()
const scratch = mkdtempSync(join(tmpdir(), 'ringback-matrix-'))
try {
  const programs = await writePrograms()
  let [failed, missing] = [false, false]
  for (const runtime of RUNTIMES.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const binary = fetchRuntime(runtime)
    if (binary === undefined) {
      console.log(`SKIPPED ${runtime.name}: ${runtime.package}@${runtime.version} cannot be fetched`)
      missing = true
      continue
    }
    const version = run(binary, ['--version'], { quiet: true }).stdout.split('\n')[0]
    const start = performance.now()
    const problem = runtime.kind === 'node' ? onNode(binary, programs) : onOther(binary, runtime.kind, programs)
    const seconds = ((performance.now() - start) / 1000).toFixed(0)
    console.log(
      `${problem === undefined ? 'ok' : 'FAILED'} ${runtime.name} (${version}, ${seconds} s)${problem ? `: ${problem}` : ''}`,
    )
    failed ||= problem !== undefined
  }
  process.exitCode = failed ? 1 : missing ? NOT_FETCHED : 0
} finally {
  rmSync(scratch, { recursive: true })
}

/** @typedef {{ conformance: string, pure: string, required: string }} Programs */

/**
 * Programs that use the package by its name, in a folder where it is installed as in any project.
 * @returns {Promise<Programs>}
 */
async function writePrograms() {
  // In node_modules, where Node says nothing of modules that are required; a link would lead out of it.
  const installed = join(scratch, 'node_modules/ringback')
  for (const name of ['dist', 'package.json']) cpSync(join(root, name), join(installed, name), { recursive: true })
  const { dependencies, optionalDependencies, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const link = join(scratch, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), link, 'junction')
  }
  writeFileSync(join(scratch, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  await build({
    entryPoints: { conformance: join(root, 'scripts/conformance/main.ts'), pure: join(root, 'scripts/matrix/pure.ts') },
    outdir: scratch,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    // Not the paths of tsconfig.json, by which the package's names mean its sources.
    tsconfigRaw: {},
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  })
  const required = join(scratch, 'required.cjs')
  const doors = Object.keys(exports).filter((subPath) => exports[subPath].default?.endsWith('.js'))
  writeFileSync(required, doors.map((subPath) => `require('ringback${subPath.slice(1)}')\n`).join(''))
  return { conformance: join(scratch, 'conformance.mjs'), pure: join(scratch, 'pure.mjs'), required }
}

/**
 * What failed, if anything did.
 * @param {string} binary
 * @param {Programs} programs
 */
function onNode(binary, { required }) {
  // The tests start processes by the name `node` too.
  const { RINGBACK_TEST_REPORT: _report, RINGBACK_TEST_DEEP: _deep, ...rest } = process.env
  const env = { ...rest, PATH: `${dirname(binary)}${delimiter}${rest.PATH}`, RINGBACK_TEST_TARGET: 'dist', NO_COLOR: '1' }
  const { status: exit, stderr: told } = run(binary, [required], { env, quiet: true })
  if (exit !== 0 || told !== '') return `require does not work in silence:\n${told}`
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const left = all ? [] : LEFT_OUT.flatMap((pattern) => ['--exclude', pattern])
  const { status, stdout, stderr } = run(binary, [vitest, 'run', ...left], { env, quiet: true })
  console.log(
    status === 0
      ? stdout
          .split('\n')
          .filter((line) => /^\s*(Test Files|Tests) /.test(line))
          .join('\n')
      : stdout + stderr,
  )
  return status === 0 ? undefined : 'tests fail'
}

/**
 * @param {string} binary
 * @param {'bun' | 'deno'} kind
 * @param {Programs} programs
 */
function onOther(binary, kind, { conformance, pure, required }) {
  const allowed =
    kind === 'deno'
      ? ['run', '--quiet', '--node-modules-dir=manual', '--no-remote', '--allow-read', '--allow-env', '--allow-sys']
      : []
  const rows = run(binary, [...allowed, conformance, 'test/fixtures/conformance/expression-cases.json'])
  if (rows.status !== 0) return 'rows of test/fixtures/conformance fail'
  const documents = ['test/fixtures/lint', 'test/fixtures/openapi', 'examples']
  const [here, there] = [
    run(process.execPath, [pure, ...documents], { quiet: true }),
    run(binary, [...allowed, pure, ...documents], { quiet: true }),
  ]
  if (here.status !== 0 || there.status !== 0) return `a document cannot be worked on:\n${here.stderr}${there.stderr}`
  const [expected, found] = [here.stdout.split('\n'), there.stdout.split('\n')]
  const at = expected.findIndex((line, i) => line !== found[i])
  if (at >= 0) return `line ${at + 1} of ${expected.length} differs from Node's:\n  ${expected[at]}\n  ${found[at]}`
  console.log(`${expected.length - 1} answers about documents are those of Node`)
  if (kind === 'bun' && run(binary, [required]).status !== 0) return 'require does not work'
  return undefined
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ quiet?: boolean, env?: NodeJS.ProcessEnv }} [options]
 */
function run(command, args, { quiet = false, env = process.env } = {}) {
  const output = quiet ? 'pipe' : 'inherit'
  return spawnSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', output, output], env, maxBuffer: 2 ** 28 })
}

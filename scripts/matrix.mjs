// Runs the built package on other runtimes: the tests on Node, and on Bun and Deno the parts that need no Node, and a server with callbacks.
//   npm run test:matrix -- [--all] [RUNTIME…]
// Without --all, tests that are slow or say nothing of a runtime are left out. Exits with 75 when a runtime could not be fetched, and all
// that could be was right.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { build } from 'esbuild'
import { buildWhereStale } from './build/fresh.mjs'
import { program, root } from './build/paths.mjs'
import { fetchRuntime, RUNTIMES } from './matrix/runtimes.mjs'

const NOT_FETCHED = 75
const denoFlags = ['run', '--quiet', '--node-modules-dir=manual', '--no-remote', '--allow-read', '--allow-env', '--allow-sys']
const all = process.argv.includes('--all')
const names = process.argv.slice(2).filter((word) => !word.startsWith('-'))
const unknown = names.filter((name) => !RUNTIMES.some((one) => one.name === name))
if (unknown.length > 0) {
  console.error(`There is no runtime ${unknown.join(', ')}; there are ${RUNTIMES.map(({ name }) => name).join(', ')}.`)
  process.exit(64)
}

/** Without --all: what stands on Node and on packages with binaries; and of that not what starts databases or many processes. */
const ON_NODE = ['storage', 'dispatcher', 'outbound', 'receiver', 'loading', 'plugins', 'testing']
const LEFT_OUT = ['*/postgres*', '*/*process*', '*/*simulator*', 'receiver/leaks', 'receiver/secrets']
const OF_OWN_LINE = ['storage', 'loading', 'plugins']

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
    const version = run(binary, ['--version']).stdout.split('\n')[0]
    const start = performance.now()
    const problem =
      pureParts(binary, runtime.kind, programs) ??
      (runtime.kind === 'node' ? testsOnNode(binary, runtime.version) : serving(binary, runtime.kind, programs))
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

/** @typedef {{ conformance: string, pure: string, serving: string, required: string }} Programs */

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
    entryPoints: {
      conformance: join(root, 'scripts/conformance/main.ts'),
      pure: join(root, 'scripts/matrix/pure.ts'),
      serving: join(root, 'scripts/matrix/serving.ts'),
    },
    outdir: scratch,
    outExtension: { '.js': '.mjs' },
    ...program,
  })
  const required = join(scratch, 'required.cjs')
  const doors = Object.keys(exports).filter((subPath) => exports[subPath].default?.endsWith('.js'))
  writeFileSync(required, doors.map((subPath) => `require('ringback${subPath.slice(1)}')\n`).join(''))
  /** @param {string} name */
  const built = (name) => join(scratch, `${name}.mjs`)
  return { conformance: built('conformance'), pure: built('pure'), serving: built('serving'), required }
}

/**
 * What failed, if anything did, of a server of the runtime whose callbacks are stored and sent.
 * @param {string} binary
 * @param {import('./matrix/runtimes.mjs').Runtime['kind']} kind
 * @param {Programs} programs
 */
function serving(binary, kind, { serving }) {
  const { status, stdout, stderr } = run(binary, [...(kind === 'deno' ? [...denoFlags, '--allow-net=127.0.0.1'] : []), serving])
  const ids = Array.from({ length: 20 }, (_, id) => [`/${id} {"id":${id}`, `/${id} {"id":${id},"sent":true`]).flat()
  const refused = Array.from({ length: 6 }, () => 'dead refused')
  const held = ['node:http 201 {} 1', 'node:http 201 {} 2']
  const sent = [...ids.map((line) => `${line}}`).sort(), ...refused]
  const expected = ['<object>: 1 operation, 1 callback, 0 problems', ...sent, ...held]
  if (status !== 0 || stdout.trimEnd() !== expected.join('\n'))
    return `callbacks of a server are lost or changed:\n${stdout}${stderr}`
  console.log(
    `   ${ids.length} callbacks of a server were sent, ${refused.length} refused, ${held.length} stored before their responses`,
  )
  return undefined
}

/**
 * What failed, if anything did, of the parts that need no Node: every door can be required, the conformance rows hold, and what is made of
 * the documents of the tests is what the Node makes of them that runs this script.
 * @param {string} binary
 * @param {import('./matrix/runtimes.mjs').Runtime['kind']} kind
 * @param {Programs} programs
 */
function pureParts(binary, kind, { conformance, pure, required }) {
  const flags = kind === 'deno' ? denoFlags : []
  const doors = run(binary, [...flags, required])
  if (doors.status !== 0 || doors.stderr !== '') return `require does not work in silence:\n${doors.stderr}`
  const rows = run(binary, [...flags, conformance, 'test/fixtures/conformance/expression-cases.json'])
  if (rows.status !== 0) return `rows of test/fixtures/conformance fail:\n${rows.stdout}${rows.stderr}`
  const documents = ['test/fixtures/lint', 'test/fixtures/openapi', 'examples/streams', 'examples/shop']
  const here = run(process.execPath, [pure, ...documents])
  const there = run(binary, [...flags, pure, ...documents])
  if (here.status !== 0 || there.status !== 0) return `a document cannot be worked on:\n${here.stderr}${there.stderr}`
  const [expected, found] = [here.stdout.split('\n'), there.stdout.split('\n')]
  const at = expected.findIndex((line, i) => line !== found[i])
  if (at >= 0) return `line ${at + 1} of ${expected.length} differs from Node's:\n  ${expected[at]}\n  ${found[at]}`
  console.log(`   rows of expressions: ${rows.stdout.trim()}; ${expected.length - 1} answers about documents are the same`)
  return undefined
}

/**
 * What failed, if anything did, of the tests against the built package.
 * @param {string} binary
 * @param {string} version
 */
function testsOnNode(binary, version) {
  const { RINGBACK_TEST_REPORT: _report, RINGBACK_TEST_DEEP: _deep, ...rest } = process.env
  // The tests start processes by the name `node` too.
  const env = { ...rest, PATH: `${dirname(binary)}${delimiter}${rest.PATH}`, RINGBACK_TEST_TARGET: 'dist', NO_COLOR: '1' }
  // The line that runs this script is tested by `npm test` already.
  const floors = version.split('.')[0] === process.versions.node.split('.')[0] ? OF_OWN_LINE : ON_NODE
  const some = [...floors.map((floor) => `test/${floor}/`), ...LEFT_OUT.flatMap((path) => ['--exclude', `test/${path}.test.ts`])]
  const tests = run(binary, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...(all ? [] : some)], env)
  if (tests.status !== 0) return `tests fail:\n${tests.stdout}${tests.stderr}`
  console.log(`   ${/^ *Tests +(.*)$/m.exec(tests.stdout)?.[1] ?? 'no test'}`)
  return undefined
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
function run(command, args, env = process.env) {
  return spawnSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env, maxBuffer: 2 ** 28 })
}

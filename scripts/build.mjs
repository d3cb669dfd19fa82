// Builds dist: tsc writes modules and declarations, then esbuild replaces the modules of the grammar by one file with Chevrotain in it,
// so that the package needs no parser library at run time and starts fast (docs/decisions/0001-bundled-chevrotain.md).
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')
const grammarSource = join(root, 'src/expression/grammar/index.ts')
const grammarOutput = join(dist, 'expression/grammar')

rmSync(dist, { recursive: true, force: true })
compile()
await bundleGrammar()
makeExecutable(join(dist, 'cli/main.js'))

function compile() {
  const typescript = createRequire(import.meta.url).resolve('typescript/package.json')
  const tsc = join(dirname(typescript), 'bin/tsc')
  const { status, error } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}

async function bundleGrammar() {
  if (!existsSync(grammarSource)) throw new Error(`Expected the grammar at ${relative(root, grammarSource)}, found no file`)
  removeModules(grammarOutput)
  /** @type {import('esbuild').BuildOptions} */
  const common = {
    absWorkingDir: root,
    entryPoints: [relative(root, grammarSource)],
    bundle: true,
    minify: true,
    // Not `keepNames`: it names every closure at run time, and a parser makes dozens per parse (6 times slower).
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2022',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  }
  const results = await Promise.all([
    build({ ...common, format: 'esm', outfile: join(grammarOutput, 'index.js') }),
    build({ ...common, format: 'cjs', outfile: join(grammarOutput, 'bundle.cjs') }),
  ])
  const inputs = results.flatMap(({ metafile }) => Object.keys(metafile?.inputs ?? {}))
  writeFileSync(join(grammarOutput, 'THIRD-PARTY-LICENSES.txt'), licencesOf(inputs))
}

/**
 * What tsc wrote for the grammar, but for the declarations: index.d.ts may point at its neighbours' types.
 * @param {string} folder
 */
function removeModules(folder) {
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    if (entry.endsWith('.js')) rmSync(join(folder, entry))
}

/**
 * The licence texts of every package that has a file in the bundle.
 * @param {string[]} inputs paths relative to the root
 */
function licencesOf(inputs) {
  const folders = new Set()
  for (const input of inputs) {
    const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]
    if (folder) folders.add(folder)
  }
  /** @type {Map<string, string[]>} */
  const packagesByText = new Map()
  for (const folder of [...folders].sort()) {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
    const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e(\.|$)/i.test(entry))
    if (!file) throw new Error(`Expected a licence file in ${folder} (${name}), found none: its notice cannot be kept`)
    const text = readFileSync(join(root, folder, file), 'utf8')
      .replaceAll('\r\n', '\n')
      .trim()
    packagesByText.set(text, [...(packagesByText.get(text) ?? []), `${name} ${version} (${license})`])
  }
  const sections = [...packagesByText].map(([text, packages]) => `${packages.join('\n')}\n\n${text}\n`)
  const head = 'index.js and bundle.cjs beside this file contain code of the packages below, under these licences.\n'
  return [head, ...sections].join(`\n${'-'.repeat(78)}\n\n`)
}

/** @param {string} file */
function makeExecutable(file) {
  if (!readFileSync(file, 'utf8').startsWith('#!')) throw new Error(`Expected a "#!" line at the head of ${basename(file)}`)
  chmodSync(file, 0o755)
}

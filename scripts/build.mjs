// Builds dist: tsc writes modules and declarations, then esbuild replaces the modules of the grammar by one file with Chevrotain in it,
// so that the package needs no parser library at run time and starts fast (docs/decisions/0001-bundled-chevrotain.md).
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')
const grammarSource = join(root, 'src/expression/grammar/index.ts')
const grammarOutput = join(dist, 'expression/grammar')
/** Linters load these into themselves, Spectral by bundling them once more: all that they need is in them. */
const selfContained = ['plugins/spectral', 'plugins/redocly']

rmSync(dist, { recursive: true, force: true })
compile()
await bundleGrammar()
await bundleFloors()
await bundleSelfContained()
removeUnseenDeclarations()
copyFileSync(join(root, 'src/lint/report.schema.json'), join(dist, 'lint/report.schema.json'))
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
 * Makes one module of each floor: it is entered through its index.js only, and a few files load much faster than a hundred. What else
 * package.json names in a floor stays a module of its own.
 */
async function bundleFloors() {
  const { bin, imports, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const named = JSON.stringify([bin, imports, exports]).match(/\.\/dist\/[^"]+\.js/g) ?? []
  for (const { name } of readdirSync(dist, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    const folder = join(dist, name)
    const files = [join(folder, 'index.js'), ...named.map((path) => join(root, path))]
    const others = new Set(selfContained.map((path) => join(dist, `${path}.js`)))
    const entryPoints = [...new Set(files)].filter(
      (path) => path.startsWith(folder + sep) && existsSync(path) && !others.has(path),
    )
    const { outputFiles } = await build({
      absWorkingDir: root,
      entryPoints,
      outdir: folder,
      write: false,
      bundle: true,
      splitting: true,
      chunkNames: 'chunk-[hash]',
      format: 'esm',
      platform: 'neutral',
      target: 'es2022',
      packages: 'external',
      logLevel: 'warning',
      plugins: [externalOutside(folder)],
    })
    for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, entry)
      if (path.endsWith('.js') && !path.startsWith(grammarOutput + sep)) rmSync(path)
    }
    for (const { path, contents } of outputFiles) writeFileSync(path, contents)
  }
}

/** Bundles the plug-ins for linters with every package they use. The bundled grammar stays beside them: it needs nothing else either. */
async function bundleSelfContained() {
  const folder = join(dist, 'plugins')
  /** @type {import('esbuild').Plugin} */
  const grammarBeside = {
    name: 'grammar',
    setup({ onResolve }) {
      const path = relative(folder, join(grammarOutput, 'index.js')).replaceAll(sep, '/')
      onResolve({ filter: /^#grammar$/ }, () => ({ path, external: true }))
    },
  }
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: selfContained.map((path) => `src/${path}.ts`),
    outdir: folder,
    bundle: true,
    splitting: true,
    chunkNames: 'linter-[hash]',
    minify: true,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [grammarBeside],
  })
  const licences = licencesOf(Object.keys(metafile.inputs), 'The JavaScript files beside this one contain')
  writeFileSync(join(folder, 'THIRD-PARTY-LICENSES.txt'), licences)
}

/** Removes the declarations that no public door leads to: compilers never open them. */
function removeUnseenDeclarations() {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const doors = JSON.stringify(exports).match(/\.\/dist\/[^"]+\.d\.ts/g) ?? []
  const seen = new Set(doors.map((path) => join(root, path)))
  for (const file of seen)
    for (const [, neighbour = ''] of readFileSync(file, 'utf8').matchAll(/['"](\.[^'"]+)\.ts['"]/g)) {
      const declarations = join(dirname(file), `${neighbour}.d.ts`)
      if (existsSync(declarations)) seen.add(declarations)
    }
  for (const entry of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const path = join(dist, entry)
    if (path.endsWith('.d.ts') && !seen.has(path)) rmSync(path)
  }
}

/**
 * Other floors and the bundled grammar stay modules of their own.
 * @param {string} folder
 * @returns {import('esbuild').Plugin}
 */
function externalOutside(folder) {
  return {
    name: 'floor',
    setup({ onResolve }) {
      onResolve({ filter: /^[.#]/ }, ({ path, resolveDir, kind }) => {
        if (kind === 'entry-point') return undefined
        if (path.startsWith('#')) return { path, external: true }
        const target = join(resolveDir, path)
        if (target.startsWith(folder + sep) && !target.startsWith(grammarOutput + sep)) return undefined
        const fromFolder = relative(folder, target).replaceAll(sep, '/')
        return { path: fromFolder.startsWith('.') ? fromFolder : `./${fromFolder}`, external: true }
      })
    },
  }
}

/**
 * Removes what tsc wrote for the grammar, but for the declarations that index.d.ts needs.
 * @param {string} folder
 */
function removeModules(folder) {
  const needed = [join(folder, 'index.d.ts')]
  for (const file of needed)
    for (const [, neighbour = ''] of readFileSync(file, 'utf8').matchAll(/from '(\.\/[^']+)\.ts'/g)) {
      const declarations = join(dirname(file), `${neighbour}.d.ts`)
      if (!needed.includes(declarations)) needed.push(declarations)
    }
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, entry)
    if (/\.[jt]s$/.test(entry) && !needed.includes(path)) rmSync(path)
  }
}

/**
 * The licence texts of every package that has a file in the bundle.
 * @param {string[]} inputs paths relative to the root
 * @param {string} [head] what contains them
 */
function licencesOf(inputs, head = 'index.js and bundle.cjs beside this file contain') {
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
  return [`${head} code of the packages below, under these licences.\n`, ...sections].join(`\n${'-'.repeat(78)}\n\n`)
}

/** @param {string} file */
function makeExecutable(file) {
  if (!readFileSync(file, 'utf8').startsWith('#!')) throw new Error(`Expected a "#!" line at the head of ${basename(file)}`)
  chmodSync(file, 0o755)
}

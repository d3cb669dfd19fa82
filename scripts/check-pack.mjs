// Packs the package as it would be published, then looks at the tarball, installs it in an empty project and uses every door of it.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const LIMIT_BYTES = 512 * 1024
const COLD_IMPORT_MS = 60
// 80 ms where nothing else runs; the rest is room for a busy machine.
const COLD_PARSE_MS = 120
/** Sub-paths that have to run in a browser. */
const FOR_BROWSERS = ['./expression', './openapi', './lint']
const EXPECTED = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
  /^dist\/[\w/-]+\.(js|d\.ts)$/,
  /^dist\/expression\/grammar\/(bundle\.cjs|THIRD-PARTY-LICENSES\.txt)$/,
  /^dist\/plugins\/THIRD-PARTY-LICENSES\.txt$/,
  /^dist\/lint\/report\.schema\.json$/,
  /^docs\/rules\/[\w-]+\.md$/,
]

const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
/** @type {[subPath: string, file: string][]} */
const doors = Object.entries(manifest.exports).map(([subPath, target]) => [
  subPath,
  (typeof target === 'string' ? target : target.default).slice(2),
])
const modules = doors.filter(([, file]) => file.endsWith('.js')).map(([subPath]) => subPath)

const scratch = mkdtempSync(join(tmpdir(), 'ringback-pack-'))
try {
  const tarball = pack()
  run('publint', ['run', tarball, '--strict'])
  run('attw', [tarball, '--profile', 'esm-only', '--no-definitely-typed', '--no-emoji', '--format', 'ascii'])
  const project = install(tarball)
  checkNode(project)
  checkTypes(project)
  await checkBrowser(project)
  checkColdImport(project)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

function pack() {
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', scratch], { quiet: true }))
  /** @type {string[]} */
  const paths = packed.files.map((/** @type {{ path: string }} */ { path }) => path)
  console.log(
    `${packed.filename}: ${paths.length} files, ${kilobytes(packed.size)} packed, ${kilobytes(packed.unpackedSize)} unpacked`,
  )
  refuse('is larger than the limit', packed.size > LIMIT_BYTES ? [`${kilobytes(packed.size)} > ${kilobytes(LIMIT_BYTES)}`] : [])
  refuse(
    'holds what nobody expects',
    paths.filter((path) => !EXPECTED.some((pattern) => pattern.test(path))),
  )
  const needed = ['LICENSE', 'README.md', 'CHANGELOG.md', ...doors.map(([, file]) => file)]
  needed.push(...doors.flatMap(([, file]) => (file.endsWith('.js') ? [file.replace(/\.js$/, '.d.ts')] : [])))
  refuse(
    'lacks what package.json promises',
    needed.filter((path) => !paths.includes(path)),
  )
  refuse(
    'needs what it should have bundled',
    paths.filter((path) => /\.c?js$/.test(path) && /\bchevrotain['"]/.test(readFileSync(join(root, path), 'utf8'))),
  )
  return join(scratch, packed.filename)
}

/** @param {string} tarball */
function install(tarball) {
  const project = join(scratch, 'project')
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'project', private: true, type: 'module' }))
  run('npm', ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', tarball], {
    cwd: project,
  })
  return project
}

/** @param {string} project */
function checkNode(project) {
  const names = JSON.stringify(modules.map(nameOf))
  writeFileSync(
    join(project, 'doors.mjs'),
    `import { createRequire } from 'node:module'
    const require = createRequire(import.meta.url)
    for (const name of ${names}) {
      const imported = Object.keys(await import(name))
      // Node adds this name where there is a default export.
      const required = Object.keys(require(name)).filter((key) => key !== '__esModule')
      if (imported.length === 0) throw new Error(name + ' exports nothing')
      if (imported.join() !== required.join()) throw new Error(name + ': import and require give different names')
      console.log(name + ': ' + imported.length + ' exports')
    }`,
  )
  writeFileSync(join(project, 'doors.cjs'), `for (const name of ${names}) require(name)`)
  run(process.execPath, ['doors.cjs'], { cwd: project })
  run(process.execPath, ['doors.mjs'], { cwd: project })
  const grammar = join(project, 'node_modules/ringback/dist/expression')
  writeFileSync(
    join(project, 'grammar.mjs'),
    `const [lazy, eager] = await Promise.all(['lazy', 'eager'].map((kind) => import(${JSON.stringify(grammar)} + '/grammar-' + kind + '.js')))
    const [a, b] = [Object.keys(lazy).join(), Object.keys(eager).join()]
    if (a !== b) throw new Error('grammar-lazy.ts exports ' + a + ', grammar-eager.ts exports ' + b)`,
  )
  run(process.execPath, ['grammar.mjs'], { cwd: project })
  run('npx', ['--no-install', 'ringback', '--help'], { cwd: project })
  run('npx', ['--no-install', 'ringback', 'lint', '--explain', 'no-dollar'], { cwd: project, quiet: true })
}

/**
 * That the declarations make sense to the compiler of a user; what it says of the declarations of other packages is not ours.
 * @param {string} project
 */
function checkTypes(project) {
  writeFileSync(
    join(project, 'doors.ts'),
    modules.map((subPath, i) => `export * as door${i} from '${nameOf(subPath)}'\n`).join(''),
  )
  for (const [module, moduleResolution] of [
    ['NodeNext', 'NodeNext'],
    ['ESNext', 'Bundler'],
  ]) {
    const options = { module, moduleResolution, strict: true, target: 'ES2022', lib: ['ES2023'], noEmit: true, types: ['node'] }
    const compilerOptions = { ...options, typeRoots: [join(root, 'node_modules/@types')] }
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['doors.ts'] }))
    let output = ''
    try {
      run('tsc', ['-p', '.', '--pretty', 'false'], { cwd: project, quiet: true })
    } catch (error) {
      output = /** @type {{ stdout: string }} */ (error).stdout
    }
    refuse(
      `has types that do not compile (${moduleResolution})`,
      output.split('\n').filter((line) => /^(doors\.ts|node_modules\/ringback\/|error )/.test(line)),
    )
  }
}

/** @param {string} project */
async function checkBrowser(project) {
  for (const subPath of modules.filter((one) => FOR_BROWSERS.includes(one))) {
    const name = nameOf(subPath)
    const options = { bundle: true, write: false, minify: true, metafile: true, platform: 'browser', format: 'esm' }
    const stdin = { contents: `export * from '${name}'`, resolveDir: project }
    const result = await build({ .../** @type {import('esbuild').BuildOptions} */ (options), stdin })
    console.log(`${name}: ${kilobytes(result.outputFiles?.[0]?.contents.length ?? 0)} in a browser`)
  }
}

/**
 * One fast run is proof; a slow one only says that the machine was busy, so it is tried again.
 * @param {string} project
 */
function checkColdImport(project) {
  const program = `const start = performance.now()
    const { parseExpression } = await import('ringback/expression')
    const imported = performance.now()
    parseExpression('$request.body#/callbackUrl')
    console.log(JSON.stringify([imported - start, performance.now() - start]))`
  /** @type {[imported: number, parsed: number]} */
  let best = [Infinity, Infinity]
  for (let n = 0; n < 25 && (n < 5 || best[0] > COLD_IMPORT_MS || best[1] > COLD_PARSE_MS); n++) {
    const [imported, parsed] = JSON.parse(
      run(process.execPath, ['--input-type=module', '-e', program], { cwd: project, quiet: true }),
    )
    best = [Math.min(best[0], imported), Math.min(best[1], parsed)]
  }
  const told = `imported in ${best[0].toFixed(1)} ms, first parse done after ${best[1].toFixed(1)} ms`
  console.log(`ringback/expression: ${told}`)
  refuse('starts too slowly', best[0] > COLD_IMPORT_MS || best[1] > COLD_PARSE_MS ? [told] : [])
}

/** @param {string} subPath */
function nameOf(subPath) {
  return `ringback${subPath.slice(1)}`
}

/**
 * @param {string} what
 * @param {string[]} found
 */
function refuse(what, found) {
  if (found.length > 0) throw new Error(`The package ${what}:\n${found.map((one) => `  ${one}`).join('\n')}`)
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, quiet?: boolean }} [options]
 */
function run(command, args, { cwd = root, quiet = false } = {}) {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', quiet ? 'pipe' : 'inherit', 'inherit'] })
}

/** @param {number} bytes */
function kilobytes(bytes) {
  return `${Math.round(bytes / 1024)} KB`
}

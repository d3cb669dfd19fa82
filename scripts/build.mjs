// Builds dist: tsc writes modules and declarations, then esbuild joins the modules of each floor and puts in what is not to be a dependency
// (docs/decisions/0001-bundled-chevrotain.md, 0005-one-module-per-floor.md, 0008-what-the-package-holds.md).
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { bundleFloors } from './build/floors.mjs'
import { bundleGrammar } from './build/grammar.mjs'
import { dist, root } from './build/paths.mjs'
import { bundleVendored } from './build/vendor.mjs'

rmSync(dist, { recursive: true, force: true })
compile()
await bundleGrammar()
await bundleVendored()
await bundleFloors()
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

/** @param {string} file */
function makeExecutable(file) {
  if (!readFileSync(file, 'utf8').startsWith('#!')) throw new Error(`Expected a "#!" line at the head of ${basename(file)}`)
  chmodSync(file, 0o755)
}

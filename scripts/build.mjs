// Builds dist: tsc writes modules and declarations, then esbuild joins the modules of each floor and puts in what is not to be a dependency
// (docs/decisions/0001-bundled-chevrotain.md, 0005-one-module-per-floor.md, 0008-what-the-package-holds.md).
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { joinDeclarations } from './build/declarations.mjs'
import { bundleFloors } from './build/floors.mjs'
import { bundleGrammar } from './build/grammar.mjs'
import { dist, root } from './build/paths.mjs'
import { bundleVendored } from './build/vendor.mjs'

rmSync(dist, { recursive: true, force: true })
compile()
await bundleGrammar()
await bundleVendored()
await bundleFloors()
joinDeclarations()
copyFileSync(join(root, 'src/lint/report.schema.json'), join(dist, 'lint/report.schema.json'))
makeExecutable(join(dist, 'cli/main.js'))

function compile() {
  const typescript = createRequire(import.meta.url).resolve('typescript/package.json')
  const tsc = join(dirname(typescript), 'bin/tsc')
  const { status, error } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}

/** @param {string} file */
function makeExecutable(file) {
  if (!readFileSync(file, 'utf8').startsWith('#!')) throw new Error(`Expected a "#!" line at the head of ${basename(file)}`)
  chmodSync(file, 0o755)
}

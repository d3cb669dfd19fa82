// Runs a TypeScript file of this repository against the built package, which it builds first where the sources are newer:
//   node scripts/run.mjs bench/expression.ts [arguments…]
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { buildWhereStale } from './build/fresh.mjs'
import { program, root } from './build/paths.mjs'

const [file, ...args] = process.argv.slice(2)
if (file === undefined) {
  console.error('Usage: node scripts/run.mjs FILE.ts [arguments…]')
  process.exit(64)
}

buildWhereStale()

// Inside the package, so that `ringback/…` is the package itself.
const outfile = join(root, '.cache', file.replace(/[^\w]+/g, '-').replace(/-ts$/, '.mjs'))
mkdirSync(join(root, '.cache'), { recursive: true })
await build({
  entryPoints: [resolve(file)],
  outfile,
  ...program,
})
try {
  execFileSync(process.execPath, ['--enable-source-maps', outfile, ...args], { stdio: 'inherit' })
} catch (error) {
  process.exit(/** @type {{ status?: number }} */ (error).status ?? 1)
}

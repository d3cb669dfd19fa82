// Runs a TypeScript file of this repository against the built package, which it builds first where the sources are newer:
//   node scripts/run.mjs bench/expression.ts [arguments…]
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const [file, ...args] = process.argv.slice(2)
if (file === undefined) {
  console.error('Usage: node scripts/run.mjs FILE.ts [arguments…]')
  process.exit(64)
}

if (newest(['src', 'package.json', 'tsconfig.build.json']) > newest(['dist/index.js'])) {
  const built = spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  if (built.status !== 0) {
    process.stderr.write(built.stdout)
    process.stderr.write(built.stderr)
    process.exit(built.status ?? 1)
  }
}

// Inside the package, so that `ringback/…` is the package itself.
const outfile = join(root, '.cache', file.replace(/[^\w]+/g, '-').replace(/-ts$/, '.mjs'))
mkdirSync(join(root, '.cache'), { recursive: true })
await build({
  entryPoints: [resolve(file)],
  outfile,
  bundle: true,
  packages: 'external',
  // Not the paths of tsconfig.json, by which the package's names mean its sources.
  tsconfigRaw: {},
  platform: 'node',
  format: 'esm',
  logLevel: 'error',
})
try {
  execFileSync(process.execPath, ['--enable-source-maps', outfile, ...args], { stdio: 'inherit' })
} catch (error) {
  process.exit(/** @type {{ status?: number }} */ (error).status ?? 1)
}

/**
 * The latest change of these files and of what is in these folders, in milliseconds; 0 when there are none.
 * @param {string[]} paths
 */
function newest(paths) {
  let latest = 0
  for (const path of paths) {
    const absolute = join(root, path)
    const stat = statSync(absolute, { throwIfNoEntry: false })
    if (stat === undefined) continue
    if (stat.isDirectory()) for (const entry of readdirSync(absolute)) latest = Math.max(latest, newest([join(path, entry)]))
    else latest = Math.max(latest, stat.mtimeMs)
  }
  return latest
}

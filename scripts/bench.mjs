// Runs every benchmark, or those named: npm run bench -- expression dispatcher
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
// Files that are no benchmark of their own, but what several share.
const shared = ['measure.ts', 'delivery-load.ts']
const all = readdirSync(new URL('../bench', import.meta.url)).filter((file) => file.endsWith('.ts') && !shared.includes(file))
const named = process.argv.slice(2).map((name) => `${name}.ts`)
const unknown = named.filter((file) => !all.includes(file))
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}; there are ${all.join(', ')}.`)
  process.exit(64)
}
for (const file of named.length > 0 ? named : all) {
  console.log(`\n== bench/${file}\n`)
  const { status } = spawnSync(process.execPath, ['scripts/run.mjs', `bench/${file}`], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

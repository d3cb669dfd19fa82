import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './paths.mjs'

/** Builds dist where what it is made of is newer. Ends the process where that fails. */
export function buildWhereStale() {
  if (newest(['src', 'package.json', 'tsconfig.build.json', 'scripts/build', 'scripts/build.mjs']) <= newest(['dist/index.js']))
    return
  const built = spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  if (built.status === 0) return
  process.stderr.write(built.stdout)
  process.stderr.write(built.stderr)
  process.exit(built.status ?? 1)
}

/**
 * The latest change of these files and of what is in these folders, in milliseconds; 0 when there are none.
 * @param {readonly string[]} paths
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

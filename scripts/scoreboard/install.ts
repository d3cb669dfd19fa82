import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { err, ok, type Result } from '../../src/util/index.ts'

/** A package of somebody else, to be measured against ours. */
export interface Installed {
  readonly name: string
  readonly version: string
  /** Loads one of its files, of whatever module system. */
  load(file: string): Promise<unknown>
}

const folder = join(process.cwd(), '.cache/peers')

/**
 * Installs a package into a folder of its own, once: it never becomes a dependency of this one, and its install scripts do not run. The
 * error says why it could not be had.
 */
export function install(name: string, version: string): Result<Installed, string> {
  const home = join(folder, name.replace(/\W+/g, '-'))
  const manifest = join(home, 'node_modules', name, 'package.json')
  if (!existsSync(manifest) || versionIn(manifest) !== version) {
    mkdirSync(home, { recursive: true })
    writeFileSync(join(home, 'package.json'), '{ "private": true }\n')
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
    const npm = spawnSync('npm', ['install', ...flags, `${name}@${version}`], { cwd: home, encoding: 'utf8', timeout: 300_000 })
    if (npm.error !== undefined) return err(`npm could not be run: ${npm.error.message}`)
    if (npm.status !== 0 || !existsSync(manifest)) {
      return err(npm.stderr.split('\n').find((line) => /error/i.test(line)) ?? `npm ended with ${npm.status}`)
    }
  }
  const load = (file: string): Promise<unknown> => import(pathToFileURL(join(home, 'node_modules', name, file)).href)
  return ok({ name, version, load })
}

function versionIn(manifest: string): string {
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
}

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * A runtime from a package of npm. The package has the binary in it and runs no script.
 * @typedef {{ name: string, kind: 'node' | 'bun' | 'deno', package: string, version: string, binary: string }} Runtime
 */

const cache = fileURLToPath(new URL('../../.cache/runtimes', import.meta.url))
const { platform, arch } = process
const windows = platform === 'win32'
const abi = windows ? '-msvc' : platform === 'linux' ? '-glibc' : ''

/** @param {string} version @returns {Runtime} */
const node = (version) => ({
  name: `node-${version}`,
  kind: 'node',
  package: `node-${windows ? 'win' : platform}-${arch}`,
  version,
  binary: windows ? 'bin/node.exe' : 'bin/node',
})

/** @type {readonly Runtime[]} */
export const RUNTIMES = [
  // The oldest that package.json allows.
  node('20.19.0'),
  node('22'),
  node('24'),
  {
    name: 'bun',
    kind: 'bun',
    package: `@oven/bun-${windows ? 'windows' : platform}-${arch === 'arm64' ? 'aarch64' : arch}`,
    version: '1',
    binary: windows ? 'bin/bun.exe' : 'bin/bun',
  },
  {
    name: 'deno',
    kind: 'deno',
    package: `@deno/${platform}-${arch}${abi}`,
    version: '2',
    binary: windows ? 'deno.exe' : 'deno',
  },
]

/**
 * The path of the runtime's binary, fetched where it is not there yet: into a folder of its own, because beside the other packages its
 * `node` would take the place of the one that runs the scripts. `undefined` when it cannot be fetched.
 * @param {Runtime} runtime
 */
export function fetchRuntime({ name, package: packageName, version, binary }) {
  const folder = join(cache, name)
  const path = join(folder, 'node_modules', packageName, binary)
  const done = join(folder, 'installed')
  if (!existsSync(done)) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: { [packageName]: version } }))
    const flags = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=1']
    const { status } = spawnSync('npm', ['install', ...flags], { cwd: folder, stdio: 'ignore', timeout: 180_000, shell: windows })
    if (status !== 0 || !existsSync(path)) return undefined
    writeFileSync(done, '')
  }
  return path
}

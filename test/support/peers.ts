import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Other linters, to run the plug-ins in and to measure against. */
export const PEERS: Readonly<Record<string, string>> = { '@stoplight/spectral-cli': '6.16.3', '@redocly/cli': '2.77.0' }

/** Test runners, to show that the matchers work in them. */
export const RUNNERS: Readonly<Record<string, string>> = { jest: '30.5.2', '@playwright/test': '1.65.1' }

/** Job queues, to measure against. */
export const QUEUES: Readonly<Record<string, string>> = { 'pg-boss': '10.4.2' }

/**
 * A folder with the peers installed, and this package beside them as it was built. They are no dependencies: nobody else needs their
 * hundreds of packages. `undefined` when they are not there and the registry cannot be reached. `root` is the folder of this repository.
 */
export function peersFolder(root: string, peers: Readonly<Record<string, string>> = PEERS, name = 'peers'): string | undefined {
  const folder = join(root, '.cache', name)
  const installed = Object.entries(peers).every(([peer, version]) =>
    existsSync(join(folder, `node_modules/${peer}/${version}.installed`)),
  )
  if (!installed) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, private: true, dependencies: peers }))
    const { status } = spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: folder,
      stdio: 'ignore',
      timeout: 300_000,
    })
    if (status !== 0) return undefined
    for (const [peer, version] of Object.entries(peers))
      writeFileSync(join(folder, `node_modules/${peer}/${version}.installed`), '')
  }
  if (!existsSync(join(folder, 'node_modules/ringback'))) symlinkSync(root, join(folder, 'node_modules/ringback'))
  if (!existsSync(join(root, 'dist/plugins/spectral.js'))) execFileSync(process.execPath, [join(root, 'scripts/build.mjs')])
  return folder
}

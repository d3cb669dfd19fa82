import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const dist = join(root, 'dist')
export const grammarFolder = join(dist, 'expression/grammar')
export const vendorFolder = join(dist, 'vendor')

/** For modules that run in Node, in browsers and inside of other bundles alike. */
export const neutral = {
  absWorkingDir: root,
  bundle: true,
  platform: /** @type {const} */ ('neutral'),
  mainFields: ['module', 'main'],
  target: 'es2022',
  legalComments: /** @type {const} */ ('none'),
  logLevel: /** @type {const} */ ('warning'),
}

/** For TypeScript of this repository that Node runs with the built package. */
export const program = {
  bundle: true,
  packages: /** @type {const} */ ('external'),
  // Not the paths of tsconfig.json, by which the package's names mean its sources.
  tsconfigRaw: {},
  platform: /** @type {const} */ ('node'),
  format: /** @type {const} */ ('esm'),
  logLevel: /** @type {const} */ ('error'),
}

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../build/paths.mjs'
import { doors, kilobytes, refuse, run } from './tools.mjs'

// As npm counts: a kilobyte has 1000 bytes.
const LIMIT_BYTES = 400_000
const EXPECTED = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
  /^dist\/[\w/-]+\.(js|d\.ts)$/,
  /^dist\/(expression\/grammar|vendor)\/THIRD-PARTY-LICENSES\.txt$/,
  /^dist\/lint\/report\.schema\.json$/,
  /^docs\/rules\/[\w-]+\.md$/,
]

/**
 * Packs the package as it would be published, and looks at what is in it. The answer is the path of the tarball.
 * @param {string} folder
 */
export function packInto(folder) {
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { quiet: true }))
  /** @type {string[]} */
  const paths = packed.files.map((/** @type {{ path: string }} */ { path }) => path)
  console.log(
    `${packed.filename}: ${paths.length} files, ${kilobytes(packed.size)} packed, ${kilobytes(packed.unpackedSize)} unpacked`,
  )
  refuse('is larger than the limit', packed.size > LIMIT_BYTES ? [`${kilobytes(packed.size)} > ${kilobytes(LIMIT_BYTES)}`] : [])
  refuse(
    'holds what nobody expects',
    paths.filter((path) => !EXPECTED.some((pattern) => pattern.test(path))),
  )
  const needed = ['LICENSE', 'README.md', 'CHANGELOG.md', ...doors.map(([, file]) => file)]
  needed.push(...doors.flatMap(([, file]) => (file.endsWith('.js') ? [file.replace(/\.js$/, '.d.ts')] : [])))
  refuse(
    'lacks what package.json promises',
    needed.filter((path) => !paths.includes(path)),
  )
  refuse(
    'needs what it should have bundled',
    paths.filter(
      (path) =>
        path.endsWith('.js') && /(?:from|import|require\()\s*['"](chevrotain|js-yaml|json-pointer)['"]/.test(textOf(path)),
    ),
  )
  // Spectral bundles its plug-in once more, and finds packages only beside the ruleset.
  refuse('has plug-ins that cannot be bundled once more', withNeighbours(['spectral', 'redocly']).filter(needsNode))
  return join(folder, packed.filename)
}

/** @param {string} path */
function textOf(path) {
  return readFileSync(join(root, path), 'utf8')
}

/** @param {readonly string[]} plugins */
function withNeighbours(plugins) {
  const files = new Set(plugins.map((name) => `dist/plugins/${name}.js`))
  for (const file of files)
    for (const [, path = ''] of textOf(file).matchAll(/from\s*["'](\.[^"']+)["']/g)) files.add(join(dirname(file), path))
  return [...files]
}

/** @param {string} file */
function needsNode(file) {
  return /import\.meta|createRequire|(?:from|import)\s*["'](?!\.)[\w@]/.test(textOf(file))
}

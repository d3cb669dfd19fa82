import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../build/paths.mjs'
import { moduleNames, refuse, run } from './tools.mjs'

/** @type {readonly [module: string, moduleResolution: string, source: string][]} */
const CONSUMERS = [
  ['NodeNext', 'NodeNext', 'doors.ts'],
  ['NodeNext', 'NodeNext', 'doors.cts'],
  ['Node16', 'Node16', 'doors.ts'],
  ['Node20', 'NodeNext', 'doors.cts'],
  ['ESNext', 'Bundler', 'doors.ts'],
]

/**
 * That the declarations make sense to the compiler of a user; what it says of the declarations of other packages is not ours.
 * @param {string} project
 */
export function checkTypes(project) {
  linkPeers(project)
  writeFileSync(join(project, 'doors.ts'), moduleNames.map((name, i) => `export * as door${i} from '${name}'\n`).join(''))
  writeFileSync(
    join(project, 'doors.cts'),
    moduleNames.map((name, i) => `export import door${i} = require('${name}')\n`).join(''),
  )
  for (const [module, moduleResolution, source] of CONSUMERS) {
    const options = { module, moduleResolution, strict: true, target: 'ES2022', lib: ['ES2023'], noEmit: true, types: ['node'] }
    const compilerOptions = { ...options, typeRoots: [join(root, 'node_modules/@types')] }
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [source] }))
    let output = ''
    try {
      run('tsc', ['-p', '.', '--pretty', 'false'], { cwd: project, quiet: true })
    } catch (error) {
      output = /** @type {{ stdout: string }} */ (error).stdout
    }
    refuse(
      `has types that do not compile (${module}, ${moduleResolution}, ${source})`,
      output.split('\n').filter((line) => /^(doors\.c?ts|node_modules\/ringback\/|error )/.test(line)),
    )
  }
  console.log(`types: ${CONSUMERS.map(([module, resolution, source]) => `${module}/${resolution} ${source}`).join(', ')}`)
}

/**
 * Who goes through a door for another package has that package.
 * @param {string} project
 */
function linkPeers(project) {
  const { peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const peers = Object.keys(peerDependencies)
  // Some have their types in a package of their own.
  const types = peers.map((peer) => `@types/${peer}`).filter((name) => existsSync(join(root, 'node_modules', name)))
  for (const peer of [...peers, ...types]) {
    const link = join(project, 'node_modules', peer)
    mkdirSync(dirname(link), { recursive: true })
    if (!existsSync(link)) symlinkSync(join(root, 'node_modules', peer), link)
  }
}

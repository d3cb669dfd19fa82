import { refuse, run } from './tools.mjs'

const COLD_IMPORT_MS = 60
// About 60 ms where nothing else runs; the rest is room for a busy machine.
const COLD_PARSE_MS = 120

/**
 * One fast run is proof; a slow one only says that the machine was busy, so it is tried again.
 * @param {string} project
 */
export function checkColdImport(project) {
  // Time in which others had the processor does not count, time in which two threads worked counts once.
  const program = `const [start, used] = [performance.now(), process.cpuUsage()]
    const spent = () => { const { user, system } = process.cpuUsage(used); return Math.min(performance.now() - start, (user + system) / 1000) }
    const { parseExpression } = await import('ringback/expression')
    const imported = spent()
    parseExpression('$request.body#/callbackUrl')
    console.log(JSON.stringify([imported, spent()]))`
  /** @type {[imported: number, parsed: number]} */
  let best = [Infinity, Infinity]
  for (let n = 0; n < 25 && (n < 5 || best[0] > COLD_IMPORT_MS || best[1] > COLD_PARSE_MS); n++) {
    const [imported, parsed] = JSON.parse(
      run(process.execPath, ['--input-type=module', '-e', program], { cwd: project, quiet: true }),
    )
    best = [Math.min(best[0], imported), Math.min(best[1], parsed)]
  }
  const told = `imported in ${best[0].toFixed(1)} ms, first parse done after ${best[1].toFixed(1)} ms`
  console.log(`ringback/expression: ${told}`)
  refuse('starts too slowly', best[0] > COLD_IMPORT_MS || best[1] > COLD_PARSE_MS ? [told] : [])
}

import { minifySync } from 'rolldown/utils'
import { breakLines } from './break-lines.mjs'

/**
 * Short names for what is local and no white space, but functions and classes keep their names and lines stay short: both are what a stack
 * trace shows.
 * @param {string} path
 * @param {string} text
 */
export function minified(path, text) {
  return breakLines(path, shortest(path, text, { function: true, class: true }), 240)
}

/**
 * Short names for all that is local: for code of others, which they publish minified too.
 * @param {string} path
 * @param {string} text
 * @param {{ function: boolean, class: boolean }} [keepNames]
 */
export function shortest(path, text, keepNames = { function: false, class: false }) {
  const { code, errors } = minifySync(path, text, {
    module: true,
    mangle: { keepNames },
    compress: { target: 'es2022', keepNames },
  })
  const [problem] = errors
  if (problem !== undefined) throw new Error(`${path} cannot be minified: ${problem.message}`)
  return code
}

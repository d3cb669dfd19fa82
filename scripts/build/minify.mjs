import { transform } from 'esbuild'
import { minifySync } from 'rolldown/utils'

const keepNames = { function: true, class: true }

/**
 * Short names for what is local and no white space, but functions and classes keep their names and lines stay short: both are what a stack
 * trace shows.
 * @param {string} path
 * @param {string} text
 */
export async function minified(path, text) {
  const { code, errors } = minifySync(path, text, {
    module: true,
    mangle: { keepNames },
    compress: { target: 'es2022', keepNames },
  })
  const [problem] = errors
  if (problem !== undefined) throw new Error(`${path} cannot be minified: ${problem.message}`)
  // Only breaks the lines.
  return (await transform(code, { format: 'esm', target: 'es2022', minifyWhitespace: true, lineLimit: 160 })).code
}

import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { rolldown } from 'rolldown'
import { kilobytes, namesForBrowsers } from './tools.mjs'

const DOCUMENT = `openapi: 3.1.0
info: { title: A, version: '1' }
paths: { /a: { post: { callbacks: { c: { '{request.body#/url}': { post: {} } } }, responses: {} } } }`

/** Uses what it imports, in a place that has what browsers have, and nothing of Node. */
const PROGRAM = `import { explain, parseExpression } from 'ringback/expression'
import { parseDescription } from 'ringback/openapi'
import { lintText } from 'ringback/lint'
const text = ${JSON.stringify(DOCUMENT)}
globalThis.found = [parseExpression('$request.body#/url').kind, explain('{$url}').valid, parseDescription(text) !== undefined,
  lintText(text).problems.some(({ rule }) => rule === 'no-dollar')].join()`

/** @param {string} project */
export async function checkBrowser(project) {
  const options = /** @type {const} */ ({ bundle: true, write: false, minify: true, platform: 'browser', format: 'esm' })
  for (const name of namesForBrowsers) {
    const { outputFiles } = await build({ ...options, stdin: { contents: `export * from '${name}'`, resolveDir: project } })
    console.log(`${name}: ${kilobytes(outputFiles[0]?.contents.length ?? 0)} in a browser`)
  }
  const stdin = { contents: PROGRAM, resolveDir: project }
  const { outputFiles } = await build({ ...options, format: 'iife', stdin })
  runWithoutNode(outputFiles[0]?.text ?? '', 'esbuild')
  const bundle = await rolldown({
    cwd: project,
    input: 'program',
    platform: 'browser',
    plugins: [
      {
        name: 'program',
        resolveId: (id) => (id === 'program' ? `${project}/program.js` : undefined),
        load: (id) => (id.endsWith('/program.js') ? PROGRAM : undefined),
      },
    ],
  })
  const { output } = await bundle.generate({ format: 'iife' })
  runWithoutNode(output[0].code, 'rolldown')
}

/**
 * @param {string} code
 * @param {string} bundler
 */
function runWithoutNode(code, bundler) {
  const page = createContext({ URL, URLSearchParams, TextEncoder, TextDecoder, console })
  runInContext(code, page)
  if (page.found !== 'request,true,true,true')
    throw new Error(`In a browser, bundled by ${bundler}, the answer was ${page.found}`)
}

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { parseSync } from 'oxc-parser'
import { writeLicences } from './licences.mjs'
import { shortest } from './minify.mjs'
import { dist, neutral, root, vendorFolder } from './paths.mjs'

/**
 * Packages that the floors for browsers need. They are in our package, each once, so that these floors import nothing by name: a plug-in
 * that a linter bundles into itself finds all it needs beside it, and a browser needs no bundler.
 */
export const VENDORED = ['get-east-asian-width', 'js-yaml', 'json-pointer']

const IMPORT = /import (?:(\w+)|\{([^}]*)\}) from ['"]([^'"]+)['"]/g

/** Makes `dist/vendor/NAME.js` of each, with what our modules use of it. */
export async function bundleVendored() {
  mkdirSync(vendorFolder, { recursive: true })
  const modules = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((entry) => entry.endsWith('.js'))
  const texts = modules.map((entry) => readFileSync(join(dist, entry), 'utf8'))
  const inputs = []
  for (const name of VENDORED) {
    const path = join(vendorFolder, `${name}.js`)
    const { metafile, outputFiles } = await build({
      ...neutral,
      stdin: { contents: reExports(name, texts), resolveDir: root },
      write: false,
      format: 'esm',
      minify: true,
      metafile: true,
      plugins: [withoutUnusedConstants],
    })
    for (const { text } of outputFiles) writeFileSync(path, shortest(path, text))
    inputs.push(...Object.keys(metafile.inputs))
  }
  writeLicences(vendorFolder, inputs)
}

/**
 * Exports again whatever these modules import from a package.
 * @param {string} name
 * @param {readonly string[]} texts
 */
function reExports(name, texts) {
  const named = new Set()
  let asDefault = false
  for (const [, whole, list = '', from] of texts.flatMap((text) => [...text.matchAll(IMPORT)])) {
    if (from !== name) continue
    if (whole !== undefined) asDefault = true
    for (const one of list.split(',').map((word) => word.trim().replace(/ as .*/, ''))) if (one !== '') named.add(one)
  }
  if (!asDefault && named.size === 0) throw new Error(`Nothing imports ${name}: take it out of the list of vendored packages`)
  const lines = asDefault ? [`export { default } from '${name}'`] : []
  if (named.size > 0) lines.push(`export { ${[...named].join(', ')} } from '${name}'`)
  return lines.join('\n')
}

/**
 * Lets go of constants of a module that nobody uses: what schemas, printing and regular expressions of js-yaml are made of. That making them
 * does nothing else, a bundler cannot know; the tests of reading YAML run on what is left.
 * @type {import('esbuild').Plugin}
 */
const withoutUnusedConstants = {
  name: 'unused-constants',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]node_modules[\\/].*\.m?js$/ }, ({ path }) => {
      let text = readFileSync(path, 'utf8')
      const made = parseSync(path, text).program.body.flatMap((node) =>
        node.type === 'VariableDeclaration' ? node.declarations : [],
      )
      for (const { init } of made.reverse())
        if (init && /^(Call|New|Object|Array|Template)/.test(init.type))
          text = `${text.slice(0, init.start)}/* @__PURE__ */ (() => (${text.slice(init.start, init.end)}))()${text.slice(init.end)}`
      return { contents: text }
    })
  },
}

import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { build } from 'esbuild'
import { mergeImports } from './merge-imports.mjs'
import { minified } from './minify.mjs'
import { dist, grammarFolder, neutral, root, vendorFolder } from './paths.mjs'
import { VENDORED } from './vendor.mjs'

/**
 * Makes one module of each floor: it is entered through its index.js only, and a few files load much faster than a hundred. What else
 * package.json names in a floor stays a module of its own.
 */
export async function bundleFloors() {
  const { bin, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const named = JSON.stringify([bin, exports]).match(/\.\/dist\/[^"]+\.js/g) ?? []
  for (const { name } of readdirSync(dist, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    const folder = join(dist, name)
    if (folder === vendorFolder) continue
    const files = [join(folder, 'index.js'), ...named.map((path) => join(root, path))]
    const { outputFiles } = await build({
      ...neutral,
      entryPoints: [...new Set(files)].filter((path) => path.startsWith(folder + sep) && existsSync(path)),
      outdir: folder,
      write: false,
      splitting: true,
      chunkNames: 'chunk-[hash]',
      format: 'esm',
      packages: 'external',
      plugins: [externalOutside(folder)],
    })
    for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, entry)
      if (path.endsWith('.js') && !path.startsWith(grammarFolder + sep)) rmSync(path)
    }
    for (const { path, text } of outputFiles) writeFileSync(path, minified(path, await mergeImports(path, text)))
  }
}

/**
 * Other floors, the bundled grammar and the vendored packages stay modules of their own.
 * @param {string} folder
 * @returns {import('esbuild').Plugin}
 */
function externalOutside(folder) {
  /** @param {string} target */
  const external = (target) => {
    const path = relative(folder, target).replaceAll(sep, '/')
    return { path: path.startsWith('.') ? path : `./${path}`, external: true }
  }
  return {
    name: 'floor',
    setup({ onResolve }) {
      onResolve({ filter: /^\./ }, ({ path, resolveDir, kind }) => {
        if (kind === 'entry-point') return undefined
        const target = join(resolveDir, path)
        return target.startsWith(folder + sep) && !target.startsWith(grammarFolder + sep) ? undefined : external(target)
      })
      onResolve({ filter: /^[^.]/ }, ({ path }) =>
        VENDORED.includes(path) ? external(join(vendorFolder, `${path}.js`)) : undefined,
      )
    },
  }
}

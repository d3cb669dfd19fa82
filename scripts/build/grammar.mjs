import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { build } from 'esbuild'
import { writeLicences } from './licences.mjs'
import { shortest } from './minify.mjs'
import { withoutNeverCalled } from './never-called.mjs'
import { dist, grammarFolder, neutral, root } from './paths.mjs'

/**
 * Replaces the modules of the grammar by one with Chevrotain in it. All of it stands in a function that the first parse calls: until then
 * engines only skim over it. So the same file serves `import`, `require`, browsers and whatever bundles it once more.
 */
export async function bundleGrammar() {
  const entry = join(root, 'src/expression/grammar/index.ts')
  const names = namesUsedOf(grammarFolder)
  const { outputFiles, metafile } = await build({
    ...neutral,
    stdin: { contents: `export { ${names.join(', ')} } from './index.ts'`, resolveDir: dirname(entry), sourcefile: 'grammar.ts' },
    write: false,
    format: 'cjs',
    minify: true,
    plugins: [withoutNeverCalled],
    alias: { 'lodash-es': './scripts/build/lodash-es.mjs' },
    // Not `keepNames`: it names every closure at run time, and a parser makes dozens per parse (6 times slower).
    metafile: true,
  })
  removeModules()
  const bundle = outputFiles[0]?.text ?? ''
  const doors = names.map((name) => `export const ${name} = (...given) => load().${name}(...given)\n`)
  const path = join(grammarFolder, 'index.js')
  const module = `let grammar\nconst load = () => grammar ??= make()\n${doors.join('')}function make() {\nconst module = { exports: {} }\n${bundle}return module.exports\n}\n`
  writeFileSync(path, shortest(path, module))
  writeLicences(grammarFolder, Object.keys(metafile.inputs))
}

/**
 * What modules outside of a folder import from its index.js, as tsc wrote them.
 * @param {string} folder
 */
function namesUsedOf(folder) {
  const names = new Set()
  for (const entry of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const path = join(dist, entry)
    if (!path.endsWith('.js') || path.startsWith(folder + sep)) continue
    for (const [, list = '', from = ''] of readFileSync(path, 'utf8').matchAll(/import \{([^}]*)\} from ['"]([^'"]+)['"]/g))
      if (join(dirname(path), from) === join(folder, 'index.js')) for (const name of list.split(',')) names.add(name.trim())
  }
  if (names.size === 0) throw new Error(`Expected imports from ${relative(root, folder)}/index.js, found none`)
  return [...names].sort()
}

/** Removes what tsc wrote for the grammar, but for the declarations that index.d.ts needs. */
function removeModules() {
  const needed = [join(grammarFolder, 'index.d.ts')]
  for (const file of needed)
    for (const [, neighbour = ''] of readFileSync(file, 'utf8').matchAll(/from '(\.\/[^']+)\.ts'/g)) {
      const declarations = join(dirname(file), `${neighbour}.d.ts`)
      if (!needed.includes(declarations)) needed.push(declarations)
    }
  for (const entry of readdirSync(grammarFolder, { recursive: true, encoding: 'utf8' })) {
    const path = join(grammarFolder, entry)
    if (/\.[jt]s$/.test(entry) && !needed.includes(path)) rmSync(path)
  }
}

import { rolldown } from 'rolldown'

/**
 * One name for what several files of a floor import: esbuild keeps one for each of them, which are 2 KB of the package. Nothing is left out, and
 * other modules stay where they are.
 * @param {string} path
 * @param {string} text
 */
export async function mergeImports(path, text) {
  const bundle = await rolldown({
    input: path,
    treeshake: false,
    plugins: [
      {
        name: 'one-module',
        resolveId: (id) => (id === path ? path : { id, external: true, moduleSideEffects: true }),
        load: (id) => (id === path ? text : null),
      },
    ],
  })
  const { output } = await bundle.generate({ format: 'esm', minify: false })
  const [chunk, another] = output
  if (another !== undefined) throw new Error(`${path} became several modules.`)
  return chunk.code
}

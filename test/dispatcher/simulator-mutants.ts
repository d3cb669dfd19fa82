import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import packageJson from '../../package.json' with { type: 'json' }

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A mistake that somebody could make: in `file`, `from` becomes `to`. */
export interface Mutant {
  readonly file: string
  readonly from: string
  readonly to: string
}

/** The simulator as a module of its own, over sources with a mistake in them. Answers its path. */
export async function buildMutant({ file, from, to }: Mutant, outfile: string): Promise<void> {
  const path = join(root, 'src', file)
  const source = readFileSync(path, 'utf8')
  if (source.split(from).length !== 2)
    throw new Error(`Expected ${JSON.stringify(from)} once in ${file}: has it been written anew?`)
  await build({
    entryPoints: [join(root, 'test/dispatcher/simulator.ts')],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    alias: Object.fromEntries(
      Object.entries(packageJson.exports).flatMap(([subPath, target]) =>
        typeof target === 'string' || subPath === '.'
          ? []
          : [[`ringback${subPath.slice(1)}`, join(root, target.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts'))]],
      ),
    ),
    plugins: [
      {
        name: 'mistake',
        setup({ onLoad }) {
          onLoad({ filter: /\.ts$/ }, (args) =>
            args.path === path ? { contents: source.replace(from, to), loader: 'ts' } : undefined,
          )
        },
      },
    ],
  })
}

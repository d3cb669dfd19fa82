import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { type ExampleRunner, exampleRunner } from './example-process.ts'
import { expectShop } from './shop-contract.ts'

const folder = fileURLToPath(new URL('../../examples/companions', import.meta.url))
const servers = [
  'express-openapi-validator/server.mjs',
  'openapi-backend/server.mjs',
  'fastify-openapi-glue/server.mjs',
  'nest/express.mjs',
  'nest/fastify.mjs',
]

const installed = isInstalled()

describe.runIf(installed)('beside others, the shop of examples/companions', () => {
  let runner: ExampleRunner | undefined
  beforeAll(async () => {
    runner = await exampleRunner()
  })
  afterAll(() => runner?.end())

  test.each(servers)('%s', { timeout: 90_000 }, (file) => expectShop(runner as ExampleRunner, `companions/${file}`))
})

if (!isInstalled())
  test.skip('beside others, the shop of examples/companions (whose packages cannot be fetched from npm)', () => {})

function isInstalled(): boolean {
  const done = `${folder}/node_modules/.package-lock.json`
  if (existsSync(done)) return true
  const flags = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=1']
  const { status } = spawnSync('npm', ['install', ...flags], { cwd: folder, stdio: 'ignore', timeout: 240_000 })
  return status === 0 && existsSync(done)
}

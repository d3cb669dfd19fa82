import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { peersFolder, RUNNERS } from '../support/peers.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const peers = peersFolder(root, RUNNERS, 'runners')
mkdirSync(join(root, '.cache'), { recursive: true })
const folder = mkdtempSync(join(peers ?? join(root, '.cache'), 'run-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** One test that passes and one that fails, written for each runner; `assertions` is what differs. */
const shared = `
const text = '{$request.body#/callbackUrl}/data'
const exchange = { request: { method: 'POST', url: 'https://api.example/', headers: {}, path: {}, query: {}, body: { callbackUrl: 'https://client.example' } } }
const document = { openapi: '3.1.0', info: { title: 't', version: '1' }, paths: { '/streams': { post: { operationId: 'createStream', callbacks: { onData: {
  [text]: { post: { requestBody: { required: true, content: { 'application/json': { schema: { type: 'object', required: ['value'] } } } } } } } } } } } }
const description = parseDescription(JSON.stringify(document))
const wanted = { description, operation: 'createStream', callback: 'onData' }
const request = { method: 'POST', url: 'https://client.example/data', headers: { 'content-type': 'application/json' }, body: '{"value":1}' }
const post = (url) => fetch(url + '/data', { method: 'POST', headers: request.headers, body: request.body })
`

const withExpect = `
test('passes', async () => {
  expect(text).toResolveTo('https://client.example/data', exchange)
  expect(text).not.toResolveTo('https://other.example/', exchange)
  expect(request).toBeCallbackOf({ ...wanted, exchange })
  const receiver = await createTestReceiver()
  try {
    const endpoint = await receiver.createFromOpenAPI(wanted)
    await expect(endpoint).not.toHaveReceivedCallback()
    await post(endpoint.url)
    await expect(endpoint).toHaveReceivedCallback({ callback: 'onData', timeout: '5s' })
    await expectCallback(receiver, { ...wanted, trigger: post })
  } finally {
    await receiver.close()
  }
})
test('fails', () => expect({ ...request, body: '{}' }).toBeCallbackOf(wanted))
`

interface Ran {
  readonly output: string
  readonly status: number | null
}

function run(file: string, text: string, command: readonly string[], env: Readonly<Record<string, string>> = {}): Ran {
  writeFileSync(join(folder, file), text)
  const [program = '', ...args] = command
  const { stdout, stderr, status } = spawnSync(program, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...process.env, NO_COLOR: '1', NODE_ENV: 'test', ...env },
  })
  return { output: `${stdout}\n${stderr}`, status }
}

const why = /expected .*onData|the callback onData of createStream but it is not/i
const missing = peers === undefined ? 'skipped: the registry cannot be reached' : ''

test('node:test, with assertions', () => {
  const { output, status } = run(
    'assertions.mjs',
    `import { test } from 'node:test'
    import { parseDescription } from 'ringback'
    import { assertCallbackOf, assertReceivedCallback, assertResolvesTo, createTestReceiver, expectCallback } from 'ringback/testing'
    ${shared}
    test('passes', async () => {
      assertResolvesTo(text, 'https://client.example/data', exchange)
      assertCallbackOf(request, { ...wanted, exchange })
      const receiver = await createTestReceiver()
      const endpoint = await receiver.createFromOpenAPI(wanted)
      await post(endpoint.url)
      await assertReceivedCallback(endpoint, { callback: 'onData' })
      await expectCallback(receiver, { ...wanted, trigger: post })
      await receiver.close()
    })
    test('fails', () => assertCallbackOf({ ...request, body: '{}' }, wanted))`,
    [process.execPath, '--test', '--test-reporter=tap', 'assertions.mjs'],
  )
  expect(output).toMatch(/^ok 1 - passes/m)
  expect(output).toMatch(/^not ok 2 - fails/m)
  expect(output).toMatch(why)
  expect(status).toBe(1)
}, 180_000)

test.skipIf(peers === undefined)(
  `Jest ${missing}`,
  () => {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
    writeFileSync(
      join(folder, 'jest.config.mjs'),
      `export default { transform: {}, testMatch: ['**/*.jest.mjs'], testEnvironment: 'node' }`,
    )
    const { output, status } = run(
      'matchers.jest.mjs',
      `import { expect, test } from '@jest/globals'
    import { parseDescription } from 'ringback'
    import { matchers } from 'ringback/jest'
    import { createTestReceiver, expectCallback } from 'ringback/testing'
    expect.extend(matchers)
    ${shared}${withExpect}`,
      [process.execPath, '--experimental-vm-modules', '../node_modules/jest/bin/jest.js', '--verbose'],
    )
    expect(output).toMatch(/✓ passes/)
    expect(output).toMatch(/✕ fails/)
    expect(output).toMatch(why)
    expect(status).toBe(1)
  },
  180_000,
)

test.skipIf(peers === undefined)(
  `Playwright ${missing}`,
  () => {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
    writeFileSync(join(folder, 'playwright.config.mjs'), `export default { testMatch: '**/*.play.mjs', reporter: 'line' }`)
    const { output, status } = run(
      'matchers.play.mjs',
      `import { expect as base, test } from '@playwright/test'
    import { parseDescription } from 'ringback'
    import { createTestReceiver, expectCallback, matchers } from 'ringback/testing'
    const expect = base.extend(matchers)
    ${shared}${withExpect}`,
      [process.execPath, '../node_modules/@playwright/test/cli.js', 'test'],
    )
    expect(output).toMatch(/1 failed/)
    expect(output).toMatch(/1 passed/)
    expect(output).toMatch(why)
    expect(status).toBe(1)
  },
  180_000,
)

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { lintText } from 'ringback/lint'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ExampleRunner, exampleRunner } from './example-process.ts'
import { expectShop, others } from './shop-contract.ts'

let runner: ExampleRunner | undefined
beforeAll(async () => {
  runner = await exampleRunner()
})
afterAll(() => runner?.end())

const examples = fileURLToPath(new URL('../../examples/', import.meta.url))
// Each starts two processes, which takes a while: those of the other frameworks are in shop.deep.ts.
test('the shop of examples/express', () => expectShop(runner as ExampleRunner, 'express/server.mjs'))

test('the linter only says of the document of the shop that its URL may be left out', () => {
  const { problems } = lintText(readFileSync(join(examples, 'shop/openapi.yaml'), 'utf8'))
  expect(new Set(problems.map(({ rule }) => rule))).toEqual(new Set(['optional-url']))
})

test('every folder of an example tells how to start it', () => {
  for (const name of ['express', ...others]) {
    expect(readFileSync(join(examples, name, 'README.md'), 'utf8')).toContain(`node examples/${name}/server.mjs`)
  }
})

interface Worker {
  fetch(request: Request, environment: object, context: object): Promise<Response>
}

test('the worker of examples/fetch gives its callbacks to a queue, and keeps the runtime awake for it', async () => {
  const { default: worker } = (await import(join(examples, 'fetch/worker.mjs'))) as { default: Worker }
  const queued: object[] = []
  const awaited: Promise<unknown>[] = []
  const environment = { CALLBACKS: { send: async (message: object) => void queued.push(message) } }
  const context = { waitUntil: (promise: Promise<unknown>) => void awaited.push(promise) }
  const ask = async (body: object): Promise<number> => {
    const request = new Request('https://api.example.com/thumbnails', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const { status } = await worker.fetch(request, environment, context)
    await Promise.all(awaited)
    return status
  }
  expect(await ask({ image: 'cat.png' })).toBe(202)
  expect(queued).toEqual([])
  expect(await ask({ image: 'cat.png', callbackUrl: 'https://hooks.example.com/made' })).toBe(202)
  expect(queued).toEqual([
    {
      method: 'POST',
      url: 'https://hooks.example.com/made',
      headers: { 'content-type': 'application/json' },
      body: '{"state":"made"}',
    },
  ])
})

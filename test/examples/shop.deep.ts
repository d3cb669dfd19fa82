import { afterAll, beforeAll, test } from 'vitest'
import { type ExampleRunner, exampleRunner } from './example-process.ts'
import { expectShop, others } from './shop-contract.ts'

let runner: ExampleRunner | undefined
beforeAll(async () => {
  runner = await exampleRunner()
})
afterAll(() => runner?.end())

test.each(others)('the shop of examples/%s', (name) => expectShop(runner as ExampleRunner, `${name}/server.mjs`))

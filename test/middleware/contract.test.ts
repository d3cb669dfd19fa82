import { middlewareContract } from './contract.ts'
import { express4Harness, express5Harness } from './express-app.ts'
import { nodeHarness } from './node-app.ts'

for (const harness of [nodeHarness, express5Harness, express4Harness]) middlewareContract(harness)

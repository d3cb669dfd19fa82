import { afterContract } from './after-contract.ts'
import { harnesses } from './harnesses.ts'
import { wholeContract } from './whole-contract.ts'
import { wireContract } from './wire-contract.ts'

for (const harness of harnesses) {
  wireContract(harness, { isWhole: false })
  afterContract(harness, { isWhole: false })
  wholeContract(harness)
}

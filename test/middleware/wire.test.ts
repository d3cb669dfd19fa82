import { afterContract } from './after-contract.ts'
import { harnesses } from './harnesses.ts'
import { wireContract } from './wire-contract.ts'

for (const harness of harnesses) {
  wireContract(harness, { isWhole: false })
  afterContract(harness, { isWhole: false })
}

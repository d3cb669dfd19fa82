import { firingContract } from './contract.ts'
import { harnesses } from './harnesses.ts'

for (const harness of harnesses) firingContract(harness)

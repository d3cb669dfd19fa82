export { claimCheckContract } from './claim-check-contract.ts'
export { destinationContract } from './destination-contract.ts'
export { type ContractCase, storeContract } from './store-contract.ts'

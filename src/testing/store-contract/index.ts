export { destinationContract } from './destination-contract.ts'
export { type ContractCase, storeContract } from './store-contract.ts'

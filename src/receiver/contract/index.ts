export { type Contract, type ContractRequest, contractOf, type Verdict } from './contract.ts'
export { ContractError } from './contract-error.ts'
export { type InjectableRequest, injectCallbackUrl } from './inject.ts'
export { type OpenApiOptions, type OpenApiTarget, targetOptionNames } from './target.ts'

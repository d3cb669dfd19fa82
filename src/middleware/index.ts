export { follow, type NodeExchange } from './follow.ts'
export type * from './public-types.ts'
export { createScope, type Scope } from './scope.ts'

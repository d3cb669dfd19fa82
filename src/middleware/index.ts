export { follow } from './follow.ts'
export type * from './public-types.ts'
export { createScope, type Scope } from './scope.ts'

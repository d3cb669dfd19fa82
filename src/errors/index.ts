export type { ErrorCode } from './codes.ts'
export { isRingbackError, RingbackError } from './ringback-error.ts'

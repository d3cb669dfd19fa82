export { type ErrorCode, isRingbackError, RingbackError } from './errors/index.ts'
export * from './expression/index.ts'
export {
  type CallbackRequest,
  type Exchange,
  type ExchangeRequest,
  type ExchangeResponse,
  type HeaderFields,
  type PartialExchange,
  type TargetConstraint,
  targetConstraintOf,
} from './http/index.ts'
export { err, ok, type Result } from './util/index.ts'

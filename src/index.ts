export {
  type BrokenKey,
  buildCallbackRequest,
  CallbackRequestError,
  type CallbackTarget,
  type CredentialUse,
  descriptionIdOf,
  isOrdinarySkip,
  type NoTarget,
  type NoTargetReason,
  needsOf,
  type OperationReference,
  type RequestOptions,
  type RequestProblem,
  type ResolvedCallback,
  type ResolveOptions,
  resolveCallbacks,
  resolveWebhook,
  type SomeExchange,
  safeBuildCallbackRequest,
  type UnusableKey,
  type WebhookOptions,
} from './callback/index.ts'
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
export { type ReadOptions, readDescription } from './loading/index.ts'
export {
  callbacksOf,
  DocumentError,
  findOperation,
  linksOf,
  matchOperation,
  OpenApiDescription,
  type Operation,
  type OperationMatch,
  operationsOf,
  type ParseOptions as ParseDescriptionOptions,
  parseDescription,
} from './openapi/index.ts'
export { err, ok, type Result } from './util/index.ts'

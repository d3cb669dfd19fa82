export {
  type BrokenKey,
  buildCallbackRequest,
  CallbackRequestError,
  type CallbackTarget,
  type CallbackUrlMatch,
  type CallbackUrlMismatch,
  type CredentialUse,
  type DroppedValue,
  descriptionIdOf,
  type HoleValue,
  isOrdinarySkip,
  type LinkProblem,
  matchCallbackUrl,
  type NoTarget,
  type NoTargetReason,
  needsOf,
  type OperationReference,
  type RequestOptions,
  type RequestProblem,
  type ResolvedCallback,
  type ResolvedLink,
  type ResolveOptions,
  resolveCallbacks,
  resolveLink,
  resolveWebhook,
  type SomeExchange,
  safeBuildCallbackRequest,
  type UnusableKey,
  type WebhookOptions,
} from './callback/index.ts'
export { type ErrorCode, isRingbackError, RingbackError } from './errors/index.ts'
export * from './expression/index.ts'
export type { CallbackRequest, Exchange, ExchangeRequest, ExchangeResponse, HeaderFields, PartialExchange } from './http/index.ts'
export { type ReadOptions, readDescription } from './loading/index.ts'
export { err, ok, type Result } from './util/index.ts'

export { buildCallbackRequest, type RequestOptions, safeBuildCallbackRequest } from './build-request.ts'
export {
  type BrokenKey,
  type CallbackTarget,
  isOrdinarySkip,
  type NoTarget,
  type NoTargetReason,
  type OperationReference,
  type UnusableKey,
} from './callback-target.ts'
export { type ReplyChecker, replyChecker } from './check-reply.ts'
export type { CredentialUse } from './credential-use.ts'
export { descriptionIdOf } from './description-id.ts'
export { type CallbackUrlMatch, type CallbackUrlMismatch, type HoleValue, matchCallbackUrl } from './match-callback-url.ts'
export { needsOf } from './needs.ts'
export { operationFor } from './operation-for.ts'
export { type KeyTemplate, type ParsedKey, parsedKeyOf } from './parse-key.ts'
export { declaresParameter } from './request-parameters.ts'
export { CallbackRequestError, type RequestProblem } from './request-problem.ts'
export { type ResolvedCallback, resolveCallbacks } from './resolve-callbacks.ts'
export { type DroppedValue, type LinkProblem, type ResolvedLink, resolveLink } from './resolve-link.ts'
export type { ResolveOptions, SomeExchange, Tail } from './resolve-options.ts'
export { resolveWebhook, type WebhookOptions } from './resolve-webhook.ts'

export type { CallbackReply, CallbackRequest, ReplyProblem, TargetConstraint } from '../http/index.ts'
export {
  type ClientIdentity,
  createTransport,
  type DiallerFactory,
  type FailureCause,
  type JudgedTarget,
  type JudgedUrl,
  type OutboundRequest,
  type OutboundResponse,
  type Phase,
  type PublicInternetOptions,
  publicInternet,
  type Refusal,
  type RefusalRule,
  type Resolver,
  type SendOptions,
  type SendOutcome,
  type SendReport,
  type Sent,
  type Timings,
  type Transport,
  type TransportOptions,
  type UrlPolicy,
} from '../outbound/index.ts'
export {
  checkContentDigest,
  contentDigest,
  type ExpiringKey,
  httpMessageSignatures,
  type MemoryReplayCacheOptions,
  type MessageKey,
  type MessageSignaturesOptions,
  memoryReplayCache,
  type ReceivedRequest,
  type ReplayCache,
  type SignableRequest,
  type SignatureAlgorithm,
  type SignatureProblem,
  type Signer,
  type StandardWebhooksOptions,
  standardWebhooks,
  type VerifiedContent,
  type VerifiedMessage,
  type VerifiedRequest,
  type Verifier,
  verifyOnce,
  type XHubSignatureOptions,
  xHubSignature,
} from '../signature/index.ts'
export type {
  EncryptionKey,
  Keyring,
  PostgresClient,
  PostgresConnection,
  PostgresPool,
  RotateOptions as KeyRotationOptions,
} from '../storage/index.ts'
export type { BreakerOptions, BreakerState } from './breaker.ts'
export type { ClaimCheckOptions } from './claim-check/call-by-claim.ts'
export type { ClaimCheckPayload, ClaimCheckStore, NewClaimCheck } from './claim-check/claim-check-store.ts'
export { type ClaimDesk, type ClaimDeskOptions, type ClaimRequest, createClaimDesk } from './claim-check/claim-desk.ts'
export type { Credential, CredentialsFor } from './credentials.ts'
export type { Attempt, DeadReason, Delivery, DeliveryState, Lease, Outcome, Unreadable } from './delivery.ts'
export type { Destination, DestinationSecret, DestinationStore, DisableReason, Failing } from './destination.ts'
export type { DestinationInfo, Destinations, NewDestination, RotateOptions } from './destinations.ts'
export { createDispatcher, type Dispatcher } from './dispatcher.ts'
export { type DispatcherOptions, dispatcherOptionNames } from './dispatcher-options.ts'
export type { DispatcherEvent, DispatcherEvents, Listener } from './events.ts'
export type { Enqueued } from './intake.ts'
export type { IntentOptions } from './intent-check.ts'
export { type MemoryStoreOptions, memoryStore } from './memory-store.ts'
export type { EnqueueAllOptions, EnqueueOptions } from './new-delivery.ts'
export type { Profile } from './profile.ts'
export type { CheckReply } from './reply-check.ts'
export { type RetrySchedule, retrySchedule, shortSchedule, standardSchedule } from './retry-schedule.ts'
export type { SignerFor } from './send-signed.ts'
export { type PostgresStoreOptions, postgresStore } from './sql/postgres-store.ts'
export { type SqliteStoreOptions, sqliteStore } from './sql/sqlite-store.ts'
export type {
  Claim,
  Consequence,
  DeliveryFilter,
  DeliveryStore,
  KeyRotation,
  LeasedDelivery,
  NewDelivery,
  OperatorChange,
  Purge,
  Release,
  Settlement,
  StoredDelivery,
  StoreStats,
} from './store.ts'

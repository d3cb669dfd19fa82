export type { EncryptionKey, Keyring, PostgresListenerClient, PostgresPool, SealedRecord } from '../storage/index.ts'
export type { InboundAuth, SignedRequest } from './auth/index.ts'
export type { BodyKind, Call, CallOperation, CallValidation, GcpCall, HeaderInit, Reply, Responder, UtaskCall } from './call.ts'
export type { BindOptions, CallbackEndpoint, WaitOptions } from './callback-endpoint.ts'
export type { ListOptions, Receiver } from './callback-receiver.ts'
export {
  ContractError,
  type InjectableRequest,
  injectCallbackUrl,
  type OpenApiOptions,
  type OpenApiTarget,
} from './contract/index.ts'
export type { ClaimCheck, CreateOptions } from './create-options.ts'
export type { FilePart } from './decode-content.ts'
export type { DedupePolicy } from './dedupe.ts'
export type { Duration } from './duration.ts'
export {
  CallbackCancelledError,
  CallbackCompletedError,
  CallbackEndpointError,
  CallbackExpiredError,
  CallbackTimeoutError,
  CallbackUnexpectedError,
} from './errors.ts'
export type { ReceiverEvent } from './events.ts'
export { type FastifyScope, fastifyReceiver } from './fastify.ts'
export { type GcpCallback, type GcpCallbackState, type GcpCallbacks, gcpCallbacks } from './gcp-callbacks.ts'
export { type MemoryStoreOptions, memoryStore } from './memory-store.ts'
export { type Limits, type ReceiverOptions, receiverOptionNames } from './options.ts'
export { createReceiver } from './receiver.ts'
export { redactField, redactUrl } from './redact.ts'
export type { Rotation } from './rotation.ts'
export type { StandardSchema } from './schema.ts'
export { type PostgresStoreOptions, postgresStore } from './sql/postgres-store.ts'
export { type SqliteStoreOptions, sqliteStore } from './sql/sqlite-store.ts'
export type { CallbackState, CallbackStatus, EndedState, Method, RejectCode, Rejection, ValidationError } from './status.ts'
export type {
  AcceptResult,
  CallRow,
  Duplicate,
  EndpointCounts,
  EndpointRow,
  EndpointSnapshot,
  NewCall,
  ReceiverStore,
  Reseal,
  ResealPage,
  StoreSignal,
} from './store.ts'
export { derivedTokens, randomTokens, type TokenPolicy } from './tokens.ts'
export { type UtaskAction, type UtaskCallback, type UtaskCreated, utaskCallback } from './utask-callback.ts'
export { type RetryOptions, waitWithRetry } from './wait-with-retry.ts'

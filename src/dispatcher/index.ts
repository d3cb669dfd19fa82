export type { CallbackRequest, TargetConstraint } from '../http/index.ts'
export {
  createTransport,
  type DiallerFactory,
  type PublicInternetOptions,
  publicInternet,
  type Refusal,
  type RefusalRule,
  type Resolver,
  type SendReport,
  type Transport,
  type TransportOptions,
  type UrlPolicy,
} from '../outbound/index.ts'
export { type Signer, type StandardWebhooksOptions, standardWebhooks } from '../signature/index.ts'
export type { SignerFor } from './attempt.ts'
export type { Attempt, DeadReason, Delivery, DeliveryState, Lease, Outcome } from './delivery.ts'
export { createDispatcher, type Dispatcher, type DispatcherOptions, type Enqueued } from './dispatcher.ts'
export type { DispatcherEvent, DispatcherEvents, Listener } from './events.ts'
export { type MemoryStoreOptions, memoryStore } from './memory-store.ts'
export type { EnqueueOptions } from './new-delivery.ts'
export { type RetrySchedule, retrySchedule, shortSchedule, standardSchedule } from './retry-schedule.ts'
export { type SqliteStoreOptions, sqliteStore } from './sqlite-store.ts'
export type {
  Claim,
  Consequence,
  DeliveryFilter,
  DeliveryStore,
  LeasedDelivery,
  NewDelivery,
  OperatorChange,
  Purge,
  Settlement,
  StoreStats,
} from './store.ts'

export type { PartialExchange } from '../http/index.ts'
export type { Duration } from '../util/index.ts'
export { callbackUrls } from './callback-urls.ts'
export { type ClaimCheckProvider, type ClaimCheckProviderOptions, claimCheckProvider } from './claim-check-provider.ts'
export { type ExpectedCallback, expectCallback } from './expect-callback.ts'
export { ExpectationError } from './expectation-error.ts'
export { type ManualClock, type ManualClockOptions, manualClock } from './manual-clock.ts'
export { assertCallbackOf, assertReceivedCallback, assertResolvesTo, matchers } from './matchers.ts'
export {
  type RecordingOptions,
  type RecordingTransport,
  recordingTransport,
  type SentRequest,
} from './recording-transport.ts'
export type { CallbackOf, CandidateRequest } from './request-problems.ts'
export { seededNumbers, seededRandom } from './seeded-random.ts'
export { type ContractCase, claimCheckContract, destinationContract, storeContract } from './store-contract/index.ts'
export { createTestDispatcher, type TestDispatcher, type TestDispatcherOptions } from './test-dispatcher.ts'
export { createTestReceiver, type TestReceiver, type TestReceiverOptions } from './test-receiver.ts'
export type { TestReply } from './test-reply.ts'
export type { ReceivedCallback, Verdict } from './verdicts.ts'

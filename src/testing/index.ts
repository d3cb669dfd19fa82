export type { Duration } from '../util/index.ts'
export { type ManualClock, type ManualClockOptions, manualClock } from './manual-clock.ts'
export {
  type RecordingOptions,
  type RecordingTransport,
  recordingTransport,
  type SentRequest,
} from './recording-transport.ts'
export { seededNumbers, seededRandom } from './seeded-random.ts'
export { type ContractCase, claimCheckContract, destinationContract, storeContract } from './store-contract/index.ts'
export { createTestDispatcher, type TestDispatcher, type TestDispatcherOptions } from './test-dispatcher.ts'
export type { TestReply } from './test-reply.ts'

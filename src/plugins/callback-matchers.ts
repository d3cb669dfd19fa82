import type { CallbackOf, PartialExchange, ReceivedCallback } from '../testing/index.ts'

/** What `expect.extend(matchers)` adds to an expectation, for the types of test runners. */
export interface CallbackMatchers<R> {
  /** An expression, or a callback key, is worth this in an exchange. */
  toResolveTo(expected: unknown, exchange: PartialExchange): R
  /** A request is a callback of the operation: method, URL, required parameters, media type and body. */
  toBeCallbackOf(wanted: CallbackOf): R
  /** Such a call has come to the endpoint; with `timeout` it waits for one. */
  toHaveReceivedCallback(wanted?: ReceivedCallback): Promise<R>
}

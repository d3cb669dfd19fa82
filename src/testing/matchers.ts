import type { PartialExchange } from '../http/index.ts'
import type { CallbackEndpoint } from '../receiver/index.ts'
import { ExpectationError } from './expectation-error.ts'
import type { CallbackOf, CandidateRequest } from './request-problems.ts'
import { hasReceivedCallback, isCallbackOf, type ReceivedCallback, resolvesTo, type Verdict } from './verdicts.ts'

/** For `expect.extend(matchers)` of Vitest, Jest and Playwright. */
export const matchers: {
  readonly toResolveTo: (received: unknown, expected: unknown, exchange: PartialExchange) => Verdict
  readonly toBeCallbackOf: (received: CandidateRequest, wanted: CallbackOf) => Verdict
  readonly toHaveReceivedCallback: (received: CallbackEndpoint, wanted?: ReceivedCallback) => Promise<Verdict>
} = { toResolveTo: resolvesTo, toBeCallbackOf: isCallbackOf, toHaveReceivedCallback: hasReceivedCallback }

/** `toResolveTo` as a function that throws an `ExpectationError`, for `node:test` and every other runner. */
export function assertResolvesTo(text: unknown, expected: unknown, exchange: PartialExchange): void {
  demand(resolvesTo(text, expected, exchange))
}

/** `toBeCallbackOf` as a function. */
export function assertCallbackOf(request: CandidateRequest, wanted: CallbackOf): void {
  demand(isCallbackOf(request, wanted))
}

/** `toHaveReceivedCallback` as a function. */
export async function assertReceivedCallback(endpoint: CallbackEndpoint, wanted: ReceivedCallback = {}): Promise<void> {
  demand(await hasReceivedCallback(endpoint, wanted))
}

function demand({ pass, message }: Verdict): void {
  if (!pass) throw new ExpectationError(message())
}

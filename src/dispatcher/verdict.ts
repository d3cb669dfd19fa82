import { fieldValue } from '../http/index.ts'
import { textOf } from '../util/index.ts'
import { unusableCode } from './credentials.ts'
import type { DeadReason, Outcome } from './delivery.ts'
import type { Profile } from './profile.ts'
import { retryAfterMs } from './retry-after.ts'

/** What follows from the outcome of an attempt. */
export type Verdict =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'dead'; readonly reason: DeadReason }
  /** Not before `floorMs`; `pauseMs` holds up everything else for the same origin. */
  | { readonly kind: 'retry'; readonly floorMs: number; readonly pauseMs: number }
  /** It was our own trouble: try again after `delayMs`, and do not count this one. */
  | { readonly kind: 'postpone'; readonly delayMs: number }

type Metadata = Readonly<Record<string, unknown>>

interface Row {
  readonly when: (outcome: Outcome, now: number, metadata: Metadata) => boolean
  readonly verdict: Verdict | ((outcome: Outcome, now: number) => Verdict)
}

const longestRetryAfterMs = 24 * 3_600_000
// Many subscribers can share an origin, so that one of them may slow the others down, but not stop them for a day.
const longestPauseMs = 60_000
const minuteMs = 60_000

const settled: readonly Row[] = [
  { when: status((code) => code >= 200 && code < 300), verdict: { kind: 'delivered' } },
  { when: ({ kind }) => kind === 'refused' || kind === 'unbuildable', verdict: dead('refused') },
  { when: ({ kind }) => kind === 'declined', verdict: dead('declined') },
  { when: status((code) => code === 410), verdict: dead('gone') },
]

const final: readonly Row[] = [
  { when: webhookDelivery('disable'), verdict: dead('gone') },
  { when: webhookDelivery('abort-message'), verdict: dead('aborted') },
  { when: (outcome, now) => isStatus(outcome, 413) && asked(outcome, now) !== undefined, verdict: retry(0) },
  { when: status((code) => [413, 414, 415, 431, 501, 505].includes(code)), verdict: dead('rejected') },
]

const temporary: readonly Row[] = [
  { when: failure('aborted'), verdict: { kind: 'postpone', delayMs: 0 } },
  { when: (outcome) => outcome.kind === 'failed' && outcome.code === unusableCode, verdict: retry(minuteMs) },
  { when: failure('local'), verdict: { kind: 'postpone', delayMs: 5000 } },
  { when: status((code) => [429, 502, 504].includes(code)), verdict: retry(minuteMs) },
  { when: failure('timeout'), verdict: retry(minuteMs) },
  // 3xx, other 4xx and 5xx, DNS, connect, TLS, reset, oversized, not HTTP, unknown.
  { when: () => true, verdict: retry(0) },
]

// The first row that fits decides.
const standard: readonly Row[] = [...settled, ...final, ...temporary]
const tables: Readonly<Record<Profile, readonly Row[]>> = {
  standard,
  cloudevents: standard,
  '3gpp': [{ when: isContextNotFound, verdict: dead('ended') }, ...standard],
  camara: [{ when: isTokenExpired, verdict: dead('expired') }, ...standard],
  websub: [...settled, ...temporary],
}

/** `now`: when the attempt ended. */
export function verdictOf(outcome: Outcome, now: number, profile: Profile = 'standard', metadata: Metadata = {}): Verdict {
  for (const { when, verdict } of tables[profile])
    if (when(outcome, now, metadata)) return typeof verdict === 'function' ? verdict(outcome, now) : verdict
  throw new TypeError('The last row of the table fits every outcome.')
}

/** Every retry heeds Retry-After, whatever the status. Only 429 and 503 speak of the host as a whole. */
function retry(floorMs: number): Row['verdict'] {
  return (outcome, now) => {
    const askedMs = Math.min(asked(outcome, now) ?? 0, longestRetryAfterMs)
    const isOverloaded = isStatus(outcome, 429) || isStatus(outcome, 503)
    return { kind: 'retry', floorMs: Math.max(floorMs, askedMs), pauseMs: isOverloaded ? Math.min(askedMs, longestPauseMs) : 0 }
  }
}

function dead(reason: DeadReason): Verdict {
  return { kind: 'dead', reason }
}

function status(test: (code: number) => boolean): Row['when'] {
  return (outcome) => outcome.kind === 'response' && test(outcome.status)
}

function failure(cause: string): Row['when'] {
  return (outcome) => outcome.kind === 'failed' && outcome.cause === cause
}

/** A field of Standard Webhooks by which a receiver says more than a status can. */
function webhookDelivery(value: string): Row['when'] {
  return (outcome) =>
    outcome.kind === 'response' && fieldValue(outcome.headers, 'webhook-delivery')?.trim().toLowerCase() === value
}

function isStatus(outcome: Outcome, code: number): boolean {
  return outcome.kind === 'response' && outcome.status === code
}

function asked(outcome: Outcome, now: number): number | undefined {
  return outcome.kind === 'response' ? retryAfterMs(outcome.headers, now) : undefined
}

/** TS 29.500, 5.2.7.2: a ProblemDetails whose `cause` says that the receiver has no such context, as after its restart. */
function isContextNotFound(outcome: Outcome): boolean {
  if (!isStatus(outcome, 404) || outcome.kind !== 'response') return false
  try {
    const problem: unknown = JSON.parse(textOf(outcome.body))
    return typeof problem === 'object' && problem !== null && 'cause' in problem && problem.cause === 'CONTEXT_NOT_FOUND'
  } catch {
    return false
  }
}

/** CAMARA Event Subscription: `sinkCredential.accessTokenExpiresUtc`, which the application keeps in the metadata of the request. */
function isTokenExpired(outcome: Outcome, now: number, { accessTokenExpiresUtc }: Metadata): boolean {
  if (!isStatus(outcome, 401) && !isStatus(outcome, 403)) return false
  return typeof accessTokenExpiresUtc === 'string' && Date.parse(accessTokenExpiresUtc) <= now
}

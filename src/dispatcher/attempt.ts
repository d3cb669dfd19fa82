import { type CallbackReply, fieldLines, type HeaderFields, isSecretField } from '../http/index.ts'
import type { SendOutcome } from '../outbound/index.ts'
import type { Mutable } from '../util/index.ts'
import { type ClaimCall, type ClaimCaller, isClaimCheck } from './claim-check/call-by-claim.ts'
import type { Attempt, Delivery, Outcome } from './delivery.ts'
import type { Profile } from './profile.ts'
import { recorded } from './recorded.ts'
import { type SendTools, sendSigned } from './send-signed.ts'

export interface AttemptTools extends SendTools {
  readonly claims: ClaimCaller
  readonly profile: Profile
}

/** An attempt as it is recorded, and what only those who go on with it need. */
export interface MadeAttempt {
  readonly attempt: Attempt
  /** The whole of it, where the receiver answered. */
  readonly reply?: CallbackReply
  /** The delivery as it goes on, when a 308 says that the receiver has moved. */
  readonly moved?: Delivery
}

/**
 * Authorizes, signs and sends once; when secrets are refused with 401, once more with fresh ones. Never rejects: what goes wrong is in the
 * outcome.
 */
export async function makeAttempt(delivery: Delivery, n: number, tools: AttemptTools): Promise<MadeAttempt> {
  const startedAt = tools.clock.now()
  const isClaim = isClaimCheck(delivery.metadata)
  let called = delivery
  // The receiver may say them back, and what it says is kept.
  let secrets: readonly string[] = []
  if (isClaim) {
    const call = await claimCall(delivery, tools.claims)
    if (call.kind !== 'call') return { attempt: unsent(n, startedAt, call) }
    secrets = [call.secret]
    called = { ...delivery, request: call.request }
  }
  let sending = await sendSigned(called, startedAt, tools, false)
  if (sending.isAuthorized && sending.report.outcome.kind === 'response' && sending.report.outcome.status === 401) {
    secrets = [...secrets, ...sending.secrets]
    sending = await sendSigned(called, startedAt, tools, true)
  }
  // The id of a claim goes to the address that was given, and into no stored URL.
  const { outcome } = sending.report
  const redirected = tools.profile === '3gpp' && !isClaim ? redirectedTo(delivery, outcome, sending.isAuthorized) : undefined
  const movedTo = isMoved(outcome) ? redirected : undefined
  if (redirected !== undefined) {
    secrets = [...secrets, ...sending.secrets]
    sending = await sendSigned(redirected, startedAt, tools, false)
  }
  if (sending.secrets.length > 0) secrets = [...secrets, ...sending.secrets]
  const { report } = sending
  const attempt: Mutable<Attempt> = {
    n,
    startedAt,
    phase: report.phase,
    sent: report.sent,
    outcome: recorded(report.outcome, secrets),
    reusedConnection: report.reusedConnection,
    timings: report.timings,
  }
  if (report.remoteAddress !== undefined) attempt.remoteAddress = report.remoteAddress
  const made: Mutable<MadeAttempt> = { attempt }
  if (report.outcome.kind === 'response') made.reply = report.outcome
  if (movedTo !== undefined && !isFinal(report.outcome)) made.moved = movedTo
  return made
}

/**
 * The same request to where a 307 or 308 points (TS 29.500, 6.10.9), once; the policy judges the new URL as it did the old one, and holds
 * it to what the callback key fixed. Secrets and certificates go to no other origin: a request that needs them stays, and one whose own fields
 * hold some goes without these.
 */
function redirectedTo(delivery: Delivery, outcome: SendOutcome, isAuthorized: boolean): Delivery | undefined {
  if (outcome.kind !== 'response' || (outcome.status !== 307 && outcome.status !== 308)) return undefined
  const location = fieldLines(outcome.headers, 'location')
  const [target = ''] = location
  if (location.length !== 1 || !URL.canParse(target, delivery.request.url)) return undefined
  const url = new URL(target, delivery.request.url)
  const { request } = delivery
  const isElsewhere = url.origin !== new URL(request.url).origin
  if (isAuthorized && isElsewhere) return undefined
  const headers = isElsewhere ? withoutSecretFields(request.headers) : request.headers
  return { ...delivery, request: { ...request, url: url.href, headers }, origin: url.origin }
}

function withoutSecretFields(headers: HeaderFields): HeaderFields {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isSecretField(name)))
}

/** 308 Permanent Redirect (RFC 9110, 15.4.9): later attempts go there too. */
function isMoved(outcome: SendOutcome): boolean {
  return outcome.kind === 'response' && outcome.status === 308
}

/** Nothing may be sent there: the delivery stays where it was. */
function isFinal({ kind }: SendOutcome): boolean {
  return kind === 'refused' || kind === 'unbuildable'
}

/** Trouble of the store is ours, and its words are for nobody else. */
async function claimCall(delivery: Delivery, claims: ClaimCaller): Promise<ClaimCall | Outcome> {
  try {
    return await claims.callFor(delivery)
  } catch {
    return { kind: 'failed', cause: 'local', code: 'ERR_CLAIM_STORE', message: 'The payload could not be stored for fetching.' }
  }
}

function unsent(n: number, startedAt: number, outcome: Outcome): Attempt {
  return { n, startedAt, phase: 'policy', sent: 'no', outcome, reusedConnection: false, timings: { total: 0 } }
}

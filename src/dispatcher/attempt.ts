import { type CallbackReply, fieldLines, type HeaderFields, isSecretField } from '../http/index.ts'
import type { SendOutcome } from '../outbound/index.ts'
import type { Mutable } from '../util/index.ts'
import { type ClaimCall, type ClaimCaller, isClaimCheck } from './claim-check/call-by-claim.ts'
import type { Attempt, Delivery, Outcome } from './delivery.ts'
import { originOf } from './destination.ts'
import type { Profile } from './profile.ts'
import { recorded } from './recorded.ts'
import { lateCode, type Sending, type SendTools, sendSigned } from './send-signed.ts'

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
 * outcome. `end` goes on with it, in the same step.
 */
export function makeAttempt<End>(
  delivery: Delivery,
  n: number,
  tools: AttemptTools,
  end: (made: MadeAttempt) => End,
): Promise<End> {
  const startedAt = tools.clock.now()
  const isSimple = tools.credentials === undefined && tools.profile !== '3gpp' && !isClaimCheck(delivery.metadata)
  if (isSimple) return sendSigned(delivery, startedAt, tools, false).then((sent) => end(madeAttempt(n, startedAt, sent)))
  return sendInSteps(delivery, startedAt, tools).then((done) =>
    end('kind' in done ? { attempt: unsent(n, startedAt, done) } : madeAttempt(n, startedAt, done)),
  )
}

interface Sent extends Pick<Sending, 'report' | 'secrets'> {
  readonly moved?: Delivery
}

/** What may take more than one request. The receiver may say the secrets of each back, and what it says is kept. */
async function sendInSteps(delivery: Delivery, startedAt: number, tools: AttemptTools): Promise<Sent | Outcome> {
  const isClaim = isClaimCheck(delivery.metadata)
  const secrets: string[] = []
  let called = delivery
  if (isClaim) {
    const call = await claimCall(delivery, tools.claims)
    if (call.kind !== 'call') return call
    secrets.push(call.secret)
    called = { ...delivery, request: call.request }
  }
  const send = async (to: Delivery, refresh: boolean): Promise<Sending> => {
    const sending = await sendSigned(to, startedAt, tools, refresh)
    secrets.push(...sending.secrets)
    return sending
  }
  let { report, isAuthorized } = await send(called, false)
  if (isAuthorized && report.outcome.kind === 'response' && report.outcome.status === 401) {
    const second = await send(called, true)
    if (!isLate(second)) ({ report, isAuthorized } = second)
  }
  // The id of a claim goes to the address that was given, and into no stored URL.
  const redirected = tools.profile === '3gpp' && !isClaim ? redirectedTo(delivery, report.outcome, isAuthorized) : undefined
  const there = redirected === undefined ? undefined : await send(redirected, false)
  // What was answered stands, where there was no time for more.
  if (there === undefined || isLate(there)) return { report, secrets }
  const movedTo = isMoved(report.outcome) ? redirected : undefined
  report = there.report
  return movedTo !== undefined && !isFinal(report.outcome) ? { report, secrets, moved: movedTo } : { report, secrets }
}

function isLate({ report: { outcome } }: Sending): boolean {
  return outcome.kind === 'failed' && outcome.code === lateCode
}

function madeAttempt(n: number, startedAt: number, { report, secrets, moved }: Sent): MadeAttempt {
  const { phase, sent, outcome, reusedConnection, timings, remoteAddress } = report
  const kept = recorded(outcome, secrets)
  const attempt: Attempt =
    remoteAddress === undefined
      ? { n, startedAt, phase, sent, outcome: kept, reusedConnection, timings }
      : { n, startedAt, phase, sent, outcome: kept, reusedConnection, timings, remoteAddress }
  const made: Mutable<MadeAttempt> = outcome.kind === 'response' ? { attempt, reply: outcome } : { attempt }
  if (moved !== undefined) made.moved = moved
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
  return { ...delivery, request: { ...request, url: url.href, headers }, origin: originOf(url.href) }
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

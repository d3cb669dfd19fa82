import { fieldLines, foldFieldName, type HeaderFields, type TargetConstraint } from '../http/index.ts'
import type { SendOutcome, SendReport, Transport } from '../outbound/index.ts'
import type { Signer } from '../signature/index.ts'
import type { Clock } from '../util/index.ts'
import { copyBytes } from './bytes.ts'
import {
  type Authorized,
  authorize,
  CredentialsFailure,
  type CredentialsFor,
  CredentialsRefusal,
  credentialUses,
  withoutSecrets,
} from './credentials.ts'
import type { Attempt, Delivery, Outcome } from './delivery.ts'
import type { Destination } from './destination.ts'
import type { Profile } from './profile.ts'

export type SignerFor = (
  delivery: Delivery,
  destination: Destination | undefined,
) => Signer | undefined | Promise<Signer | undefined>

export interface AttemptTools {
  readonly transport: Transport
  readonly signerFor: SignerFor
  readonly profile: Profile
  readonly credentials: CredentialsFor | undefined
  readonly destination: Destination | undefined
  readonly clock: Clock
  readonly signal: AbortSignal | undefined
}

const keptBodyBytes = 4096
const keptFields = [
  'content-type',
  'date',
  'location',
  'retry-after',
  'server',
  'webhook-delivery',
  'www-authenticate',
  'x-request-id',
]
const noBytes = new Uint8Array(0)

/**
 * Authorizes, signs and sends once; when secrets are refused with 401, once more with fresh ones. Never rejects: what goes wrong is in the
 * outcome.
 */
export async function makeAttempt(delivery: Delivery, n: number, tools: AttemptTools): Promise<Attempt> {
  const startedAt = tools.clock.now()
  let { report, secrets } = await sendSigned(delivery, startedAt, tools, false)
  if (secrets.length > 0 && report.outcome.kind === 'response' && report.outcome.status === 401) {
    const before = secrets
    ;({ report, secrets } = await sendSigned(delivery, startedAt, tools, true))
    secrets = [...before, ...secrets]
  }
  const redirected = tools.profile === '3gpp' ? redirectedTo(delivery, report.outcome, secrets.length > 0) : undefined
  if (redirected !== undefined) {
    const before = secrets
    ;({ report, secrets } = await sendSigned(redirected, startedAt, tools, false))
    secrets = [...before, ...secrets]
  }
  return {
    n,
    startedAt,
    phase: report.phase,
    sent: report.sent,
    outcome: recorded(report.outcome, secrets),
    ...(report.remoteAddress === undefined ? {} : { remoteAddress: report.remoteAddress }),
    reusedConnection: report.reusedConnection,
    timings: report.timings,
  }
}

/**
 * The same request to where a 307 or 308 points (TS 29.500, 6.10.9), once; the policy judges the new URL as it did the old one, and holds
 * it to what the callback key fixed. Secrets go to no other origin.
 */
function redirectedTo(delivery: Delivery, outcome: SendOutcome, hasSecrets: boolean): Delivery | undefined {
  if (outcome.kind !== 'response' || (outcome.status !== 307 && outcome.status !== 308)) return undefined
  const location = fieldLines(outcome.headers, 'location')
  const [target = ''] = location
  if (location.length !== 1 || !URL.canParse(target, delivery.request.url)) return undefined
  const url = new URL(target, delivery.request.url)
  if (hasSecrets && url.origin !== new URL(delivery.request.url).origin) return undefined
  return { ...delivery, request: { ...delivery.request, url: url.href } }
}

interface Sending {
  readonly report: SendReport
  readonly secrets: readonly string[]
}

async function sendSigned(delivery: Delivery, at: number, tools: AttemptTools, refresh: boolean): Promise<Sending> {
  const { method, body, constraint } = delivery.request
  const elapsed = (): number => tools.clock.now() - at
  let authorized = plain(delivery)
  try {
    const uses = tools.credentials === undefined ? undefined : credentialUses(delivery.metadata)
    if (tools.credentials !== undefined && uses !== undefined) {
      authorized = await authorize(authorized.url, authorized.headers, uses, tools.credentials, refresh)
    }
  } catch (error) {
    const report = error instanceof CredentialsRefusal ? refused(error, elapsed()) : credentialsTrouble(error, elapsed())
    return { report, secrets: [] }
  }
  const { url, secrets } = authorized
  let headers: HeaderFields
  try {
    const pending = tools.signerFor(delivery, tools.destination)
    headers = signedHeaders(delivery, authorized, at, pending instanceof Promise ? await pending : pending)
  } catch (error) {
    return { report: ourTrouble('ERR_SIGNER_FAILED', 'no', error, elapsed()), secrets }
  }
  const request = { method, url, headers, ...(body === undefined ? {} : { body }) }
  const options: { constraint?: TargetConstraint; signal?: AbortSignal } = {}
  if (constraint !== undefined) options.constraint = constraint
  if (tools.signal !== undefined) options.signal = tools.signal
  try {
    const report = await tools.transport.send(request, options)
    // The peer had closed an idle connection just when it was used again: that says nothing about the peer, so it is not a failed attempt.
    const isStale = report.reusedConnection && report.sent === 'maybe' && isReset(report.outcome)
    return { report: isStale ? await tools.transport.send(request, options) : report, secrets }
  } catch (error) {
    // A transport promises not to reject. One that does must not take the slot of its attempt with it.
    return { report: ourTrouble('ERR_TRANSPORT_FAILED', 'maybe', error, elapsed()), secrets }
  }
}

function plain({ id, request: { url, headers } }: Delivery): Authorized {
  return { url, headers: { 'user-agent': 'ringback', ...lowerCased(headers), 'webhook-id': id }, secrets: [] }
}

function signedHeaders(delivery: Delivery, { url, headers }: Authorized, at: number, signer: Signer | undefined): HeaderFields {
  if (signer === undefined) return headers
  const { method, body = noBytes } = delivery.request
  return { ...headers, ...lowerCased(signer.sign({ method, targetUri: url, headers, body, id: delivery.id, at })) }
}

function credentialsTrouble(error: unknown, total: number): SendReport {
  // Whatever else was thrown was not written here, and could hold a secret.
  const told = error instanceof CredentialsFailure ? error : new CredentialsFailure('The credentials could not be had.')
  return ourTrouble('ERR_CREDENTIALS_FAILED', 'no', told, total)
}

function refused({ message }: CredentialsRefusal, total: number): SendReport {
  const outcome: SendOutcome = { kind: 'unbuildable', problem: message }
  return { outcome, phase: 'policy', sent: 'no', reusedConnection: false, timings: { total } }
}

/** One spelling for each name, so that a signer's field replaces one of the request instead of standing beside it. */
function lowerCased(headers: HeaderFields): HeaderFields {
  const folded: Record<string, string | readonly string[]> = {}
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    if (value === undefined) continue
    const key = foldFieldName(name)
    const before = Object.hasOwn(folded, key) ? folded[key] : undefined
    folded[key] = before === undefined ? value : [before, value].flat()
  }
  return folded
}

function ourTrouble(code: string, sent: SendReport['sent'], error: unknown, total: number): SendReport {
  const message = error instanceof Error ? error.message : String(error)
  const outcome: SendOutcome = { kind: 'failed', cause: 'local', code, message }
  return { outcome, phase: 'policy', sent, reusedConnection: false, timings: { total } }
}

function isReset(outcome: SendOutcome): boolean {
  return outcome.kind === 'failed' && outcome.cause === 'reset'
}

function recorded(outcome: SendOutcome, secrets: readonly string[]): Outcome {
  const kept = secrets.length === 0 ? keptOf(outcome) : withoutSecrets(keptOf(outcome), secrets)
  if (kept.kind !== 'response') return kept
  // A copy: the bytes would otherwise keep the whole buffer that they were read into.
  return { ...kept, body: kept.body.byteLength === 0 ? noBytes : copyBytes(kept.body.subarray(0, keptBodyBytes)) }
}

function keptOf(outcome: SendOutcome): Outcome {
  if (outcome.kind === 'refused') return { kind: 'refused', ...outcome.refusal }
  if (outcome.kind !== 'response') return outcome
  const headers: Record<string, string | readonly string[]> = {}
  for (const name of keptFields) {
    const value = outcome.headers[name]
    if (value !== undefined) headers[name] = value
  }
  return { kind: 'response', status: outcome.status, headers, body: outcome.body }
}

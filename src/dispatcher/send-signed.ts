import { foldFieldName, type HeaderFields } from '../http/index.ts'
import type { OutboundRequest, SendOptions, SendOutcome, SendReport, Transport } from '../outbound/index.ts'
import type { Signer } from '../signature/index.ts'
import type { Clock, Mutable } from '../util/index.ts'
import {
  type Authorized,
  authorize,
  CredentialsFailure,
  type CredentialsFor,
  CredentialsRefusal,
  credentialUses,
} from './credentials.ts'
import type { Delivery } from './delivery.ts'
import type { Destination } from './destination.ts'
import { inTime } from './in-time.ts'

export type SignerFor = (
  delivery: Delivery,
  destination: Destination | undefined,
) => Signer | undefined | Promise<Signer | undefined>

export interface SendTools {
  readonly transport: Transport
  readonly signerFor: SignerFor
  readonly credentials: CredentialsFor | undefined
  readonly destination: Destination | undefined
  readonly clock: Clock
  readonly signal: AbortSignal | undefined
}

// One that never answers would keep the slot of its attempt, and in the end all of them.
const longestHookMs = 10_000
const noBytes = new Uint8Array(0)
const nothing: readonly string[] = []

type Fields = Record<string, string | readonly string[] | undefined>

/** What became of one request, and what must not be told of it. */
export interface Sending {
  readonly report: SendReport
  readonly secrets: readonly string[]
  /** A secret or a client certificate went with it. */
  readonly isAuthorized: boolean
}

/** Authorizes, signs and sends. Never rejects. */
export async function sendSigned(delivery: Delivery, at: number, tools: SendTools, refresh: boolean): Promise<Sending> {
  const { method, body, constraint } = delivery.request
  const elapsed = (): number => tools.clock.now() - at
  let authorized = plain(delivery)
  try {
    const uses = tools.credentials === undefined ? undefined : credentialUses(delivery.metadata)
    if (tools.credentials !== undefined && uses !== undefined) {
      const { credentials } = tools
      const inTheirTime: CredentialsFor = (name, options) =>
        inTime(credentials(name, options), tools.clock, longestHookMs, () => new TypeError('too late'))
      authorized = await authorize(authorized.url, authorized.headers, uses, inTheirTime, refresh)
    }
  } catch (error) {
    const report = error instanceof CredentialsRefusal ? refused(error, elapsed()) : credentialsTrouble(error, elapsed())
    return { report, secrets: [], isAuthorized: false }
  }
  const { url, secrets, identity } = authorized
  const isAuthorized = secrets.length > 0 || identity !== undefined
  let headers: HeaderFields
  try {
    const late = (): Error => new TypeError(`Expected a signer within ${longestHookMs} ms, found none.`)
    const pending = inTime(tools.signerFor(delivery, tools.destination), tools.clock, longestHookMs, late)
    headers = signedHeaders(delivery, authorized, at, pending instanceof Promise ? await pending : pending)
  } catch (error) {
    return { report: ourTrouble('ERR_SIGNER_FAILED', 'no', error, elapsed()), secrets, isAuthorized }
  }
  const request: Mutable<OutboundRequest> = { method, url, headers }
  if (body !== undefined) request.body = body
  const options: Mutable<SendOptions> = {}
  if (constraint !== undefined) options.constraint = constraint
  if (identity !== undefined) options.identity = identity
  if (tools.signal !== undefined) options.signal = tools.signal
  try {
    const report = await tools.transport.send(request, options)
    // The peer had closed an idle connection just when it was used again: that says nothing about the peer, so it is not a failed attempt.
    const isStale = report.reusedConnection && report.sent === 'maybe' && isReset(report.outcome)
    return { report: isStale ? await tools.transport.send(request, options) : report, secrets, isAuthorized }
  } catch (error) {
    // A transport promises not to reject. One that does must not take the slot of its attempt with it.
    return { report: ourTrouble('ERR_TRANSPORT_FAILED', 'maybe', error, elapsed()), secrets, isAuthorized }
  }
}

/** Its fields are an object of their own. */
function plain({ id, request: { url, headers } }: Delivery): Authorized & { readonly headers: Fields } {
  const fields: Fields = { 'user-agent': 'ringback' }
  const folded = lowerCased(headers)
  for (const name of Object.keys(folded)) fields[name] = folded[name]
  fields['webhook-id'] = id
  return { url, headers: fields, secrets: nothing }
}

function signedHeaders(delivery: Delivery, { url, headers }: Authorized, at: number, signer: Signer | undefined): HeaderFields {
  if (signer === undefined) return headers
  const { method, body = noBytes } = delivery.request
  const signed = lowerCased(signer.sign({ method, targetUri: url, headers, body, id: delivery.id, at }))
  const all: Fields = {}
  for (const name of Object.keys(headers)) all[name] = headers[name]
  for (const name of Object.keys(signed)) all[name] = signed[name]
  return all
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
  const names = Object.keys(headers)
  if (names.every((name) => headers[name] !== undefined && foldFieldName(name) === name)) return headers
  const folded: Record<string, string | readonly string[]> = {}
  for (const name of names) {
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

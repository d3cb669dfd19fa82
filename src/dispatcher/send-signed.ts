import { foldFieldName, type HeaderFields } from '../http/index.ts'
import type { OutboundRequest, OutboundResponse, SendOptions, SendOutcome, SendReport, Transport } from '../outbound/index.ts'
import type { Signer } from '../signature/index.ts'
import { type Clock, type Mutable, messageOf } from '../util/index.ts'
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
  /** A request that begins later could outlive the lease, and the delivery would be attempted twice at once. */
  readonly sendBy: number
}

/** Hooks took so long that the request was not sent. */
export const lateCode = 'ERR_ATTEMPT_LATE'

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

/** Authorizes, signs and sends. Never rejects. Without a wait for what needs none: each costs as much as a signature. */
export function sendSigned(delivery: Delivery, at: number, tools: SendTools, refresh: boolean): Promise<Sending> {
  const unauthorized = plain(delivery)
  if (tools.credentials === undefined || delivery.metadata.credentials === undefined) {
    return signAndSend(delivery, unauthorized, at, tools)
  }
  return sendAuthorized(delivery, unauthorized, tools.credentials, at, tools, refresh)
}

async function sendAuthorized(
  delivery: Delivery,
  unauthorized: Authorized,
  credentials: CredentialsFor,
  at: number,
  tools: SendTools,
  refresh: boolean,
): Promise<Sending> {
  let authorized = unauthorized
  try {
    const uses = credentialUses(delivery.metadata)
    const inTheirTime: CredentialsFor = (name, options) =>
      inTime(credentials(name, options), tools.clock, longestHookMs, () => new TypeError('too late'))
    if (uses !== undefined) authorized = await authorize(authorized.url, authorized.headers, uses, inTheirTime, refresh)
  } catch (error) {
    const elapsed = tools.clock.now() - at
    const report = error instanceof CredentialsRefusal ? refused(error, elapsed) : credentialsTrouble(error, elapsed)
    return { report, secrets: [], isAuthorized: false }
  }
  return signAndSend(delivery, authorized, at, tools)
}

function signAndSend(delivery: Delivery, authorized: Authorized, at: number, tools: SendTools): Promise<Sending> {
  try {
    const signer = tools.signerFor(delivery, tools.destination)
    if (signer instanceof Promise) return signLater(delivery, authorized, at, tools, signer)
    return transmit(signed(delivery, authorized, at, signer), optionsOf(delivery, authorized, tools), authorized, at, tools)
  } catch (error) {
    return Promise.resolve(unsigned(authorized, at, tools, error))
  }
}

async function signLater(
  delivery: Delivery,
  authorized: Authorized,
  at: number,
  tools: SendTools,
  pending: Promise<Signer | undefined>,
): Promise<Sending> {
  try {
    const signer = await inTime(pending, tools.clock, longestHookMs, tooLate)
    return transmit(signed(delivery, authorized, at, signer), optionsOf(delivery, authorized, tools), authorized, at, tools)
  } catch (error) {
    return unsigned(authorized, at, tools, error)
  }
}

function unsigned(authorized: Authorized, at: number, { clock }: SendTools, error: unknown): Sending {
  return sendingOf(ourTrouble('ERR_SIGNER_FAILED', 'no', error, clock.now() - at), authorized)
}

function transmit(
  request: OutboundRequest,
  options: SendOptions,
  authorized: Authorized,
  at: number,
  tools: SendTools,
): Promise<Sending> {
  const { clock, sendBy } = tools
  if (clock.now() > sendBy) {
    const late = new TypeError('Expected hooks that leave time for the request before the lease ends (leaseMs).')
    return Promise.resolve(sendingOf(ourTrouble(lateCode, 'no', late, clock.now() - at), authorized))
  }
  const failed = (error: unknown): Sending => untransmitted(authorized, at, tools, error)
  return send(request, options, tools).then((report) => {
    if (!isReport(report)) return failed(noReport())
    if (!isStale(report) || clock.now() > sendBy) return sendingOf(report, authorized)
    return send(request, options, tools)
      .then((second) => sendingOf(checked(second), authorized))
      .catch(failed)
  }, failed)
}

/** A transport promises not to reject, or to throw. */
function send(request: OutboundRequest, options: SendOptions, { transport }: SendTools): Promise<SendReport> {
  try {
    return Promise.resolve(transport.send(request, options))
  } catch (error) {
    return Promise.reject(error)
  }
}

/** One that does must not take the slot of its attempt with it. */
function untransmitted(authorized: Authorized, at: number, { clock }: SendTools, error: unknown): Sending {
  return sendingOf(ourTrouble('ERR_TRANSPORT_FAILED', 'maybe', error, clock.now() - at), authorized)
}

function sendingOf(report: SendReport, { secrets, identity }: Authorized): Sending {
  return { report, secrets, isAuthorized: secrets.length > 0 || identity !== undefined }
}

/** What is no report would be trouble where nobody expects it. */
export function checked(report: SendReport | undefined): SendReport {
  if (isReport(report)) return report
  throw noReport()
}

function isReport(report: SendReport | undefined): report is SendReport {
  const outcome: Partial<OutboundResponse> | SendOutcome | undefined = report?.outcome
  if (typeof outcome?.kind !== 'string' || typeof report?.timings !== 'object') return false
  const { kind, status, headers, body } = outcome as Partial<OutboundResponse>
  return kind !== 'response' || (typeof status === 'number' && typeof headers === 'object' && body instanceof Uint8Array)
}

function noReport(): TypeError {
  return new TypeError(
    'Expected the transport to answer with a report: "timings", and an "outcome", of a response with its status, headers, and body as bytes.',
  )
}

function tooLate(): Error {
  return new TypeError(`Expected a signer within ${longestHookMs} ms, found none.`)
}

function optionsOf({ request: { constraint } }: Delivery, { identity }: Authorized, { signal }: SendTools): SendOptions {
  const options: Mutable<SendOptions> = {}
  if (constraint !== undefined) options.constraint = constraint
  if (identity !== undefined) options.identity = identity
  if (signal !== undefined) options.signal = signal
  return options
}

/** The peer had closed an idle connection just when it was used again: that says nothing about the peer, so it is not a failed attempt. */
function isStale({ reusedConnection, sent, outcome }: SendReport): boolean {
  return reusedConnection && sent === 'maybe' && outcome.kind === 'failed' && outcome.cause === 'reset'
}

/** Its fields are an object of their own. */
function plain({ id, request: { url, headers } }: Delivery): Authorized & { readonly headers: Fields } {
  const fields: Fields = { 'user-agent': 'ringback' }
  addLowerCased(fields, headers)
  fields['webhook-id'] = id
  return { url, headers: fields, secrets: nothing }
}

function signed(
  { id, request }: Delivery,
  { url, headers }: Authorized,
  at: number,
  signer: Signer | undefined,
): OutboundRequest {
  const { method, body } = request
  // The fields were made for this request alone, by `plain` or with the credentials.
  if (signer !== undefined) {
    const fields: object = signer.sign({ method, targetUri: url, headers, body: body ?? noBytes, id, at })
    // It would go out unsigned.
    if ('then' in fields) throw new TypeError('Expected sign() to answer with header fields at once, found a promise.')
    addLowerCased(headers as Fields, fields as HeaderFields)
  }
  return body === undefined ? { method, url, headers } : { method, url, headers, body }
}

function credentialsTrouble(error: unknown, total: number): SendReport {
  // Whatever else was thrown was not written here, and could hold a secret.
  const told = error instanceof CredentialsFailure ? error : new CredentialsFailure('The credentials could not be had.')
  return ourTrouble(told.code, 'no', told, total)
}

function refused({ message }: CredentialsRefusal, total: number): SendReport {
  const outcome: SendOutcome = { kind: 'unbuildable', problem: message }
  return { outcome, phase: 'policy', sent: 'no', reusedConnection: false, timings: { total } }
}

/** One spelling for each name, so that a signer's field replaces one of the request instead of standing beside it. */
function addLowerCased(fields: Fields, added: HeaderFields): void {
  const names = Object.keys(added)
  for (const name of names) {
    if (foldFieldName(name) !== name) {
      addFolded(fields, added, names)
      return
    }
    if (added[name] !== undefined) fields[name] = added[name]
  }
}

/** Several spellings of a name are lines of one field. */
function addFolded(fields: Fields, added: HeaderFields, names: readonly string[]): void {
  const folded = new Map<string, string | readonly string[]>()
  for (const name of names) {
    const value = added[name]
    if (value === undefined) continue
    const key = foldFieldName(name)
    const before = folded.get(key)
    folded.set(key, before === undefined ? value : [before, value].flat())
  }
  for (const [key, value] of folded) fields[key] = value
}

function ourTrouble(code: string, sent: SendReport['sent'], error: unknown, total: number): SendReport {
  const outcome: SendOutcome = { kind: 'failed', cause: 'local', code, message: messageOf(error) }
  return { outcome, phase: 'policy', sent, reusedConnection: false, timings: { total } }
}

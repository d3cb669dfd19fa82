import { foldFieldName, type HeaderFields, type TargetConstraint } from '../http/index.ts'
import type { SendOutcome, SendReport, Transport } from '../outbound/index.ts'
import type { Signer } from '../signature/index.ts'
import type { Clock } from '../util/index.ts'
import { copyBytes } from './bytes.ts'
import type { Attempt, Delivery, Outcome } from './delivery.ts'
import type { Destination } from './destination.ts'

export type SignerFor = (
  delivery: Delivery,
  destination: Destination | undefined,
) => Signer | undefined | Promise<Signer | undefined>

export interface AttemptTools {
  readonly transport: Transport
  readonly signerFor: SignerFor
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

/** Signs and sends once. Never rejects: what goes wrong is in the outcome. */
export async function makeAttempt(delivery: Delivery, n: number, tools: AttemptTools): Promise<Attempt> {
  const startedAt = tools.clock.now()
  const report = await sendSigned(delivery, startedAt, tools)
  return {
    n,
    startedAt,
    phase: report.phase,
    sent: report.sent,
    outcome: recorded(report.outcome),
    ...(report.remoteAddress === undefined ? {} : { remoteAddress: report.remoteAddress }),
    reusedConnection: report.reusedConnection,
    timings: report.timings,
  }
}

async function sendSigned(delivery: Delivery, at: number, tools: AttemptTools): Promise<SendReport> {
  const { method, url, body, constraint } = delivery.request
  let headers: HeaderFields
  try {
    const pending = tools.signerFor(delivery, tools.destination)
    headers = signedHeaders(delivery, at, pending instanceof Promise ? await pending : pending)
  } catch (error) {
    return ourTrouble('ERR_SIGNER_FAILED', 'no', error, tools.clock.now() - at)
  }
  const request = { method, url, headers, ...(body === undefined ? {} : { body }) }
  const options: { constraint?: TargetConstraint; signal?: AbortSignal } = {}
  if (constraint !== undefined) options.constraint = constraint
  if (tools.signal !== undefined) options.signal = tools.signal
  try {
    const report = await tools.transport.send(request, options)
    // The peer had closed an idle connection just when it was used again: that says nothing about the peer, so it is not a failed attempt.
    const isStale = report.reusedConnection && report.sent === 'maybe' && isReset(report.outcome)
    return isStale ? await tools.transport.send(request, options) : report
  } catch (error) {
    // A transport promises not to reject. One that does must not take the slot of its attempt with it.
    return ourTrouble('ERR_TRANSPORT_FAILED', 'maybe', error, tools.clock.now() - at)
  }
}

function signedHeaders(delivery: Delivery, at: number, signer: Signer | undefined): HeaderFields {
  const { method, url, headers, body = noBytes } = delivery.request
  const own: HeaderFields = { 'user-agent': 'ringback', ...lowerCased(headers), 'webhook-id': delivery.id }
  if (signer === undefined) return own
  return { ...own, ...lowerCased(signer.sign({ method, targetUri: url, headers: own, body, id: delivery.id, at })) }
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

function recorded(outcome: SendOutcome): Outcome {
  if (outcome.kind === 'refused') return { kind: 'refused', ...outcome.refusal }
  if (outcome.kind !== 'response') return outcome
  const headers: Record<string, string | readonly string[]> = {}
  for (const name of keptFields) {
    const value = outcome.headers[name]
    if (value !== undefined) headers[name] = value
  }
  // A copy: the bytes would otherwise keep the whole buffer that they were read into.
  const body = outcome.body.byteLength === 0 ? noBytes : copyBytes(outcome.body.subarray(0, keptBodyBytes))
  return { kind: 'response', status: outcome.status, headers, body }
}

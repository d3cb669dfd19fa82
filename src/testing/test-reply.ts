import type { HeaderFields } from '../http/index.ts'
import type { FailureCause, Phase, SendOutcome, SendReport, Sent } from '../outbound/index.ts'
import { type Duration, utf8 } from '../util/index.ts'

/** What the other side does with a request: a status, a response, or trouble on the way. */
export type TestReply =
  | number
  | {
      /** Default: 200. */
      readonly status?: number
      readonly headers?: HeaderFields
      readonly json?: unknown
      readonly body?: string | Uint8Array
      /** How long it takes, on the clock of the transport. Longer than the total timeout: a timeout. */
      readonly delay?: Duration
    }
  | {
      readonly failure: FailureCause
      /** The error code of Node. Default: one that fits the failure. */
      readonly code?: string
      /** Whether the other side has seen the request. Default: as it is with such a failure. */
      readonly sent?: Sent
      readonly delay?: Duration
    }

interface Trouble {
  readonly code: string
  readonly phase: Phase
  readonly sent: Sent
}

const troubles: Readonly<Record<FailureCause, Trouble>> = {
  dns: { code: 'ENOTFOUND', phase: 'dns', sent: 'no' },
  connect: { code: 'ECONNREFUSED', phase: 'connect', sent: 'no' },
  tls: { code: 'CERT_HAS_EXPIRED', phase: 'tls', sent: 'no' },
  timeout: { code: 'ETIMEDOUT', phase: 'request', sent: 'maybe' },
  reset: { code: 'ECONNRESET', phase: 'request', sent: 'maybe' },
  oversized: { code: 'UND_ERR_HEADERS_OVERFLOW', phase: 'response', sent: 'yes' },
  protocol: { code: 'HPE_INVALID_CONSTANT', phase: 'response', sent: 'yes' },
  aborted: { code: 'ABORT_ERR', phase: 'request', sent: 'maybe' },
  local: { code: 'EMFILE', phase: 'connect', sent: 'no' },
}

/** `total`: milliseconds that it took. */
export function reportOf(reply: TestReply, total: number): SendReport {
  const given = typeof reply === 'number' ? { status: reply } : reply
  if ('failure' in given) return failureReport(given.failure, total, given)
  const { status = 200, headers = {}, json } = given
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new TypeError(`Expected a status from 200 to 599 to answer with but found ${String(status)}`)
  }
  const text = given.body ?? (json === undefined ? '' : JSON.stringify(json))
  const body = typeof text === 'string' ? utf8(text) : text
  const fields = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const type = json === undefined || 'content-type' in fields ? {} : { 'content-type': 'application/json' }
  const outcome: SendOutcome = { kind: 'response', status, headers: { ...type, ...fields }, body, completeness: 'complete' }
  return { outcome, phase: 'body', sent: 'yes', reusedConnection: false, timings: { firstByte: total, total } }
}

export function failureReport(
  cause: FailureCause,
  total: number,
  told: { readonly code?: string; readonly sent?: Sent },
): SendReport {
  const trouble = Object.hasOwn(troubles, cause) ? troubles[cause] : undefined
  if (trouble === undefined) {
    throw new TypeError(`Expected a failure among ${Object.keys(troubles).join(', ')} but found ${JSON.stringify(cause)}`)
  }
  const { code = trouble.code, sent = trouble.sent } = told
  const outcome: SendOutcome = { kind: 'failed', cause, code, message: `The test asked for the failure "${cause}".` }
  return { outcome, phase: trouble.phase, sent, reusedConnection: false, timings: { total } }
}

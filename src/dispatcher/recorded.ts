import type { SendOutcome } from '../outbound/index.ts'
import { copyBytes } from './bytes.ts'
import { withoutSecrets } from './credentials.ts'
import type { Outcome } from './delivery.ts'

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

/** What of an outcome is kept with the attempt. */
export function recorded(outcome: SendOutcome, secrets: readonly string[]): Outcome {
  const kept = secrets.length === 0 ? keptOf(outcome) : withoutSecrets(keptOf(outcome), secrets)
  if (kept.kind !== 'response') return kept
  // A copy: the bytes would otherwise keep the whole buffer that they were read into.
  const { status, headers, body } = kept
  return { kind: 'response', status, headers, body: body.byteLength === 0 ? noBytes : copyBytes(body.subarray(0, keptBodyBytes)) }
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

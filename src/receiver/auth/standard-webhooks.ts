import { standardWebhooks as verifierFor } from '../../signature/index.ts'
import { milliseconds } from '../duration.ts'
import type { AuthStrategy, InboundAuth } from './inbound-auth.ts'

/** https://www.standardwebhooks.com: a keyed hash of id, time and raw body. Any signature by any of the secrets will do. */
export function standardWebhooks(auth: Extract<InboundAuth, { type: 'standard-webhooks' }>): AuthStrategy {
  const { secret, tolerance } = auth
  const verifier = verifierFor({
    keys: [secret].flat(),
    ...(tolerance === undefined ? {} : { toleranceMs: milliseconds(tolerance, 'tolerance') }),
  })
  return {
    stage: 'late',
    challenge: 'StandardWebhooks',
    passes({ headers, rawBody }, now) {
      const fields = {
        'webhook-id': headers.get('webhook-id') ?? undefined,
        'webhook-timestamp': headers.get('webhook-timestamp') ?? undefined,
        'webhook-signature': headers.get('webhook-signature') ?? undefined,
      }
      return verifier.verify({ headers: fields, body: rawBody }, now).ok
    },
  }
}

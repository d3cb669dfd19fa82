import { createHmac, timingSafeEqual } from 'node:crypto'
import type { AuthStrategy, InboundAuth } from './inbound-auth.ts'

/** A keyed hash of the raw body in a field of its own, as GitHub and many others send it. Any of several secrets will do. */
export function hmac(auth: Extract<InboundAuth, { type: 'hmac' }>): AuthStrategy {
  const { secret, header, algorithm = 'sha256', prefix = '', encoding = 'hex' } = auth
  return {
    stage: 'late',
    challenge: `HMAC header="${header}", algorithm="${algorithm}"`,
    passes({ headers, rawBody }) {
      const signatures = (headers.get(header) ?? '')
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part.startsWith(prefix))
        .map((part) => Buffer.from(part.slice(prefix.length), encoding))
      return [secret].flat().some((key) => {
        const expected = createHmac(algorithm, key).update(rawBody).digest()
        return signatures.some((found) => found.length === expected.length && timingSafeEqual(found, expected))
      })
    },
  }
}

import { createHmac, timingSafeEqual } from 'node:crypto'
import type { AuthStrategy, InboundAuth } from './inbound-auth.ts'
import { checkedSecrets } from './secrets.ts'

/** A keyed hash of the raw body in a field of its own, as GitHub and many others send it. Any of several secrets will do. */
export function hmac(auth: Extract<InboundAuth, { type: 'hmac' }>): AuthStrategy {
  const { secret, header, algorithm = 'sha256', prefix = '', encoding = 'hex' } = auth
  const secrets = checkedSecrets(secret, 'the secret of hmac auth')
  if (typeof header !== 'string' || !/^[\w!#$%&'*+.^`|~-]+$/.test(header))
    throw new TypeError(`Expected header of hmac auth to be the name of a field but found ${JSON.stringify(header)}`)
  if (algorithm !== 'sha256' && algorithm !== 'sha512')
    throw new TypeError(`Expected algorithm of hmac auth to be sha256 or sha512 but found ${JSON.stringify(algorithm)}`)
  if (encoding !== 'hex' && encoding !== 'base64')
    throw new TypeError(`Expected encoding of hmac auth to be hex or base64 but found ${JSON.stringify(encoding)}`)
  return {
    stage: 'late',
    challenge: `HMAC header="${header}", algorithm="${algorithm}"`,
    passes({ headers, rawBody }) {
      const signatures = (headers.get(header) ?? '')
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part.startsWith(prefix))
        .map((part) => Buffer.from(part.slice(prefix.length), encoding))
      return secrets.some((key) => {
        const expected = createHmac(algorithm, key).update(rawBody).digest()
        return signatures.some((found) => found.length === expected.length && timingSafeEqual(found, expected))
      })
    },
  }
}

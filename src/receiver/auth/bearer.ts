import type { AuthStrategy, InboundAuth } from './inbound-auth.ts'
import { sameSecret } from './same-secret.ts'

/** RFC 6750: `Authorization: Bearer <token>`. */
export function bearer({ token }: Extract<InboundAuth, { type: 'bearer' }>): AuthStrategy {
  const isToken = typeof token === 'function' ? token : (found: string) => [token].flat().some((one) => sameSecret(found, one))
  return {
    stage: 'early',
    challenge: 'Bearer',
    passes({ headers }) {
      const found = /^bearer +([^ ]+) *$/i.exec(headers.get('authorization') ?? '')?.[1]
      return found !== undefined && isToken(found)
    },
  }
}

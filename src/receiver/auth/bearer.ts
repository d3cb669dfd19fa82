import type { AuthStrategy, InboundAuth } from './inbound-auth.ts'
import { sameSecret } from './same-secret.ts'
import { checkedSecrets } from './secrets.ts'

/** RFC 6750: `Authorization: Bearer <token>`. */
export function bearer({ token }: Extract<InboundAuth, { type: 'bearer' }>): AuthStrategy {
  const isToken = typeof token === 'function' ? token : oneOf(checkedSecrets(token, 'the token of bearer auth'))
  return {
    stage: 'early',
    challenge: 'Bearer',
    passes({ headers }) {
      const found = /^bearer +([^ ]+) *$/i.exec(headers.get('authorization') ?? '')?.[1]
      return found !== undefined && isToken(found)
    },
  }
}

function oneOf(tokens: readonly string[]): (found: string) => boolean {
  return (found) => tokens.some((one) => sameSecret(found, one))
}

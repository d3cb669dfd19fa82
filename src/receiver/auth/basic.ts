import type { AuthStrategy, InboundAuth } from './inbound-auth.ts'
import { sameSecret } from './same-secret.ts'
import { checkedSecrets } from './secrets.ts'

/** RFC 7617: `Authorization: Basic base64(username:password)`, in UTF-8. */
export function basic({ username, password }: Extract<InboundAuth, { type: 'basic' }>): AuthStrategy {
  checkedSecrets(password, 'the password of basic auth')
  if (typeof username !== 'string') throw new TypeError(`Expected a username for basic auth but found ${typeof username}`)
  if (username.includes(':')) throw new TypeError('Expected a username without ":" (RFC 7617) but found one')
  return {
    stage: 'early',
    challenge: 'Basic realm="callback", charset="UTF-8"',
    passes({ headers }) {
      const found = /^basic +([A-Za-z0-9+/=]+) *$/i.exec(headers.get('authorization') ?? '')?.[1]
      return found !== undefined && sameSecret(Buffer.from(found, 'base64').toString('utf8'), `${username}:${password}`)
    },
  }
}

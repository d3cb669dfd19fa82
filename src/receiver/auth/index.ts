import { assertNever } from '../../util/index.ts'
import { basic } from './basic.ts'
import { bearer } from './bearer.ts'
import { hmac } from './hmac.ts'
import type { AuthStrategy, InboundAuth } from './inbound-auth.ts'
import { standardWebhooks } from './standard-webhooks.ts'

export type { AuthStrategy, InboundAuth, SignedRequest } from './inbound-auth.ts'

/** A new kind of proof is one file here and one line below. */
export function strategyOf(auth: InboundAuth): AuthStrategy {
  switch (auth.type) {
    case 'bearer':
      return bearer(auth)
    case 'basic':
      return basic(auth)
    case 'hmac':
      return hmac(auth)
    case 'standard-webhooks':
      return standardWebhooks(auth)
    case 'custom':
      if (typeof auth.verify !== 'function')
        throw new TypeError(`Expected verify of custom auth to be a function but found ${typeof auth.verify}`)
      return { stage: 'late', challenge: 'Custom', passes: (request) => auth.verify(request) }
    default:
      return assertNever(auth)
  }
}

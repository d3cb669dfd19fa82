import { checkNames } from '../../util/index.ts'
import { basic } from './basic.ts'
import { bearer } from './bearer.ts'
import { hmac } from './hmac.ts'
import type { AuthStrategy, InboundAuth } from './inbound-auth.ts'
import { standardWebhooks } from './standard-webhooks.ts'

export type { AuthStrategy, InboundAuth, SignedRequest } from './inbound-auth.ts'

type Names<T> = T extends InboundAuth ? Readonly<Record<keyof T, true>> : never

const optionNames: { readonly [T in InboundAuth['type']]: Names<Extract<InboundAuth, { type: T }>> } = {
  bearer: { type: true, token: true },
  basic: { type: true, username: true, password: true },
  hmac: { type: true, secret: true, header: true, algorithm: true, prefix: true, encoding: true },
  'standard-webhooks': { type: true, secret: true, tolerance: true },
  custom: { type: true, verify: true },
}

/** Throws `TypeError` where it is none of the kinds there are, or has an option that its kind has not. Never tells a value but the type's. */
export function checkAuth(auth: unknown): asserts auth is InboundAuth {
  const type = typeof auth === 'object' && auth !== null && 'type' in auth ? auth.type : undefined
  if (typeof type === 'string' && Object.hasOwn(optionNames, type))
    return checkNames(auth as InboundAuth, optionNames[type as InboundAuth['type']], `auth of type ${type}`)
  const found =
    typeof auth !== 'object' || auth === null
      ? `no object for auth`
      : typeof type === 'string'
        ? JSON.stringify(type)
        : typeof type
  throw new TypeError(`Expected auth.type to be one of ${Object.keys(optionNames).join(', ')} but found ${found}`)
}

/** A new kind of proof is one file here, its options above and one line below. */
export function strategyOf(auth: InboundAuth): AuthStrategy {
  checkAuth(auth)
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
  }
}

import { type Signer, standardWebhooks } from '../signature/index.ts'
import type { Random } from '../util/index.ts'
import type { Destination, DestinationSecret } from './destination.ts'

const mostOldSecrets = 10
const secretBytes = 32

/** Throws `TypeError` for one that cannot sign. Default: a new one. */
export function newSecret(given: string | undefined, random: Random): string {
  const secret = given ?? `whsec_${Buffer.from(random(secretBytes)).toString('base64')}`
  if (secret.startsWith('whpk_')) throw new TypeError('Expected a secret that can sign: "whsec_…" or "whsk_…".')
  standardWebhooks({ keys: [secret] })
  return secret
}

/** Those before the newest one, as they are kept beside it: until `end` at the latest. */
export function stillUsed(secrets: readonly DestinationSecret[], now: number, end: number): readonly DestinationSecret[] {
  return secrets
    .map(({ key, expiresAt = Number.POSITIVE_INFINITY }) => ({ key, expiresAt: Math.min(expiresAt, end) }))
    .filter(({ expiresAt }) => expiresAt > now)
    .slice(0, mostOldSecrets)
}

/** Signs with the secrets of the destination, where it has any. */
export function signerOf(destination: Destination | undefined): Signer | undefined {
  if (destination === undefined || destination.secrets.length === 0) return undefined
  const made = signers.get(destination)
  if (made !== undefined) return made
  const keys = destination.secrets.map(({ key, expiresAt }) => (expiresAt === undefined ? key : { key, expiresAt }))
  const signer = standardWebhooks({ keys })
  signers.set(destination, signer)
  return signer
}

const signers = new WeakMap<Destination, Signer>()

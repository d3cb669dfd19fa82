import type { Signer } from '../signature/index.ts'
import { signerOf } from './destination-secrets.ts'
import type { EventHub } from './events.ts'
import type { SignerFor } from './send-signed.ts'

/**
 * Who signs: the signer that was given, or else the secrets of each destination. Never both: two signatures in one field would need one id and
 * one instant of both, which no signer but Standard Webhooks promises. That secrets are passed over is told once for each destination, unless
 * a function is given that looks at the destination, and so decides for itself.
 */
export function chooseSigner(signer: Signer | SignerFor | undefined, events: EventHub): SignerFor {
  if (signer === undefined) return (_delivery, destination) => signerOf(destination)
  const choose: SignerFor = typeof signer === 'function' ? signer : () => signer
  if (choose === signer && signer.length > 1) return signer
  const told = new Set<string>()
  return (delivery, destination) => {
    if (destination !== undefined && destination.secrets.length > 0 && !told.has(destination.id)) {
      const { id } = destination
      told.add(id)
      events.emit('destination:unused-secrets', () => ({ id }))
      const message = `The dispatcher has a "signer", so the secrets of the destination ${id} sign nothing. Leave "signer" out, or give a function (delivery, destination) that chooses.`
      process.emitWarning(message, { type: 'RingbackWarning', code: 'unused-secrets' })
    }
    return choose(delivery, destination)
  }
}

import type { ClaimCheckStore, NewClaimCheck } from './claim-check-store.ts'

/** Keeps claims in this process. */
export function memoryClaimChecks(): ClaimCheckStore {
  interface Kept extends Pick<NewClaimCheck, 'once' | 'contentType' | 'body'> {
    expiresAt: number
    isTaken: boolean
  }
  const payloads = new Map<string, Kept>()
  const hashes = new Map<string, { readonly deliveryId: string; readonly expiresAt: number }>()

  const open = (hash: string, now: number): Kept | undefined => {
    const known = hashes.get(hash)
    if (known === undefined || known.expiresAt <= now) return undefined
    const payload = payloads.get(known.deliveryId)
    return payload === undefined || payload.isTaken ? undefined : payload
  }

  return {
    async put({ hash, deliveryId, once, expiresAt, renew, contentType, body }) {
      const before = payloads.get(deliveryId)
      if (before === undefined) {
        const payload = { once, expiresAt, isTaken: false, body, ...(contentType === undefined ? {} : { contentType }) }
        payloads.set(deliveryId, payload)
      } else {
        before.expiresAt = Math.max(before.expiresAt, expiresAt)
        if (renew) before.isTaken = false
      }
      hashes.set(hash, { deliveryId, expiresAt })
    },
    find: async (hash, now) => (open(hash, now) === undefined ? undefined : hashes.get(hash)?.deliveryId),
    async take(hash, now) {
      const payload = open(hash, now)
      if (payload === undefined) return undefined
      payload.isTaken = payload.once
      const { contentType, body } = payload
      return contentType === undefined ? { body } : { contentType, body }
    },
    async restore(hash) {
      const payload = payloads.get(hashes.get(hash)?.deliveryId ?? '')
      if (payload !== undefined) payload.isTaken = false
    },
    async purge({ expiredBefore, limit }) {
      const old = (all: ReadonlyMap<string, { readonly expiresAt: number }>): readonly string[] =>
        [...all].flatMap(([key, { expiresAt }]) => (expiresAt < expiredBefore ? [key] : [])).slice(0, limit)
      const [oldPayloads, oldHashes] = [old(payloads), old(hashes)]
      for (const id of oldPayloads) payloads.delete(id)
      for (const hash of oldHashes) hashes.delete(hash)
      return Math.max(oldPayloads.length, oldHashes.length)
    },
  }
}

/**
 * Payloads that wait until the receiver fetches them. Ids come as hashes, so that who reads the store can fetch nothing. Every sentence here
 * is a case of the claim contract suite. Instants are milliseconds since the epoch.
 */
export interface ClaimCheckStore {
  /** Keeps the payload of a delivery, once for each delivery, and lets it be fetched under one more hash. */
  put(claim: NewClaimCheck): Promise<void>
  /** The id of the delivery that a hash is for; `undefined`: it is unknown, expired or taken. */
  find(hash: string, now: number): Promise<string | undefined>
  /** The payload. Of those who take one that may be fetched once, one gets it; `undefined`: it is unknown, expired or taken. */
  take(hash: string, now: number): Promise<ClaimCheckPayload | undefined>
  /** What was taken could not be handed over: it can be fetched again. */
  restore(hash: string): Promise<void>
  /** Forgets at most so many payloads and hashes that had expired by then. Answers how many of the one or the other, whichever is more. */
  purge(purge: { readonly expiredBefore: number; readonly limit: number }): Promise<number>
}

export interface ClaimCheckPayload {
  readonly contentType?: string
  readonly body: Uint8Array
}

export interface NewClaimCheck extends ClaimCheckPayload {
  readonly hash: string
  readonly deliveryId: string
  /** Whether it is gone when it has been fetched. */
  readonly once: boolean
  readonly expiresAt: number
  /** The delivery begins, for the first time or again: what was taken before can be fetched again. */
  readonly renew: boolean
}

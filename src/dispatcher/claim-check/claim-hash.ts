import { createHash } from 'node:crypto'

/** What a store keeps of the id of a claim. The id is random, so that nothing more than a hash is needed. */
export function claimHash(id: string): string {
  return createHash('sha256').update(id).digest('base64url')
}

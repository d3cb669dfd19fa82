import { checkNames, type Result } from '../util/index.ts'
import { problem, type ReceivedRequest, type SignatureProblem, type VerifiedRequest, type Verifier } from './signer.ts'

/** Remembers which requests have been here. Behind several processes it must be one that they share. */
export interface ReplayCache {
  /** `false`: the key is remembered already. Otherwise it is remembered from now until `until` (milliseconds since the epoch). */
  remember(key: string, until: number, now: number): boolean | Promise<boolean>
}

export interface MemoryReplayCacheOptions {
  /** When there are more, those that end first are forgotten. Default: 100 000. */
  readonly maxEntries?: number
}

const defaultMaxEntries = 100_000

/** A cache in this process. */
export function memoryReplayCache(options: MemoryReplayCacheOptions = {}): ReplayCache {
  checkNames(options, { maxEntries: 'count' }, 'the options of memoryReplayCache()')
  const { maxEntries = defaultMaxEntries } = options
  // In the order of remembering, which is nearly the order of ending.
  const ends = new Map<string, number>()
  return {
    remember(key, until, now) {
      const end = ends.get(key)
      if (end !== undefined && end > now) return false
      for (const [old, oldEnd] of ends) {
        if (oldEnd > now && ends.size < maxEntries) break
        ends.delete(old)
      }
      ends.delete(key)
      ends.set(key, until)
      return true
    },
  }
}

/**
 * Verifies a request, and refuses the copy of one that has been verified before. A further attempt of the same delivery is no copy: it is
 * signed anew, and has the same id.
 */
export async function verifyOnce(
  verifier: Verifier,
  request: ReceivedRequest,
  now: number,
  cache: ReplayCache,
): Promise<Result<VerifiedRequest, SignatureProblem>> {
  const verified = verifier.verify(request, now)
  // Only what is verified is remembered: nobody can fill the cache, or use up a key, without a signature.
  if (!verified.ok || (await cache.remember(verified.value.replayKey, verified.value.freshUntil, now))) return verified
  return problem('replayed', 'Expected a request that has not been here before.')
}

import type { Attempt } from './delivery.ts'

/** Tells trouble of ours, which must not use up a receiver's attempts, from trouble at the receiver's end. */
export interface TroubleTeller {
  isOurs(origin: string, attempt: Attempt): boolean
}

// Said by the operating system before anything has left this machine.
const ownCodes = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL'])
// Of one name alone they may be the fault of its owner.
const resolverCodes = new Set(['EAI_AGAIN', 'ESERVFAIL', 'EREFUSED', 'ETIMEOUT', 'ETIMEDOUT', 'ECONNREFUSED'])
const networkCodes = new Set(['ENETUNREACH', 'ENETDOWN'])
const fewestOrigins = 3
// Whoever has three names that resolve no more must not be asked for ever.
const longestMs = 3_600_000

/**
 * A resolver or a network that is down fails for everybody: when at least three origins have failed so, with no answer from anybody between them,
 * it is ours, for an hour.
 */
export function createTroubleTeller(): TroubleTeller {
  const suspects = new Set<string>()
  let since = 0
  return {
    isOurs(origin, { outcome, phase, startedAt }) {
      if (outcome.kind === 'response' && suspects.size > 0) suspects.clear()
      if (outcome.kind !== 'failed' || (phase !== 'dns' && phase !== 'connect')) return false
      if (ownCodes.has(outcome.code)) return true
      const isSuspect = phase === 'dns' ? resolverCodes.has(outcome.code) : networkCodes.has(outcome.code)
      if (!isSuspect) return false
      if (suspects.size === 0) since = startedAt
      if (suspects.size < fewestOrigins) suspects.add(origin)
      return suspects.size >= fewestOrigins && startedAt - since < longestMs
    },
  }
}

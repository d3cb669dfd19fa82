import type { Outcome } from './delivery.ts'

export interface BreakerOptions {
  /** Attempts in the window before a share of them means something. Default: 10. */
  readonly minAttempts?: number
  /** Share of failures from which an origin is left alone. Default: 0.7. */
  readonly failureShare?: number
  /** Milliseconds that the window looks back. Default: 300 000. */
  readonly windowMs?: number
  /** Milliseconds without any attempt, before one is made to see how things are. Default: 30 000. */
  readonly openMs?: number
}

/** `closed`: all may go. `open`: none, until `until`. `half-open`: one at a time, to see how things are. */
export type BreakerState = { readonly kind: 'closed' | 'half-open' } | { readonly kind: 'open'; readonly until: number }

export interface Breakers {
  /** Counts an attempt. Answers the new state of the origin when that has changed it. */
  record(origin: string, outcome: Outcome, now: number): BreakerState | undefined
  stateOf(origin: string, now: number): BreakerState
  /** Origins that may get one attempt now, to see how things are. */
  halfOpen(now: number): readonly string[]
}

interface Circuit {
  readonly slices: { readonly startsAt: number; attempts: number; failures: number }[]
  openUntil: number | undefined
}

export const breakerDefaults: Required<BreakerOptions> = { minAttempts: 10, failureShare: 0.7, windowMs: 300_000, openMs: 30_000 }
const slicesPerWindow = 10
const closed: BreakerState = { kind: 'closed' }
const halfOpen: BreakerState = { kind: 'half-open' }

/** One breaker for each origin: what is down is asked once in a while instead of by every delivery, and nobody's attempts are used up. */
export function createBreakers(options: BreakerOptions = {}): Breakers {
  const { minAttempts, failureShare, windowMs, openMs } = { ...breakerDefaults, ...options }
  const circuits = new Map<string, Circuit>()
  const tripped = new Set<string>()
  const sliceMs = windowMs / slicesPerWindow
  let nextTidyAt = 0

  const stateOf = (origin: string, now: number): BreakerState => {
    const until = circuits.get(origin)?.openUntil
    if (until === undefined) return closed
    // Further away than it was ever set: the clock has been set back, and the origin has waited.
    return until > now && until <= now + openMs ? { kind: 'open', until } : halfOpen
  }

  const count = ({ slices }: Circuit, failed: boolean, now: number): void => {
    while (slices[0] !== undefined && slices[0].startsAt <= now - windowMs) slices.shift()
    let last = slices.at(-1)
    if (last === undefined || last.startsAt <= now - sliceMs) {
      last = { startsAt: now, attempts: 0, failures: 0 }
      slices.push(last)
    }
    last.attempts++
    if (failed) last.failures++
  }

  const isTripped = ({ slices }: Circuit): boolean => {
    let attempts = 0
    let failures = 0
    for (const slice of slices) {
      attempts += slice.attempts
      failures += slice.failures
    }
    return attempts >= minAttempts && failures >= failureShare * attempts
  }

  /** Origins of which nothing has been heard for a window. */
  const tidy = (now: number): void => {
    if (now < nextTidyAt) return
    nextTidyAt = now + windowMs
    for (const [origin, { slices, openUntil }] of circuits) {
      const last = Math.max(slices.at(-1)?.startsAt ?? 0, openUntil ?? 0)
      if (last > now - windowMs) continue
      circuits.delete(origin)
      tripped.delete(origin)
    }
  }

  return {
    stateOf,
    halfOpen: (now) => [...tripped].filter((origin) => stateOf(origin, now).kind === 'half-open'),
    record(origin, outcome, now) {
      const failed = isFailureOfOrigin(outcome)
      if (failed === undefined) return undefined
      tidy(now)
      const state = stateOf(origin, now).kind
      // Begun before it opened: that has been decided already.
      if (state === 'open') return undefined
      let circuit = circuits.get(origin)
      if (circuit === undefined) {
        circuit = { slices: [], openUntil: undefined }
        circuits.set(origin, circuit)
      }
      if (state === 'half-open' && !failed) {
        circuits.delete(origin)
        tripped.delete(origin)
        return closed
      }
      count(circuit, failed, now)
      if (state === 'closed' && !(failed && isTripped(circuit))) return undefined
      circuit.openUntil = now + openMs
      tripped.add(origin)
      return { kind: 'open', until: circuit.openUntil }
    },
  }
}

/**
 * Whether the origin as a whole is in trouble: it does not answer, or says so itself. Any other answer shows that it is there; many
 * subscribers can share an origin, and one of them that is gone (404) says nothing of the others. `undefined`: it was not asked.
 */
function isFailureOfOrigin(outcome: Outcome): boolean | undefined {
  if (outcome.kind === 'response') return outcome.status >= 500 || outcome.status === 429
  if (outcome.kind !== 'failed' || outcome.cause === 'aborted' || outcome.cause === 'local') return undefined
  return true
}

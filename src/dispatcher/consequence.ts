import type { Random } from '../util/index.ts'
import type { Delivery, Outcome } from './delivery.ts'
import type { Profile } from './profile.ts'
import type { RetrySchedule } from './retry-schedule.ts'
import { scheduleOf } from './schedule-of.ts'
import type { Consequence } from './store.ts'
import { verdictOf } from './verdict.ts'

/** What follows from attempt `n` of a delivery that ended at `now`. */
export type Decision =
  | { readonly kind: 'settle'; readonly consequence: Consequence; readonly pauseMs: number }
  /** Not counted as an attempt: the lease is given back. */
  | { readonly kind: 'postpone'; readonly dueAt: number }

export interface DecisionTools {
  readonly now: number
  readonly retry: RetrySchedule
  readonly random: Random
  readonly profile: Profile
}

export function decide(
  delivery: Delivery,
  n: number,
  outcome: Outcome,
  { now, retry, random, profile }: DecisionTools,
): Decision {
  const verdict = verdictOf(outcome, now, profile, delivery.metadata)
  if (verdict.kind === 'postpone') return { kind: 'postpone', dueAt: now + verdict.delayMs }
  if (verdict.kind === 'delivered') return { kind: 'settle', consequence: { kind: 'delivered', at: now }, pauseMs: 0 }
  if (verdict.kind === 'dead') return { kind: 'settle', consequence: { ...verdict, at: now }, pauseMs: 0 }
  const { floorMs, pauseMs } = verdict
  const delayMs = scheduleOf(delivery.metadata, retry).delayMs(n - delivery.attemptsBefore + 1, random)
  if (delayMs === undefined) return { kind: 'settle', consequence: { kind: 'dead', at: now, reason: 'exhausted' }, pauseMs }
  // Whoever was at it is gone, and its lease has run out: that was wait enough.
  const waitMs = outcome.kind === 'unknown' ? 0 : Math.max(delayMs, floorMs)
  return { kind: 'settle', consequence: { kind: 'retry', dueAt: now + waitMs }, pauseMs }
}

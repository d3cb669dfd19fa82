import type { Clock, Mutable, Random } from '../util/index.ts'
import type { MadeAttempt } from './attempt.ts'
import type { AttemptEnd } from './attempt-end.ts'
import { createBatcher } from './batcher.ts'
import type { BreakerState, Breakers } from './breaker.ts'
import { type Decision, decide } from './consequence.ts'
import type { Attempt, Delivery, Lease } from './delivery.ts'
import { inState } from './delivery-copy.ts'
import type { DestinationKeeper } from './destinations.ts'
import type { EventHub } from './events.ts'
import { createTroubleTeller } from './own-trouble.ts'
import { type Profile, profileOf } from './profile.ts'
import { type CheckReply, tellUndeclared } from './reply-check.ts'
import type { RetrySchedule } from './retry-schedule.ts'
import { answersOf, type DeliveryStore, isAnswered, type LeasedDelivery, type Settlement, type Stored } from './store.ts'

export interface SettlerOptions {
  readonly store: DeliveryStore
  readonly clock: Clock
  readonly random: Random
  readonly retry: RetrySchedule
  readonly profile: Profile
  readonly breakers: Breakers
  readonly events: EventHub
  readonly destinations: DestinationKeeper
  readonly checkReply: CheckReply | undefined
  readonly batchRows: number
  readonly onStoreError: (operation: string, error: unknown) => void
}

/** What is done with a lease when the attempt that it was for is over. Nothing here rejects. */
export interface Settler {
  /** Draws the consequence of an attempt, records it, and tells of it. */
  settle(leased: LeasedDelivery, made: MadeAttempt): AttemptEnd
  /** Like `settle` for an attempt whose end nobody knows. Resolves when it is recorded. */
  settleUnknown(leased: LeasedDelivery): Promise<void>
  /** No attempt was made: the delivery is due again then. */
  giveBack(lease: Lease, dueAt: number): AttemptEnd
  /** Trouble of ours: the lease is given back for a while, and no attempt is counted. */
  postpone(lease: Lease): AttemptEnd
  /** The same, and tells of what was thrown: by a schedule or a store of the application, say. */
  failed(leased: LeasedDelivery, error: unknown): AttemptEnd
  /** Instead of an attempt: it cannot be opened, here and now. */
  putOff(leased: LeasedDelivery): AttemptEnd
  /** Instead of an attempt: its destination is disabled. */
  hold(leased: LeasedDelivery): AttemptEnd
}

const ownTroubleMs = 30_000
// Another process may have the key, or this one after its next start.
const unreadableMs = 5 * 60_000
// Long enough for attempts that end together. A disk whose commits take longer makes batches grow by itself.
const settleWaitMs = 1
// What the store may be away for without making deliveries happen twice.
const settleRetriesMs = [50, 250, 1000, 5000]

export function createSettler(options: SettlerOptions): Settler {
  const { store, clock, random, retry, profile, breakers, events, destinations, checkReply, batchRows, onStoreError } = options
  const trouble = createTroubleTeller()

  const write = (settlements: readonly Settlement[]): Stored => {
    const again = (error: unknown): Promise<readonly boolean[]> => writeStubbornly(settlements, error)
    try {
      const written = store.settle(settlements)
      return isAnswered(written) ? written : answersOf(written).catch(again)
    } catch (error) {
      return again(error)
    }
  }

  const writeStubbornly = async (settlements: readonly Settlement[], failure: unknown): Promise<readonly boolean[]> => {
    onStoreError('settle', failure)
    for (const waitMs of settleRetriesMs) {
      await sleep(clock, waitMs)
      try {
        return await answersOf(store.settle(settlements))
      } catch (error) {
        onStoreError('settle', error)
      }
    }
    // The leases run out, and the deliveries are attempted again under the same ids.
    return settlements.map(() => false)
  }

  // A store that commits to a disk pays by the commit; one in memory pays nothing, and gains nothing by waiting.
  const batch = createBatcher({ flush: write, enough: batchRows, waitMs: store.durable ? settleWaitMs : 0, clock })

  const giveBack = (lease: Lease, dueAt: number): AttemptEnd => {
    return { made: false, pauseUntil: 0, isClosed: false, settled: release(lease, dueAt) }
  }

  const release = async (lease: Lease, dueAt: number): Promise<number | undefined> => {
    try {
      await store.release([{ lease, dueAt }])
      return dueAt
    } catch (error) {
      onStoreError('release', error)
      return undefined
    }
  }

  const putBack = (delivery: Delivery, lease: Lease, attempt: Attempt, dueAt: number): AttemptEnd => {
    events.emit('attempt:end', () => ({ delivery, attempt, recorded: false }))
    return { ...giveBack(lease, dueAt), made: true }
  }

  const postpone = (lease: Lease): AttemptEnd => ({ ...giveBack(lease, clock.now() + ownTroubleMs), made: true })

  const putAside = async ({ delivery, lease }: LeasedDelivery): Promise<undefined> => {
    try {
      await store.release([{ lease, dueAt: delivery.dueAt, isHeld: true }])
    } catch (error) {
      onStoreError('hold', error)
    }
  }

  /** Answers when the delivery is due again. */
  const follow = (settlement: Settlement, attempted: Delivery, reply: MadeAttempt['reply'], recorded = false): Following => {
    const { attempt, consequence } = settlement
    tell(attempted, settlement, recorded)
    if (recorded && consequence.kind === 'delivered' && reply !== undefined && checkReply !== undefined) {
      tellUndeclared(checkReply, events, { delivery: afterSettlement(attempted, attempt, consequence), attempt, reply })
    }
    const noted = destinations.note(attempted, attempt, consequence.kind === 'dead' && consequence.reason === 'gone')
    return noted === undefined ? attempt.nextAt : noted.then(() => attempt.nextAt)
  }

  const record = (settlement: Settlement, attempted: Delivery, reply: MadeAttempt['reply']): Following => {
    if (store.durable) return batch.add(settlement).then((recorded) => follow(settlement, attempted, reply, recorded))
    const written = write([settlement])
    if (isAnswered(written)) return follow(settlement, attempted, reply, written[0])
    return written.then(([recorded]) => follow(settlement, attempted, reply, recorded))
  }

  const recordHealth = (origin: string, { outcome }: Attempt, now: number): BreakerState | undefined => {
    const changed = breakers.record(origin, outcome, now)
    if (changed !== undefined) events.emit('breaker', () => ({ origin, state: changed }))
    return changed
  }

  const settle = ({ delivery, lease }: LeasedDelivery, { attempt, reply, moved }: MadeAttempt): AttemptEnd => {
    const now = clock.now()
    const isOurs = trouble.isOurs(delivery.origin, attempt)
    const decision: Decision = isOurs
      ? { kind: 'postpone', dueAt: now + ownTroubleMs }
      : decide(delivery, attempt.n, attempt.outcome, { now, retry, random, profile: profileOf(delivery.metadata, profile) })
    if (decision.kind === 'postpone') {
      return putBack(delivery, lease, attempt, decision.dueAt)
    }
    const { consequence, pauseMs } = decision
    const dueAt = consequence.kind === 'retry' ? consequence.dueAt : undefined
    const made: Attempt = dueAt === undefined ? attempt : { ...attempt, nextAt: dueAt }
    const settlement: Mutable<Settlement> = { lease, attempt: made, consequence }
    if (moved !== undefined) settlement.moved = moved
    const changed = recordHealth(delivery.origin, attempt, now)
    const openUntil = changed?.kind === 'open' ? changed.until : 0
    const pauseUntil = Math.max(openUntil, pauseMs === 0 ? 0 : now + pauseMs)
    const settled = record(settlement, moved ?? delivery, reply)
    return { made: true, pauseUntil, isClosed: changed?.kind === 'closed', settled }
  }

  const tell = (leased: Delivery, { attempt, consequence }: Settlement, recorded: boolean): void => {
    let settled: Delivery | undefined
    const delivery = (): Delivery => {
      settled ??= afterSettlement(leased, attempt, consequence)
      return settled
    }
    events.emit('attempt:end', () => ({ delivery: delivery(), attempt, recorded }))
    if (!recorded || consequence.kind === 'retry') return
    const { kind } = attempt.outcome
    if (kind === 'refused' || kind === 'unbuildable') events.emit('refused', () => ({ delivery: delivery(), attempt }))
    events.emit(consequence.kind, () => ({ delivery: delivery(), attempt }))
  }

  const tellUnreadable = ({ delivery }: LeasedDelivery): void => {
    const { id, unreadable } = delivery
    if (unreadable !== undefined) events.emit('unreadable', () => ({ id, ...unreadable }))
  }

  return {
    settle,
    async settleUnknown(leased) {
      // Whoever can read it takes it over when this lease has ended as well, and counts the attempt.
      if (leased.delivery.unreadable !== undefined) return tellUnreadable(leased)
      const { settled } = settle(leased, { attempt: unknownAttempt(leased.delivery, clock.now()) })
      if (store.durable) await batch.drain()
      await settled
    },
    putOff(leased) {
      tellUnreadable(leased)
      return { ...giveBack(leased.lease, clock.now() + unreadableMs), made: false }
    },
    giveBack,
    postpone,
    failed({ lease }, error) {
      onStoreError('attempt', error)
      return postpone(lease)
    },
    hold: (leased) => ({ made: false, pauseUntil: 0, isClosed: false, settled: putAside(leased) }),
  }
}

type Following = number | undefined | Promise<number | undefined>

function afterSettlement(delivery: Delivery, { n: attempts }: Attempt, consequence: Settlement['consequence']): Delivery {
  if (consequence.kind === 'retry') return inState(delivery, 'pending', { attempts, dueAt: consequence.dueAt })
  if (consequence.kind === 'dead')
    return inState(delivery, 'dead', { attempts, settledAt: consequence.at, reason: consequence.reason })
  return inState(delivery, 'delivered', { attempts, settledAt: consequence.at })
}

function unknownAttempt(delivery: Delivery, now: number): Attempt {
  return {
    n: delivery.attempts + 1,
    startedAt: now,
    phase: 'request',
    sent: 'maybe',
    outcome: { kind: 'unknown' },
    reusedConnection: false,
    timings: { total: 0 },
  }
}

function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => clock.setTimeout(resolve, delayMs))
}

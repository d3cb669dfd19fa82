import type { Clock } from '../util/index.ts'
import type { Attempt, Delivery, Outcome } from './delivery.ts'
import { type Destination, type DisableReason, destinationIdOf, type Failing } from './destination.ts'
import type { DestinationRegister } from './destination-register.ts'
import type { EventHub } from './events.ts'

/** Draws conclusions from an attempt that counts. `undefined`: nothing was to be done. Never rejects. */
export type NoteAttempt = (delivery: Delivery, attempt: Attempt, isGone: boolean) => Promise<void> | undefined

export interface HealthOptions {
  readonly register: DestinationRegister
  readonly disable: (id: string, reason: DisableReason) => Promise<void>
  readonly clock: Clock
  readonly events: EventHub
}

const disableAfterMs = 120 * 3_600_000
const fewestAttempts = 10
const warnAt = [90, 70, 50]
const longestSilenceMs = 60_000

/** Disables what has failed for too long, and warns before. */
export function createHealth({ register, disable, clock, events }: HealthOptions): NoteAttempt {
  const turns = new Map<string, Promise<void>>()

  const countFailure = async (id: string, attempt: Attempt): Promise<void> => {
    let warned: number | undefined
    let isOver = false
    await register.alter(
      id,
      (before) => {
        if (before.disabled !== undefined) return undefined
        const since = before.failing?.since ?? attempt.startedAt
        const attempts = (before.failing?.attempts ?? 0) + 1
        const share = shareOf(since, clock.now())
        isOver = share >= 100 && attempts >= fewestAttempts
        warned = warnAt.find((step) => share >= step && step > (before.failing?.warned ?? 0))
        const failing: Failing = { since, attempts, warned: warned ?? before.failing?.warned ?? 0 }
        return { ...before, failing }
      },
      true,
    )
    if (isOver) await disable(id, 'failing')
    else if (warned !== undefined) events.emit('destination:warning', () => ({ id, percent: warned ?? 0 }))
  }

  /** Attempts to one destination end together, and would all try to be the first to write. */
  const inTurn = (id: string, work: () => Promise<void>): Promise<void> => {
    const mine = (turns.get(id) ?? Promise.resolve())
      .then(work)
      .catch((error: unknown) => events.emit('store:error', () => ({ operation: 'destination', error })))
      .then(() => {
        if (turns.get(id) === mine) turns.delete(id)
      })
    turns.set(id, mine)
    return mine
  }

  return (delivery, attempt, isGone) => {
    const isFailed = isFailure(attempt.outcome)
    if (isFailed === undefined) return undefined
    const id = destinationIdOf(delivery.request.url)
    const isNews = (): boolean => {
      const destination = register.recall(id)
      return isFailed ? isGone || !saysNothingNew(destination, clock.now()) : destination?.failing !== undefined
    }
    if (!isNews()) return undefined
    return inTurn(id, async () => {
      // The one before may have said it all.
      if (!isNews()) return
      if (isGone) await disable(id, 'gone')
      else if (isFailed) await countFailure(id, attempt)
      else await register.alter(id, withoutFailing)
    })
  }
}

/** A write for every failure would cost a commit each, when a destination that is down has much to get. */
function saysNothingNew(destination: Destination | undefined, now: number): boolean {
  const failing = destination?.failing
  if (destination === undefined || failing === undefined || failing.attempts < fewestAttempts) return false
  if (now - destination.changedAt >= longestSilenceMs) return false
  return !(shareOf(failing.since, now) >= nextStep(failing.warned))
}

/** Of the time until it is disabled, in percent. */
function shareOf(since: number, now: number): number {
  return (100 * (now - since)) / disableAfterMs
}

function nextStep(warned: number): number {
  return Math.min(100, ...warnAt.filter((step) => step > warned))
}

function withoutFailing({ failing: _, ...kept }: Destination): Destination {
  return kept
}

/** `undefined`: it was not asked, or nobody knows. */
function isFailure(outcome: Outcome): boolean | undefined {
  if (outcome.kind === 'response') return outcome.status < 200 || outcome.status > 299
  return outcome.kind === 'failed' && outcome.cause !== 'local' && outcome.cause !== 'aborted' ? true : undefined
}

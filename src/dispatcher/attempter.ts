import type { Transport } from '../outbound/index.ts'
import type { Clock } from '../util/index.ts'
import { type AttemptTools, makeAttempt } from './attempt.ts'
import type { AttemptEnd } from './attempt-end.ts'
import type { ClaimCaller } from './claim-check/call-by-claim.ts'
import type { CredentialsFor } from './credentials.ts'
import { type Destination, destinationIdOf } from './destination.ts'
import type { DestinationKeeper } from './destinations.ts'
import type { EventHub } from './events.ts'
import type { Intent, Intents } from './intent.ts'
import { createPace } from './pace.ts'
import { type Profile, profileOf } from './profile.ts'
import type { SignerFor } from './send-signed.ts'
import type { Settler } from './settler.ts'
import type { LeasedDelivery } from './store.ts'

export interface AttempterOptions {
  readonly clock: Clock
  readonly leaseMs: number
  readonly profile: Profile
  readonly transport: () => Transport
  readonly signal: () => AbortSignal | undefined
  readonly signerFor: SignerFor
  readonly credentials: CredentialsFor | undefined
  readonly destinations: DestinationKeeper
  readonly intents: Intents
  readonly claims: ClaimCaller
  readonly settler: Settler
  readonly events: EventHub
  readonly onStoreError: (operation: string, error: unknown) => void
}

// A question and an attempt that both take their time would outlive the lease.
const longestQuestionMs = 5000
// To record what became of the last request: at most, and never so long that an attempt that begins in time is late at once.
const mostSettleMs = 1000

/** What is done with a leased delivery whose turn it is: hold it, put it off, ask whether it is wanted, or attempt it. Never rejects. */
export function createAttempter(options: AttempterOptions): (leased: LeasedDelivery) => AttemptEnd | Promise<AttemptEnd> {
  const { clock, leaseMs, profile: fallback, destinations, intents, settler, events } = options
  const pace = createPace()

  const findFirst = async (leased: LeasedDelivery, found: Promise<Destination | undefined>): Promise<AttemptEnd> => {
    let destination: Destination | undefined
    try {
      destination = await found
    } catch (error) {
      options.onStoreError('destination', error)
      return settler.postpone(leased.lease)
    }
    return attempt(leased, destination)
  }

  const attempt = (leased: LeasedDelivery, destination: Destination | undefined): AttemptEnd | Promise<AttemptEnd> => {
    if (destination?.disabled !== undefined) return settler.hold(leased)
    const { delivery } = leased
    const profile = profileOf(delivery.metadata, fallback)
    const { signerFor, credentials, claims } = options
    const transport = options.transport()
    const { totalTimeoutMs = 0 } = transport
    const tools: AttemptTools = {
      transport,
      sendBy: leased.lease.until - totalTimeoutMs - settleMs(leaseMs, totalTimeoutMs),
      profile,
      signerFor,
      credentials,
      claims,
      destination,
      clock,
      signal: options.signal(),
    }
    const intent = intents.known(delivery, profile)
    return intent === undefined ? askFirst(leased, tools) : goOn(leased, intent, tools)
  }

  const askFirst = async (leased: LeasedDelivery, tools: AttemptTools): Promise<AttemptEnd> => {
    const askedAt = clock.now()
    const intent = await intents.ask(leased.delivery, tools.profile, tools)
    if (intent.kind === 'granted' && clock.now() - askedAt > longestQuestionMs) return settler.giveBack(leased.lease, clock.now())
    return goOn(leased, intent, tools)
  }

  const goOn = (leased: LeasedDelivery, intent: Intent, tools: AttemptTools): AttemptEnd | Promise<AttemptEnd> => {
    const { delivery, lease } = leased
    if (intent.kind === 'granted' && intent.grant.perMinute !== undefined) {
      const turnAt = pace.turnOf(delivery.id, destinationIdOf(delivery.request.url), intent.grant.perMinute, clock.now())
      if (turnAt !== undefined) return settler.giveBack(lease, turnAt)
    }
    const n = delivery.attempts + 1
    events.emit('attempt:start', () => ({ delivery, n }))
    if (intent.kind !== 'granted') return settler.settle(leased, intent)
    return makeAttempt(delivery, n, tools, (made) => settler.settle(leased, made))
  }

  // No async functions where there is nothing to wait for but the answer: each costs more than a signature.
  return (leased) => {
    if (leased.delivery.unreadable !== undefined) return settler.putOff(leased)
    const found = destinations.of(leased.delivery)
    return found instanceof Promise ? findFirst(leased, found) : attempt(leased, found)
  }
}

/** An attempt begins while two thirds of its lease are left. Half of what its request may not take is for hooks. */
function settleMs(leaseMs: number, totalTimeoutMs: number): number {
  return Math.min(mostSettleMs, Math.max(0, (leaseMs * 2) / 3 - totalTimeoutMs) / 2)
}

import type { Transport } from '../outbound/index.ts'
import type { Clock } from '../util/index.ts'
import { makeAttempt } from './attempt.ts'
import type { ClaimCaller } from './claim-check/call-by-claim.ts'
import type { CredentialsFor } from './credentials.ts'
import { type Destination, destinationIdOf } from './destination.ts'
import type { DestinationKeeper } from './destinations.ts'
import type { EventHub } from './events.ts'
import type { Intents } from './intent.ts'
import { createPace } from './pace.ts'
import { type Profile, profileOf } from './profile.ts'
import type { SignerFor } from './send-signed.ts'
import type { Settler } from './settler.ts'
import type { LeasedDelivery } from './store.ts'
import type { AttemptEnd } from './worker.ts'

export interface AttempterOptions {
  readonly clock: Clock
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

/** What is done with a leased delivery whose turn it is: hold it, put it off, ask whether it is wanted, or attempt it. Never rejects. */
export function createAttempter(options: AttempterOptions): (leased: LeasedDelivery) => Promise<AttemptEnd> {
  const { clock, profile: fallback, destinations, intents, settler, events } = options
  const pace = createPace()

  return async (leased) => {
    const { delivery, lease } = leased
    if (delivery.unreadable !== undefined) return settler.putOff(leased)
    const found = destinations.of(delivery)
    let destination: Destination | undefined
    try {
      destination = found instanceof Promise ? await found : found
    } catch (error) {
      options.onStoreError('destination', error)
      return settler.postpone(lease)
    }
    if (destination?.disabled !== undefined) return settler.hold(leased)

    const n = delivery.attempts + 1
    const profile = profileOf(delivery.metadata, fallback)
    const { signerFor, credentials, claims } = options
    const tools = {
      transport: options.transport(),
      profile,
      signerFor,
      credentials,
      claims,
      destination,
      clock,
      signal: options.signal(),
    }
    let intent = intents.known(delivery, profile)
    if (intent === undefined) {
      const askedAt = clock.now()
      intent = await intents.ask(delivery, profile, tools)
      if (intent.kind === 'granted' && clock.now() - askedAt > longestQuestionMs) return settler.giveBack(lease, clock.now())
    }
    if (intent.kind === 'granted' && intent.grant.perMinute !== undefined) {
      const turnAt = pace.turnOf(delivery.id, destinationIdOf(delivery.request.url), intent.grant.perMinute, clock.now())
      if (turnAt !== undefined) return settler.giveBack(lease, turnAt)
    }
    events.emit('attempt:start', () => ({ delivery, n }))
    return settler.settle(leased, intent.kind === 'granted' ? await makeAttempt(delivery, n, tools) : intent)
  }
}

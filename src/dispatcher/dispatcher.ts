import { setMaxListeners } from 'node:events'
import type { CallbackRequest } from '../http/index.ts'
import { createTransport, type Transport, type UrlPolicy } from '../outbound/index.ts'
import type { Signer } from '../signature/index.ts'
import { type Clock, type Random, systemClock, systemRandom } from '../util/index.ts'
import { makeAttempt, type SignerFor } from './attempt.ts'
import { createBatcher } from './batcher.ts'
import { type BreakerOptions, createBreakers } from './breaker.ts'
import { type Decision, decide } from './consequence.ts'
import type { CredentialsFor } from './credentials.ts'
import type { Attempt, Delivery, Lease } from './delivery.ts'
import type { Destination } from './destination.ts'
import { createDestinations, type Destinations, signerOf } from './destinations.ts'
import { createEventHub, type DispatcherEvent, type Listener } from './events.ts'
import { memoryStore } from './memory-store.ts'
import { type EnqueueOptions, newDelivery } from './new-delivery.ts'
import { createTroubleTeller } from './own-trouble.ts'
import { isProfile, type Profile, profileOf } from './profile.ts'
import { createRescheduler } from './reschedule.ts'
import { type RetrySchedule, shortSchedule, standardSchedule } from './retry-schedule.ts'
import type {
  DeliveryFilter,
  DeliveryStore,
  LeasedDelivery,
  NewDelivery,
  OperatorChange,
  Settlement,
  StoreStats,
} from './store.ts'
import { type AttemptEnd, createWorker } from './worker.ts'

export interface DispatcherOptions {
  /** Default: `memoryStore()`. The dispatcher does not close a store. */
  readonly store?: DeliveryStore
  /** Where callbacks may go. Default: `publicInternet()`. Not together with `transport`, which has a policy of its own. */
  readonly policy?: UrlPolicy
  /** Default: `createTransport({ policy })`, closed by `stop`. */
  readonly transport?: Transport
  /** Signs every attempt: one signer, or one for each delivery. Default: the secrets of the destination, where it has any. */
  readonly signer?: Signer | SignerFor
  /**
   * Gives the secrets that a request has stored by name (`metadata.credentials`). Default: none, and such requests go out without.
   */
  readonly credentials?: CredentialsFor
  /** Default: 10 attempts over 75 hours when the store is durable, else 3 attempts over 6 seconds. */
  readonly retry?: RetrySchedule
  readonly clock?: Clock
  readonly random?: Random
  /** Attempts under way at one time. Default: 64. */
  readonly concurrency?: number
  /** Attempts under way at one time to one origin. Default: 4. */
  readonly perOriginConcurrency?: number
  /** What the receivers have agreed on beyond HTTP; `metadata.profile` of a request goes before it. Default: `standard`. */
  readonly profile?: Profile
  /** When an origin that is down is left alone for a while; deliveries wait without using up attempts. `false`: never. */
  readonly breaker?: BreakerOptions | false
  /**
   * Milliseconds for which a delivery is leased; when the process dies, another one takes over after it. It must be well over twice the
   * total timeout of the transport. Default: 45 000.
   */
  readonly leaseMs?: number
  /** How long delivered deliveries are remembered, and with them their ids: 7 days. Dead and cancelled ones: 30 days. In milliseconds. */
  readonly retention?: { readonly deliveredMs?: number; readonly othersMs?: number }
  /** Milliseconds to sleep at most, in case another process has enqueued. Default: 1000 when the store is durable, else no limit. */
  readonly pollMs?: number
}

export interface Enqueued {
  readonly id: string
  /** False: a delivery with this id was there already, and stays as it is. */
  readonly isNew: boolean
}

/** Sends callbacks until they have arrived, or nothing more can be done. */
export interface Dispatcher {
  /** The delivery is stored when this resolves. Rejects when it could not be stored; trouble with sending is an event. */
  enqueue(request: CallbackRequest, options?: EnqueueOptions): Promise<Enqueued>
  /** Begins to send what is due, and goes on until `stop`. */
  start(): void
  /** Waits at most `drainMs` (default 20 000) for attempts under way, ends the others, and gives their deliveries back. */
  stop(options?: { readonly drainMs?: number }): Promise<void>
  /** One round, for cron jobs and tests: every attempt that is due now. Answers how many were made. Rejects when the store fails. */
  runDue(): Promise<number>
  /** Ends the subscription when the answer is called. */
  on<E extends DispatcherEvent>(event: E, listener: Listener<E>): () => void
  get(id: string): Promise<{ readonly delivery: Delivery; readonly attempts: readonly Attempt[] } | undefined>
  list(filter?: Partial<DeliveryFilter>): Promise<readonly Delivery[]>
  stats(): Promise<StoreStats>
  readonly destinations: Destinations
  /** Each answers the ids that were changed; see `OperatorChange`. */
  cancel(...ids: readonly string[]): Promise<readonly string[]>
  hold(...ids: readonly string[]): Promise<readonly string[]>
  resume(...ids: readonly string[]): Promise<readonly string[]>
  requeue(...ids: readonly string[]): Promise<readonly string[]>
  /**
   * Makes waiting deliveries due `delayMs` from now (default 0: at once), whatever they were waiting for. One that is enqueued with a delay
   * is held back until it is rescheduled or cancelled, and goes out by itself if neither happens. Answers the ids that were changed.
   */
  reschedule(ids: readonly string[], delayMs?: number): Promise<readonly string[]>
  /** Whether deliveries survive this process. */
  readonly durable: boolean
}

const defaults = {
  concurrency: 64,
  perOriginConcurrency: 4,
  leaseMs: 45_000,
  durablePollMs: 1000,
  drainMs: 20_000,
  ownTroubleMs: 30_000,
  listLimit: 100,
}
const retentionDefaults = { deliveredMs: 7 * 86_400_000, othersMs: 30 * 86_400_000 }
const purgeLimit = 500
// Long enough for attempts that end together. A disk whose commits take longer makes batches grow by itself.
const settleWaitMs = 1
const batchRows = 64
// What the store may be away for without making deliveries happen twice.
const settleRetriesMs = [0, 50, 250, 1000, 5000]

export function createDispatcher(options: DispatcherOptions = {}): Dispatcher {
  if (options.transport !== undefined && options.policy !== undefined) {
    throw new TypeError('Expected "policy" or "transport": a transport has a policy of its own.')
  }
  const { store = memoryStore(), clock = systemClock, random = systemRandom, policy } = options
  const retry = options.retry ?? (store.durable ? standardSchedule : shortSchedule)
  const { profile = 'standard' } = options
  if (!isProfile(profile)) throw new TypeError(`Expected a profile, found ${JSON.stringify(profile)}.`)
  const { concurrency, perOriginConcurrency, leaseMs } = { ...defaults, ...options }
  const signer = options.signer
  const signerFor: SignerFor =
    typeof signer === 'object' ? () => signer : (signer ?? ((_delivery, destination) => signerOf(destination)))
  const events = createEventHub()
  const breakers = createBreakers(options.breaker === false ? { minAttempts: Number.POSITIVE_INFINITY } : options.breaker)
  const trouble = createTroubleTeller()
  const onStoreError = (operation: string, error: unknown): void => events.emit('store:error', () => ({ operation, error }))

  let ownTransport: Transport | undefined
  let stopping = new AbortController()
  setMaxListeners(0, stopping.signal)
  const transport = (): Transport => {
    if (options.transport !== undefined) return options.transport
    ownTransport ??= createTransport({ connectionsPerOrigin: perOriginConcurrency, ...(policy === undefined ? {} : { policy }) })
    return ownTransport
  }

  // A store that commits to a disk pays by the commit; one in memory pays nothing, and gains nothing by waiting.
  const insert = createBatcher({
    flush: (deliveries: readonly NewDelivery[]) => insertNow(deliveries),
    maxItems: batchRows,
    waitMs: 0,
    clock,
  })
  const settleBatch = createBatcher({
    flush: (settlements: readonly Settlement[]) => settleStubbornly(settlements),
    maxItems: batchRows,
    waitMs: store.durable ? settleWaitMs : 0,
    clock,
  })

  /** What can begin at once is leased in the same step, and begun. */
  const insertNow = async (deliveries: readonly NewDelivery[]): Promise<readonly boolean[]> => {
    const leases = store.leasesAtInsert === true ? deliveries.map(leaseAtOnce) : []
    const giveUp = ({ origin }: NewDelivery, i: number): void => {
      const lease = leases[i]
      if (lease !== undefined) worker.abandon(lease, origin)
    }
    let isNew: readonly boolean[]
    try {
      isNew = await store.insert(deliveries, leases)
    } catch (error) {
      deliveries.forEach(giveUp)
      throw error
    }
    deliveries.forEach((delivery, i) => {
      if (isNew[i] === true) accept(delivery, leases[i])
      else giveUp(delivery, i)
    })
    return isNew
  }

  const leaseAtOnce = ({ id, origin, orderingKey, dueAt }: NewDelivery): Lease | undefined =>
    orderingKey === undefined && dueAt <= clock.now() ? worker.reserve(id, origin) : undefined

  const accept = (stored: NewDelivery, lease: Lease | undefined): void => {
    events.emit('enqueued', () => ({ delivery: { ...stored, state: 'pending', attempts: 0, attemptsBefore: 0 } }))
    if (lease === undefined) worker.wakeBy(stored.dueAt)
    else worker.begin({ delivery: { ...stored, state: 'leased', attempts: 0, attemptsBefore: 0 }, lease })
  }

  const destinations = createDestinations({
    store: store.destinations,
    deliveries: store,
    clock,
    random,
    events,
    wake: () => worker.wakeBy(clock.now()),
  })

  /** No attempt is counted; the lease is given back. */
  const postponed = (lease: Lease, dueAt: number): AttemptEnd => {
    const settled = store.release([{ lease, dueAt }]).then(
      () => dueAt,
      (error: unknown) => {
        onStoreError('release', error)
        return undefined
      },
    )
    return { made: true, pauseUntil: 0, isClosed: false, settled }
  }

  /** Instead of an attempt: its destination is disabled. */
  const hold = async ({ delivery, lease }: LeasedDelivery): Promise<undefined> => {
    try {
      await store.release([{ lease, dueAt: delivery.dueAt }])
      await destinations.hold(delivery.id)
    } catch (error) {
      onStoreError('hold', error)
    }
  }

  const settleStubbornly = async (settlements: readonly Settlement[]): Promise<readonly boolean[]> => {
    for (const waitMs of settleRetriesMs) {
      if (waitMs > 0) await sleep(clock, waitMs)
      try {
        return await store.settle(settlements)
      } catch (error) {
        onStoreError('settle', error)
      }
    }
    // The leases run out, and the deliveries are attempted again under the same ids.
    return settlements.map(() => false)
  }

  const settle = async ({ delivery, lease }: LeasedDelivery, attempt: Attempt): Promise<AttemptEnd> => {
    const now = clock.now()
    const isOurs = trouble.isOurs(delivery.origin, attempt)
    const decision: Decision = isOurs
      ? { kind: 'postpone', dueAt: now + defaults.ownTroubleMs }
      : decide(delivery, attempt.n, attempt.outcome, { now, retry, random, profile: profileOf(delivery.metadata, profile) })
    if (decision.kind === 'postpone') {
      events.emit('attempt:end', () => ({ delivery, attempt, recorded: false }))
      return postponed(lease, decision.dueAt)
    }
    const { consequence, pauseMs } = decision
    const dueAt = consequence.kind === 'retry' ? consequence.dueAt : undefined
    const made: Attempt = dueAt === undefined ? attempt : { ...attempt, nextAt: dueAt }
    const settlement: Settlement = { lease, attempt: made, consequence }
    const settled = (store.durable ? settleBatch.add(settlement) : settleStubbornly([settlement]).then(([done]) => done)).then(
      async (recorded = false) => {
        tell(delivery, settlement, recorded)
        const noted = destinations.note(delivery, made, consequence.kind === 'dead' && consequence.reason === 'gone')
        if (noted !== undefined) await noted
        return dueAt
      },
    )
    const changed = breakers.record(delivery.origin, attempt.outcome, now)
    if (changed !== undefined) events.emit('breaker', () => ({ origin: delivery.origin, state: changed }))
    const openUntil = changed?.kind === 'open' ? changed.until : 0
    const pauseUntil = Math.max(openUntil, pauseMs === 0 ? 0 : now + pauseMs)
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
    events.emit(consequence.kind, () => ({ delivery: delivery(), attempt }))
  }

  const worker = createWorker({
    store,
    clock,
    random,
    concurrency,
    perOriginConcurrency,
    leaseMs,
    breakers,
    pollMs: options.pollMs ?? (store.durable ? defaults.durablePollMs : Number.POSITIVE_INFINITY),
    onStoreError,
    async purge(now) {
      const { deliveredMs, othersMs } = { ...retentionDefaults, ...options.retention }
      const purged = await store.purge({ deliveredBefore: now - deliveredMs, othersBefore: now - othersMs, limit: purgeLimit })
      const forgotten = await destinations.purge(now - othersMs, purgeLimit)
      return purged === purgeLimit || forgotten === purgeLimit
    },
    async attempt(leased) {
      const n = leased.delivery.attempts + 1
      const found = destinations.of(leased.delivery)
      let destination: Destination | undefined
      try {
        destination = found instanceof Promise ? await found : found
      } catch (error) {
        onStoreError('destination', error)
        return postponed(leased.lease, clock.now() + defaults.ownTroubleMs)
      }
      if (destination?.disabled !== undefined) return { made: false, pauseUntil: 0, isClosed: false, settled: hold(leased) }
      events.emit('attempt:start', () => ({ delivery: leased.delivery, n }))
      // Our own transport is closed to end what is under way, which spares a listener for each attempt.
      const signal = options.transport === undefined ? undefined : stopping.signal
      const tools = {
        transport: transport(),
        profile: profileOf(leased.delivery.metadata, profile),
        signerFor,
        credentials: options.credentials,
        destination,
        clock,
        signal,
      }
      return settle(leased, await makeAttempt(leased.delivery, n, tools))
    },
    async settleUnknown(leased) {
      const { settled } = await settle(leased, unknownAttempt(leased.delivery, clock.now()))
      if (store.durable) await settleBatch.drain()
      await settled
    },
  })

  const change = async (how: OperatorChange, ids: readonly string[]): Promise<readonly string[]> => {
    const changed = await store.change(ids, how, clock.now())
    worker.wakeBy(clock.now())
    return changed
  }

  return {
    async enqueue(request, enqueueOptions = {}) {
      const delivery = newDelivery(request, enqueueOptions, clock.now(), retry.delayMs(1, random) ?? 0)
      if (enqueueOptions.transaction !== undefined) return enqueueWithin(store, enqueueOptions.transaction, delivery)
      const isNew = store.durable ? await insert.add(delivery) : (await insertNow([delivery]))[0] === true
      return { id: delivery.id, isNew }
    },
    start: () => worker.start(),
    async stop({ drainMs = defaults.drainMs } = {}) {
      await insert.drain()
      await worker.stop(drainMs, () => {
        stopping.abort()
        void ownTransport?.close()
      })
      stopping = new AbortController()
      setMaxListeners(0, stopping.signal)
      await ownTransport?.close()
      ownTransport = undefined
    },
    runDue: () => worker.runDue(),
    on: (event, listener) => events.on(event, listener),
    get: (id) => store.get(id),
    list: (filter = {}) => store.list({ limit: defaults.listLimit, ...filter }),
    stats: () => store.stats(),
    destinations,
    cancel: (...ids) => change('cancel', ids),
    hold: (...ids) => change('hold', ids),
    resume: (...ids) => change('resume', ids),
    requeue: (...ids) => change('requeue', ids),
    reschedule: createRescheduler({ store, clock, batchRows, wakeBy: (instant) => worker.wakeBy(instant) }),
    durable: store.durable,
  }
}

async function enqueueWithin(store: DeliveryStore, transaction: unknown, delivery: NewDelivery): Promise<Enqueued> {
  if (store.insertWithin === undefined) {
    throw new TypeError('Expected a store that can take part in a transaction, like postgresStore(), found one that cannot.')
  }
  const [isNew = false] = await store.insertWithin(transaction, [delivery])
  return { id: delivery.id, isNew }
}

function afterSettlement(delivery: Delivery, attempt: Attempt, consequence: Settlement['consequence']): Delivery {
  const attempts = attempt.n
  if (consequence.kind === 'retry') return { ...delivery, attempts, state: 'pending', dueAt: consequence.dueAt }
  if (consequence.kind === 'dead')
    return { ...delivery, attempts, state: 'dead', settledAt: consequence.at, reason: consequence.reason }
  return { ...delivery, attempts, state: 'delivered', settledAt: consequence.at }
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

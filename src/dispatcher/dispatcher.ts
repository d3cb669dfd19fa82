import { setMaxListeners } from 'node:events'
import type { CallbackRequest } from '../http/index.ts'
import { createTransport, type Transport } from '../outbound/index.ts'
import { checkNames, systemClock, systemRandom } from '../util/index.ts'
import { createAttempter } from './attempter.ts'
import { createBreakers } from './breaker.ts'
import { chooseSigner } from './choose-signer.ts'
import { createClaimCaller } from './claim-check/call-by-claim.ts'
import type { Delivery } from './delivery.ts'
import { canBe, canBeId, checkLimit, filterRules } from './delivery-filter.ts'
import { createDestinations, type Destinations } from './destinations.ts'
import { checkOptions, type DispatcherOptions, dispatcherDefaults } from './dispatcher-options.ts'
import { createEventHub, type DispatcherEvent, type Listener } from './events.ts'
import { settledWithin } from './in-time.ts'
import { createIntake, type Enqueued } from './intake.ts'
import { createIntents } from './intent.ts'
import { memoryStore } from './memory-store.ts'
import type { EnqueueAllOptions, EnqueueOptions } from './new-delivery.ts'
import { createRescheduler } from './reschedule.ts'
import { createRetention } from './retention.ts'
import { shortSchedule, standardSchedule } from './retry-schedule.ts'
import { createSettler } from './settler.ts'
import type { DeliveryFilter, OperatorChange, StoredDelivery, StoreStats } from './store.ts'
import { createStartWatch } from './unstarted.ts'
import { createWorker } from './worker.ts'

/** Sends callbacks until they have arrived, or nothing more can be done. */
export interface Dispatcher {
  /** The delivery is stored when this resolves. Rejects when it could not be stored; trouble with sending is an event. */
  enqueue(request: CallbackRequest, options?: EnqueueOptions): Promise<Enqueued>
  /** All of them in this order and in one commit, or none; the options are for each. */
  enqueueAll(requests: readonly CallbackRequest[], options?: EnqueueAllOptions): Promise<readonly Enqueued[]>
  /** Begins to send what is due, and goes on until `stop`. Without it, what is stored in memory is never sent, of which a warning tells. */
  start(): void
  /**
   * Waits at most `drainMs` (default 20 000) for attempts under way, ends the others, and gives their deliveries back. A hook, a transport of
   * yours, or a store that does not end then is waited for no longer than a second more: the leases of such deliveries run out.
   */
  stop(options?: { readonly drainMs?: number }): Promise<void>
  /** One round, for cron jobs and tests: every attempt that is due now. Answers how many were made. Rejects when the store fails, and during `stop`. */
  runDue(): Promise<number>
  /** Ends the subscription when the answer is called. */
  on<E extends DispatcherEvent>(event: E, listener: Listener<E>): () => void
  get(id: string): Promise<StoredDelivery | undefined>
  list(filter?: Partial<DeliveryFilter>): Promise<readonly Delivery[]>
  stats(): Promise<StoreStats>
  readonly destinations: Destinations
  /** Each answers the ids that were changed, a thousand in one step; see `OperatorChange`. */
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

// Each holds a lock of its ordering key, of which PostgreSQL has some thousands.
const mostChanged = 1000
const stopRules = { drainMs: 0 }
const batchRows = 64
// Enough to end attempts and to write that.
const stopGraceMs = 1000

export function createDispatcher(options: DispatcherOptions = {}): Dispatcher {
  checkOptions(options)
  const { store = memoryStore(), clock = systemClock, random = systemRandom, policy, profile = 'standard' } = options
  const retry = options.retry ?? (store.durable ? standardSchedule : shortSchedule)
  const { concurrency, perOriginConcurrency, leaseMs } = { ...dispatcherDefaults, ...options }
  const events = createEventHub()
  const signerFor = chooseSigner(options.signer, events)
  const breakers = createBreakers(options.breaker === false ? { minAttempts: Number.POSITIVE_INFINITY } : options.breaker)
  const onStoreError = (operation: string, error: unknown): void => events.emit('store:error', () => ({ operation, error }))

  let ownTransport: Transport | undefined
  let stopping = new AbortController()
  let stops = 0
  setMaxListeners(0, stopping.signal)
  const transport = (): Transport => {
    if (options.transport !== undefined) return options.transport
    ownTransport ??= createTransport({ connectionsPerOrigin: perOriginConcurrency, ...(policy === undefined ? {} : { policy }) })
    return ownTransport
  }

  const destinations = createDestinations({
    store: store.destinations,
    deliveries: store,
    clock,
    random,
    events,
    wake: () => worker.wakeBy(clock.now()),
  })
  const settler = createSettler({
    store,
    clock,
    random,
    retry,
    profile,
    breakers,
    events,
    destinations,
    checkReply: options.checkReply,
    batchRows,
    onStoreError,
  })

  const attempt = createAttempter({
    clock,
    leaseMs,
    profile,
    transport,
    // Our own transport is closed to end what is under way, which spares a listener for each attempt.
    signal: () => (options.transport === undefined ? undefined : stopping.signal),
    signerFor,
    credentials: options.credentials,
    destinations,
    intents: createIntents(options.intent ?? {}, clock, random),
    claims: createClaimCaller(store.claimChecks, options.claimCheck ?? {}, clock, random),
    settler,
    events,
    onStoreError,
  })
  const worker = createWorker({
    store,
    clock,
    random,
    concurrency,
    perOriginConcurrency,
    leaseMs,
    breakers,
    pollMs: options.pollMs ?? (store.durable ? dispatcherDefaults.durablePollMs : Number.POSITIVE_INFINITY),
    onStoreError,
    purge: createRetention({ store, destinations, ...dispatcherDefaults.retention, ...options.retention }),
    attempt,
    failed: settler.failed,
    settleUnknown: (leased) => settler.settleUnknown(leased),
  })
  // Another process may send what is in a durable store.
  const startWatch = store.durable ? undefined : createStartWatch(clock)
  const wakeBy = (instant: number): void => {
    startWatch?.stored()
    worker.wakeBy(instant)
  }
  const intake = createIntake({ store, clock, random, retry, events, worker: { ...worker, wakeBy }, batchRows })

  const change = async (how: OperatorChange, given: readonly string[]): Promise<readonly string[]> => {
    const ids = given.filter(canBeId)
    const changed: string[] = []
    for (let at = 0; at < ids.length; at += mostChanged) {
      changed.push(...(await store.change(ids.slice(at, at + mostChanged), how, clock.now())))
      worker.wakeBy(clock.now())
    }
    return changed
  }

  return {
    enqueue: (request, enqueueOptions = {}) => intake.enqueue(request, enqueueOptions),
    enqueueAll: (requests, enqueueOptions = {}) => intake.enqueueAll(requests, enqueueOptions),
    start() {
      startWatch?.served()
      worker.start()
    },
    async stop(stopOptions = {}) {
      checkNames(stopOptions, stopRules, 'the options of stop()')
      const { drainMs = dispatcherDefaults.drainMs } = stopOptions
      if (!(drainMs >= 0)) throw new TypeError(`Expected "drainMs" from 0, found ${drainMs}.`)
      startWatch?.served()
      const endsAt = clock.now() + drainMs
      stops++
      try {
        await settledWithin(intake.drain(), clock, Math.max(drainMs, stopGraceMs))
        await worker.stop(Math.min(drainMs, Math.max(0, endsAt - clock.now())), stopGraceMs, () => {
          stopping.abort()
          void ownTransport?.close()
        })
        stopping = new AbortController()
        setMaxListeners(0, stopping.signal)
        await ownTransport?.close()
        ownTransport = undefined
      } finally {
        stops--
      }
    },
    async runDue() {
      startWatch?.served()
      if (stops > 0) throw new TypeError('Expected stop() to be over, or not yet called, at runDue(): nothing was sent.')
      return worker.runDue()
    },
    on: (event, listener) => events.on(event, listener),
    get: async (id) => (canBeId(id) ? store.get(id) : undefined),
    async list(filter = {}) {
      checkNames(filter, filterRules, 'the filter of list()')
      const { limit = dispatcherDefaults.listLimit } = filter
      checkLimit(limit)
      const { ids, ...rest } = filter
      if (!Object.values(rest).every(canBe)) return []
      return store.list({ ...rest, ...(ids === undefined ? {} : { ids: ids.filter(canBeId) }), limit })
    },
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

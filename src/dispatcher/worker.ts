import type { Clock, Random } from '../util/index.ts'
import { randomId } from '../util/index.ts'
import { createAlarm } from './alarm.ts'
import type { AttemptEnd } from './attempt-end.ts'
import type { Breakers } from './breaker.ts'
import type { Lease } from './delivery.ts'
import { settledWithin } from './in-time.ts'
import { originSlots } from './origin-slots.ts'
import { createRounds } from './rounds.ts'
import type { DeliveryStore, LeasedDelivery } from './store.ts'
import { createSweeper } from './sweeper.ts'
import { createWaitingRoom } from './waiting-room.ts'

export interface WorkerOptions {
  readonly store: DeliveryStore
  readonly clock: Clock
  readonly random: Random
  readonly concurrency: number
  readonly perOriginConcurrency: number
  readonly leaseMs: number
  /** How long to sleep at most; `Infinity` when nobody else writes to the store. */
  readonly pollMs: number
  /** One attempt, and its settlement: two steps, so that the slot is free while the store commits. The second may not reject. */
  readonly attempt: (leased: LeasedDelivery) => AttemptEnd | Promise<AttemptEnd>
  /** What is done where the first has thrown. */
  readonly failed: (leased: LeasedDelivery, error: unknown) => AttemptEnd
  /** Records that nobody knows how the last attempt ended. */
  readonly settleUnknown: (leased: LeasedDelivery) => Promise<void>
  /** Forgets old deliveries. Answers whether there may be more of them. */
  readonly purge: (now: number) => Promise<boolean>
  readonly breakers: Breakers
  readonly onStoreError: (operation: string, error: unknown) => void
}

export interface Worker {
  start(): void
  /**
   * Claims no more, waits for what is on its way, and gives the rest back. `onDeadline` must end the attempts; what has not ended `graceMs`
   * later is left to its lease.
   */
  stop(drainMs: number, graceMs: number, onDeadline: () => void): Promise<void>
  /** Makes every attempt that is due now, and those that become due by them. Answers how many were made. */
  runDue(): Promise<number>
  /** Something becomes due at this instant. */
  wakeBy(instant: number): void
  /**
   * A lease for a new delivery that need not wait in the store: nothing is before it, or it is one of the first tries that may go before.
   * Ends with `begin` or `abandon`.
   */
  reserve(id: string, origin: string, now: number): Lease | undefined
  begin(leased: LeasedDelivery): void
  /** What it was reserved for was not stored. */
  abandon(lease: Lease, origin: string): void
}

const storeRetryMs = 1000

/** Claims due deliveries ahead of need, starts as many as may run, and sleeps until the next one is due. */
export function createWorker(options: WorkerOptions): Worker {
  const { store, clock, random, concurrency, perOriginConcurrency, leaseMs, pollMs } = options
  const slots = originSlots(perOriginConcurrency, options.breakers)
  const claimAhead = 2 * concurrency
  // A quarter of the slots is for first tries alone, so that retries to hosts that hang do not hold up what is new.
  const firstTriesOnly = Math.floor(concurrency / 4)
  // First tries that go before what waits in the store: they were leased when they were stored.
  const mostAhead = firstTriesOnly === 0 ? 0 : 4 * concurrency
  const ahead = new Set<string>()
  const claimAheadOfOrigin = 2 * perOriginConcurrency
  let started = false
  const rounds = createRounds()
  const room = createWaitingRoom(slots, concurrency, firstTriesOnly)
  let settling = 0
  let claiming = false
  let isLooking = false
  // Nothing could be claimed when we last looked, and nothing has happened since that would change it.
  let nothingDue = false
  // Unique among dispatchers by chance, and among the claims of this one by counting.
  const tokenPrefix = randomId(clock.now(), random)
  let tokens = 0
  const alarm = createAlarm(clock, () => lookAgain())
  // Origins of which the last claim took all that it may: there may be more.
  const capped = new Set<string>()
  let idleWaiters: (() => void)[] = []

  const nextToken = (): string => `${tokenPrefix}-${tokens++}`
  const sweeper = createSweeper({ ...options, nextToken, limit: claimAhead })
  const hasRoom = (origin: string): boolean => slots.countOf(origin) <= 1.5 * perOriginConcurrency
  const isActive = (): boolean => started || rounds.areUnderWay()

  const pump = (): void => {
    startReady()
    const load = room.load()
    if (isActive() && !claiming && !nothingDue && load <= 1.5 * concurrency) void claim(claimAhead - load)
    if (claiming || room.load() + settling > 0) return
    if (nothingDue) rounds.finish()
    const waiters = idleWaiters
    idleWaiters = []
    for (const resolve of waiters) resolve()
  }

  const startReady = (): void => {
    if (room.waiting() > 0) room.startAll(clock.now(), run)
  }

  const run = (leased: LeasedDelivery, now: number): void => {
    // It waited here so long that the lease might end before the attempt does.
    if (leased.lease.until - now < (leaseMs * 2) / 3) {
      void giveBackLate(leased)
      return
    }
    room.begin(leased)
    // Never at once: it may be one of several that begin.
    const failed = (error: unknown): void => ended(leased, options.failed(leased, error))
    void attempt(leased).then((end) => ended(leased, end), failed)
  }

  const giveBackLate = async (leased: LeasedDelivery): Promise<void> => {
    settling++
    await giveBack([leased])
    settling--
    lookAgain()
  }

  const attempt = (leased: LeasedDelivery): Promise<AttemptEnd> => {
    try {
      return Promise.resolve(options.attempt(leased))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  // Steps, and no async function: those that have nothing to wait for take none of the time that a promise costs.
  const ended = (leased: LeasedDelivery, end: AttemptEnd): void => {
    const { origin, id } = leased.delivery
    if (end.made) rounds.count()
    settling++
    room.end(leased)
    if (ahead.size > 0) ahead.delete(id)
    if (end.pauseUntil > 0 && end.pauseUntil > clock.now()) void pause(origin, end.pauseUntil).then(() => settle(leased, end))
    else settle(leased, end)
  }

  const settle = (leased: LeasedDelivery, { isClosed, settled }: AttemptEnd): void => {
    const { origin } = leased.delivery
    // Not for every single one: a claim costs a commit, whatever it brings.
    if (hasRoom(origin) && capped.delete(origin)) nothingDue = false
    if (isClosed) nothingDue = false
    if (typeof settled !== 'object') {
      goOn(leased, settled)
      return
    }
    pump()
    void settled.then((dueAt) => goOn(leased, dueAt))
  }

  const goOn = ({ delivery }: LeasedDelivery, dueAt: number | undefined): void => {
    settling--
    if (dueAt !== undefined) wakeBy(dueAt)
    // A settled delivery may have held up others with its ordering key.
    if (delivery.orderingKey !== undefined) nothingDue = false
    pump()
  }

  const pause = async (origin: string, until: number): Promise<void> => {
    slots.pause(origin, clock.now(), until)
    wakeBy(until)
    await giveBack(room.ofOrigin(origin))
  }

  const giveBack = async (leased: readonly LeasedDelivery[]): Promise<void> => {
    if (leased.length === 0) return
    room.remove(leased)
    for (const { delivery } of leased) {
      slots.giveBack(delivery.origin)
      ahead.delete(delivery.id)
    }
    try {
      await store.release(leased.map(({ lease, delivery }) => ({ lease, dueAt: delivery.dueAt })))
    } catch (error) {
      // The leases run out by themselves.
      options.onStoreError('release', error)
    }
  }

  const claim = async (limit: number): Promise<void> => {
    claiming = true
    nothingDue = true
    try {
      if (sweeper.isDue(clock.now())) await sweeper.sweep(clock.now())
      // What the sweep has given back is due by now.
      const now = clock.now()
      const token = nextToken()
      const taken = slots.taken(now, claimAheadOfOrigin)
      const counts = new Map(taken)
      const claimed = await store.claim({ now, limit, perOrigin: claimAheadOfOrigin, taken, token, leaseUntil: now + leaseMs })
      for (const leased of claimed) {
        const { origin } = leased.delivery
        slots.take(origin)
        // Counted from what the store was told: meanwhile some may have ended.
        const count = (counts.get(origin) ?? 0) + 1
        counts.set(origin, count)
        if (count >= claimAheadOfOrigin) capped.add(origin)
        room.add(leased)
      }
      for (const origin of [...capped]) if (hasRoom(origin) && capped.delete(origin)) nothingDue = false
      if (claimed.length === limit) nothingDue = false
      // While it is set, the alarm is the earliest of what the store had, and every change since then has come by wakeBy.
      else if (started && !alarm.isSet()) await sleepUntilDue()
    } catch (error) {
      options.onStoreError('claim', error)
      rounds.fail(error)
      nothingDue = true
      wakeBy(clock.now() + storeRetryMs)
    }
    // Stopped meanwhile: nobody will start them.
    if (!isActive()) await giveBack(room.ofOrigin())
    claiming = false
    pump()
  }

  const sleepUntilDue = async (): Promise<void> => {
    const next = (await store.nextWakeAt()) ?? Number.POSITIVE_INFINITY
    const now = clock.now()
    // What is due already is held up by a pause, by a full origin (whose next end wakes us), or is a lease that the next sweep takes.
    const at = next > now ? next : Math.max(now + 1, Math.min(sweeper.nextAt(), slots.nextResumeAt()))
    wakeBy(Math.min(at, now + pollMs))
  }

  const wakeBy = (instant: number): void => {
    const now = clock.now()
    if (instant <= now) lookSoon()
    else if (started) alarm.setBy(instant)
  }

  /** Once for all that comes in one turn of the event loop. */
  const lookSoon = (): void => {
    nothingDue = false
    if (isLooking) return
    isLooking = true
    setImmediate(() => {
      isLooking = false
      pump()
    })
  }

  const lookAgain = (): void => {
    nothingDue = false
    pump()
  }

  return {
    start() {
      started = true
      lookAgain()
    },
    runDue() {
      const made = rounds.begin()
      sweeper.hurry()
      lookAgain()
      return made
    },
    async stop(drainMs, graceMs, onDeadline) {
      started = false
      rounds.finish()
      alarm.cancel()
      if (drainMs === 0) onDeadline()
      const deadline = clock.setTimeout(onDeadline, drainMs)
      const idle = async (): Promise<void> => {
        await giveBack(room.ofOrigin())
        const isIdle = new Promise<void>((resolve) => idleWaiters.push(resolve))
        pump()
        await isIdle
      }
      await settledWithin(idle(), clock, drainMs + graceMs)
      deadline.cancel()
    },
    wakeBy,
    reserve(id, origin, now) {
      // Now and then one has to take the long way, on which ended leases and old deliveries are found.
      if (!started || sweeper.isDue(now) || capped.has(origin) || slots.isWaiting(origin)) return undefined
      const isNext = nothingDue && !claiming && room.waiting() === 0 && room.hasFreeSlot()
      if (!isNext && ahead.size >= mostAhead) return undefined
      if (!isNext) ahead.add(id)
      slots.take(origin)
      // Whoever stops us waits for it.
      settling++
      return { id, token: nextToken(), until: now + leaseMs }
    },
    begin(leased) {
      settling--
      room.add(leased)
      if (isActive()) startReady()
      else void giveBack([leased]).then(pump)
    },
    abandon({ id }, origin) {
      settling--
      ahead.delete(id)
      slots.giveBack(origin)
      pump()
    },
  }
}

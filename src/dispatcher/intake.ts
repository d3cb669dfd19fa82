import type { CallbackRequest } from '../http/index.ts'
import type { Clock, Random } from '../util/index.ts'
import { createBatcher } from './batcher.ts'
import { isClaimCheck } from './claim-check/call-by-claim.ts'
import type { Lease } from './delivery.ts'
import type { EventHub } from './events.ts'
import { begun, type EnqueueAllOptions, type EnqueueOptions, newDelivery } from './new-delivery.ts'
import type { RetrySchedule } from './retry-schedule.ts'
import type { DeliveryStore, NewDelivery, Stored } from './store.ts'
import type { Worker } from './worker.ts'

export interface Enqueued {
  readonly id: string
  /** False: a delivery with this id was there already, and stays as it is. */
  readonly isNew: boolean
  /** Milliseconds until its first attempt is due; absent where that is at once. */
  readonly waitMs?: number
}

export interface IntakeOptions {
  readonly store: DeliveryStore
  readonly clock: Clock
  readonly random: Random
  readonly retry: RetrySchedule
  readonly events: EventHub
  readonly worker: Worker
  readonly batchRows: number
}

export interface Intake {
  enqueue(request: CallbackRequest, options: EnqueueOptions): Promise<Enqueued>
  enqueueAll(requests: readonly CallbackRequest[], options: EnqueueAllOptions): Promise<readonly Enqueued[]>
  /** Resolves when all that came in is stored, or could not be. */
  drain(): Promise<void>
}

const none: readonly boolean[] = []
const noLeases: readonly undefined[] = []

/** Stores what comes in; what can begin at once is leased in the same step, and begun. */
export function createIntake({ store, clock, random, retry, events, worker, batchRows }: IntakeOptions): Intake {
  const insert = (deliveries: readonly NewDelivery[]): Stored => {
    const leases = store.leasesAtInsert === true ? deliveries.map(leaseAtOnce) : noLeases
    try {
      const stored = store.insert(deliveries, leases)
      return 'then' in stored ? insertLater(deliveries, leases, stored) : go(deliveries, leases, stored)
    } catch (error) {
      go(deliveries, leases, none)
      throw error
    }
  }

  const insertLater = async (
    deliveries: readonly NewDelivery[],
    leases: readonly (Lease | undefined)[],
    stored: Promise<readonly boolean[]>,
  ): Promise<readonly boolean[]> => {
    let isNew = none
    try {
      isNew = await stored
    } finally {
      go(deliveries, leases, isNew)
    }
    return isNew
  }

  const go = (
    deliveries: readonly NewDelivery[],
    leases: readonly (Lease | undefined)[],
    isNew: readonly boolean[],
  ): readonly boolean[] => {
    for (let i = 0; i < deliveries.length; i++) {
      const delivery = deliveries[i]
      const lease = leases[i]
      if (delivery === undefined) continue
      if (isNew[i] === true) accept(delivery, lease)
      else if (lease !== undefined) worker.abandon(lease, delivery.origin)
    }
    return isNew
  }
  const batch = createBatcher({ flush: insert, enough: batchRows, waitMs: 0, clock })

  const leaseAtOnce = ({ id, origin, orderingKey, createdAt, dueAt }: NewDelivery): Lease | undefined =>
    orderingKey === undefined && dueAt <= createdAt ? worker.reserve(id, origin, createdAt) : undefined

  const tell = (stored: NewDelivery, committed: boolean): void =>
    events.emit('enqueued', () => ({
      delivery: begun(stored, 'pending'),
      committed,
    }))

  const accept = (stored: NewDelivery, lease: Lease | undefined): void => {
    tell(stored, true)
    if (lease === undefined) worker.wakeBy(stored.dueAt)
    else worker.begin({ delivery: begun(stored, 'leased'), lease })
  }

  const freeze = (request: CallbackRequest, options: EnqueueOptions): NewDelivery => {
    const delivery = newDelivery(request, options, clock.now(), retry, random)
    checkDeliver(delivery, store)
    return delivery
  }

  const insertWithin = async (transaction: unknown, deliveries: readonly NewDelivery[]): Promise<readonly boolean[]> => {
    if (store.insertWithin === undefined) {
      throw new TypeError('Expected a store that can take part in a transaction, like postgresStore(), found one that cannot.')
    }
    const isNew = await store.insertWithin(transaction, deliveries)
    deliveries.forEach((delivery, i) => {
      if (isNew[i] === true) tell(delivery, false)
    })
    return isNew
  }

  return {
    async enqueue(request, options) {
      const delivery = freeze(request, options)
      const { transaction } = options
      if (transaction !== undefined) return enqueued(delivery, (await insertWithin(transaction, [delivery]))[0])
      if (store.durable) return enqueued(delivery, await batch.add(delivery))
      const stored = insert([delivery])
      return enqueued(delivery, ('then' in stored ? await stored : stored)[0])
    },
    async enqueueAll(requests, options) {
      if ('id' in options) throw new TypeError('Expected the options of enqueueAll() to have no "id": each request has its own.')
      const deliveries = requests.map((request) => freeze(request, options))
      if (deliveries.length === 0) return []
      // Those that are waiting to be stored were first.
      if (options.transaction === undefined) await batch.drain()
      const isNew = await (options.transaction === undefined ? insert(deliveries) : insertWithin(options.transaction, deliveries))
      return deliveries.map((delivery, i) => enqueued(delivery, isNew[i]))
    },
    drain: () => batch.drain(),
  }
}

function enqueued({ id, dueAt, createdAt }: NewDelivery, isNew = false): Enqueued {
  return isNew && dueAt > createdAt ? { id, isNew, waitMs: dueAt - createdAt } : { id, isNew }
}

function checkDeliver({ metadata }: NewDelivery, { claimChecks }: DeliveryStore): void {
  const { deliver } = metadata
  if (deliver === undefined) return
  if (!isClaimCheck(metadata)) throw new TypeError(`Expected "deliver" to be "claim-check", found ${JSON.stringify(deliver)}.`)
  if (claimChecks === undefined)
    throw new TypeError('Expected a store that keeps claim checks, to deliver a claim check, found one that does not.')
}

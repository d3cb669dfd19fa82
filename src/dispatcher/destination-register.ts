import { RingbackError } from '../errors/index.ts'
import type { Clock } from '../util/index.ts'
import { type Destination, type DestinationStore, destinationIdOf, originOf } from './destination.ts'
import type { DeliveryStore } from './store.ts'

/** The destinations of a store, as this process knows them. */
export interface DestinationRegister {
  /** As known a second ago at most. Rejects when its secrets cannot be opened. */
  find(id: string): Destination | undefined | Promise<Destination | undefined>
  /** As it was when it was last read or written here, if it is remembered. */
  recall(id: string): Destination | undefined
  /** As it is stored. */
  read(id: string): Promise<Destination | undefined>
  /** Throws when the store keeps none. */
  open(): DestinationStore
  /** Reads, changes and writes until nobody has come between. `undefined` from `change`: leave it as it is. */
  alter(id: string, change: (before: Destination) => Destination | undefined, create?: boolean): Promise<Destination | undefined>
  /** All deliveries to a destination that are in this state, page by page. Answers how many. */
  changeDeliveries(id: string, state: 'pending' | 'held', how: 'hold' | 'resume'): Promise<number>
}

const rememberedMs = 1000
const mostRemembered = 10_000
const pageSize = 500
const mostTries = 20

export function createRegister(
  store: DestinationStore | undefined,
  deliveries: DeliveryStore,
  clock: Clock,
): DestinationRegister {
  const known = new Map<string, { readonly destination: Destination | undefined; readonly at: number }>()

  const remember = (id: string, destination: Destination | undefined): void => {
    if (known.size >= mostRemembered) known.clear()
    known.set(id, { destination, at: clock.now() })
  }

  const read = async (id: string): Promise<Destination | undefined> => {
    const destination = await store?.get(id)
    remember(id, destination)
    return destination
  }

  // Attempts that begin together ask together.
  const reading = new Map<string, Promise<Destination | undefined>>()
  const readOnce = (id: string): Promise<Destination | undefined> => {
    const begun = reading.get(id)
    if (begun !== undefined) return begun
    const found = read(id)
      .then(readable)
      .finally(() => reading.delete(id))
    reading.set(id, found)
    return found
  }

  const open = (): DestinationStore => {
    if (store === undefined) throw new TypeError('Expected a store that keeps destinations.')
    return store
  }

  return {
    read,
    open,
    recall: (id) => known.get(id)?.destination,
    find(id) {
      const entry = known.get(id)
      // Also when the clock was put back meanwhile.
      const isFresh = entry !== undefined && Math.abs(clock.now() - entry.at) < rememberedMs
      return isFresh && entry.destination?.unreadable === undefined ? entry.destination : readOnce(id)
    },
    async alter(id, change, create = false) {
      for (let tries = 0; tries < mostTries; tries++) {
        const before = await open().get(id)
        if (before === undefined && !create) return undefined
        const now = clock.now()
        const from = before ?? { id, version: 0, createdAt: now, changedAt: now, secrets: [] }
        const changed = change(from)
        if (changed === undefined) return from
        const after = { ...changed, version: from.version + 1, changedAt: now }
        if (before === undefined ? await open().insert(after) : await open().update(after)) {
          remember(id, after)
          return after
        }
      }
      throw new Error(`Expected to change the destination within ${mostTries} tries, but others kept changing it: ${id}`)
    },
    async changeDeliveries(id, state, how) {
      const origin = originOf(id)
      let changed = 0
      let after: string | undefined
      for (;;) {
        const page = await deliveries.list({ state, origin, limit: pageSize, ...(after === undefined ? {} : { after }) })
        const ids = page.filter(({ request }) => destinationIdOf(request.url) === id).map((delivery) => delivery.id)
        if (ids.length > 0) changed += (await deliveries.change(ids, how, clock.now())).length
        // It waits for a retry on the schedule of a receiver that was disabled.
        const tried = how === 'resume' ? page.filter(({ id: one, attempts }) => attempts > 0 && ids.includes(one)) : []
        const late = tried.map((delivery) => delivery.id)
        if (late.length > 0) await deliveries.change(late, 'reschedule', clock.now())
        after = page.at(-1)?.id
        if (page.length < pageSize || after === undefined) return changed
      }
    },
  }
}

/** Without its secrets, its deliveries would go out unsigned. */
function readable(destination: Destination | undefined): Destination | undefined {
  if (destination?.unreadable === undefined) return destination
  const { code, message } = destination.unreadable
  throw new RingbackError(code, message)
}

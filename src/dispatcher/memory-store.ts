import { checkNames } from '../util/index.ts'
import { memoryClaimChecks } from './claim-check/memory-claim-checks.ts'
import type { Attempt, Delivery, DeliveryState, Lease } from './delivery.ts'
import { type DeliveryChanges, inState } from './delivery-copy.ts'
import { passes } from './delivery-filter.ts'
import { DueQueue } from './due-queue.ts'
import { memoryDestinations } from './memory-destinations.ts'
import { begun, copyOfDelivery } from './new-delivery.ts'
import { RowTable } from './row-table.ts'
import type { Claim, Consequence, DeliveryStore, LeasedDelivery, NewDelivery, OperatorChange, Settlement } from './store.ts'

export interface MemoryStoreOptions {
  /** How many delivered, dead and cancelled deliveries are remembered; the oldest are forgotten. Default: 500. */
  readonly keepSettled?: number
}

interface Row {
  /** In the order of enqueueing. */
  readonly seq: number
  delivery: Delivery
  attempts: readonly Attempt[]
  lease: Lease | undefined
  /** An earlier delivery with the same ordering key is not settled. */
  blocked: boolean
  /** Entries in the queues with another number are out of date. */
  version: number
}

const none: readonly Attempt[] = []
// With twice as many, most live through two collections of garbage and become old: that took a fifth of the time of a delivery.
const mostSettled = 500

interface Entry {
  readonly row: Row
  readonly version: number
}

/** Keeps deliveries in this process: they are lost with it. */
export function memoryStore(options: MemoryStoreOptions = {}): DeliveryStore {
  checkNames(options, { keepSettled: 'count' }, 'the options of memoryStore()')
  const { keepSettled = mostSettled } = options
  const rows = new RowTable<Row>()
  const waiting = new DueQueue<Entry>()
  // Due entries by origin. The order of the map is the order of turns: an origin that had its turn goes to the end.
  const due = new Map<string, DueQueue<Entry>>()
  const settledIds = new Set<string>()
  // Not a new one each time, which would have to pass over all that has been forgotten.
  const oldestSettled = settledIds.values()
  const orderings = new Map<string, Row[]>()
  let inserted = 0

  const schedule = (row: Row): void => {
    row.version++
    if (row.delivery.state === 'pending' && !row.blocked) waiting.push({ row, version: row.version }, row.delivery.dueAt)
  }
  const isCurrent = ({ row, version }: Entry): boolean => row.version === version

  const setState = (row: Row, state: DeliveryState, changes: DeliveryChanges = {}): void => {
    row.delivery = inState(row.delivery, state, changes)
    row.lease = undefined
    schedule(row)
    if (isSettled(state)) {
      settledIds.add(row.delivery.id)
      leaveOrdering(row)
      forgetOldest()
    } else {
      settledIds.delete(row.delivery.id)
    }
  }

  // Of the unsettled deliveries with one key exactly one is not blocked.
  const joinOrdering = (row: Row): void => {
    const key = row.delivery.orderingKey
    if (key === undefined) return
    const line = orderings.get(key) ?? []
    row.blocked = line.length > 0
    line.push(row)
    line.sort((a, b) => a.seq - b.seq)
    orderings.set(key, line)
  }

  const leaveOrdering = (row: Row): void => {
    const key = row.delivery.orderingKey
    if (key === undefined) return
    const line = (orderings.get(key) ?? []).filter((other) => other !== row)
    const [head] = line
    if (head === undefined) orderings.delete(key)
    else orderings.set(key, line)
    if (head === undefined || line.some((other) => !other.blocked)) return
    head.blocked = false
    schedule(head)
  }

  const forgetOldest = (): void => {
    while (settledIds.size > keepSettled) {
      const { value: id } = oldestSettled.next()
      if (id === undefined) return
      settledIds.delete(id)
      rows.delete(id)
    }
  }

  const promoteDue = (now: number): void => {
    for (let next = waiting.peek(); next !== undefined && next.dueAt <= now; next = waiting.peek()) {
      waiting.pop()
      if (!isCurrent(next.item)) continue
      const { origin } = next.item.row.delivery
      const queue = due.get(origin) ?? new DueQueue<Entry>()
      queue.push(next.item, next.dueAt)
      due.set(origin, queue)
    }
  }

  const lease = (row: Row, token: string, until: number): LeasedDelivery => {
    row.version++
    row.lease = { id: row.delivery.id, token, until }
    row.delivery = inState(row.delivery, 'leased')
    return { delivery: row.delivery, lease: row.lease }
  }

  /** Takes one of each origin in turn: one that has more goes to the end of the map, where this same iteration finds it again. */
  const claim = ({ now, limit, perOrigin, taken, token, leaseUntil }: Claim): LeasedDelivery[] => {
    promoteDue(now)
    const claimed: LeasedDelivery[] = []
    const counts = new Map(taken)
    for (const [origin, queue] of due) {
      if (claimed.length >= limit) break
      const count = counts.get(origin) ?? 0
      if (count >= perOrigin) continue
      due.delete(origin)
      const head = currentHead(queue)
      if (head === undefined) continue
      queue.pop()
      counts.set(origin, count + 1)
      claimed.push(lease(head.item.row, token, leaseUntil))
      due.set(origin, queue)
    }
    return claimed
  }

  const currentHead = (queue: DueQueue<Entry>): { readonly item: Entry; readonly dueAt: number } | undefined => {
    for (let head = queue.peek(); head !== undefined; head = queue.peek()) {
      if (isCurrent(head.item)) return head
      queue.pop()
    }
    return undefined
  }

  const held = ({ id, token }: Lease): Row | undefined => {
    const row = rows.get(id)
    return row?.lease?.token === token ? row : undefined
  }

  const insert = (delivery: NewDelivery, atOnce: Lease | undefined): boolean => {
    if (rows.get(delivery.id) !== undefined) return false
    const row: Row = {
      seq: inserted++,
      delivery: begun(delivery, atOnce === undefined ? 'pending' : 'leased'),
      attempts: none,
      lease: atOnce,
      blocked: false,
      version: 0,
    }
    rows.add(delivery.id, row)
    if (atOnce === undefined) {
      joinOrdering(row)
      schedule(row)
    }
    return true
  }

  const follow = (row: Row, consequence: Consequence): void => {
    const attempts = row.delivery.attempts + 1
    if (consequence.kind === 'delivered') setState(row, 'delivered', { attempts, settledAt: consequence.at })
    else if (consequence.kind === 'retry') setState(row, 'pending', { attempts, dueAt: consequence.dueAt })
    else setState(row, 'dead', { attempts, settledAt: consequence.at, reason: consequence.reason })
  }

  const settle = ({ lease: settled, attempt, consequence, moved }: Settlement): boolean => {
    const row = held(settled)
    if (row === undefined) return false
    row.attempts = row.attempts.length === 0 ? [attempt] : [...row.attempts, attempt]
    if (moved !== undefined) row.delivery = { ...row.delivery, request: moved.request, origin: moved.origin }
    follow(row, consequence)
    return true
  }

  const change = (row: Row, how: OperatorChange, now: number): boolean => {
    const { state } = row.delivery
    switch (how) {
      case 'cancel':
        if (state !== 'pending' && state !== 'held') return false
        setState(row, 'cancelled', { settledAt: now })
        return true
      case 'hold':
        if (state !== 'pending') return false
        setState(row, 'held')
        return true
      case 'resume':
        if (state !== 'held') return false
        setState(row, 'pending')
        return true
      case 'requeue':
        if (!isSettled(state)) return false
        joinOrdering(row)
        setState(row, 'pending', { attemptsBefore: row.delivery.attempts, dueAt: now })
        return true
      case 'forget':
        if (!isSettled(state)) return false
        settledIds.delete(row.delivery.id)
        rows.delete(row.delivery.id)
        return true
      case 'reschedule':
        if (state !== 'pending') return false
        setState(row, 'pending', { dueAt: now })
        return true
    }
  }

  return {
    durable: false,
    leasesAtInsert: true,
    destinations: memoryDestinations(),
    claimChecks: memoryClaimChecks(),
    insert: (deliveries, leases) => deliveries.map((delivery, i) => insert(delivery, leases?.[i])),
    claim: async (options) => claim(options),
    async claimExpired({ now, token, leaseUntil, limit }) {
      const expired = rows
        .all()
        .filter((row) => row.lease !== undefined && row.lease.until <= now)
        .slice(0, limit)
      return expired.map((row) => lease(row, token, leaseUntil))
    },
    settle: (settlements) => settlements.map(settle),
    release: async (releases) =>
      releases.map(({ lease: released, dueAt, isHeld }) => {
        const row = held(released)
        if (row !== undefined) setState(row, isHeld ? 'held' : 'pending', { dueAt })
        return row !== undefined
      }),
    change: async (ids, how, now) =>
      ids.filter((id) => {
        const row = rows.get(id)
        return row !== undefined && change(row, how, now)
      }),
    async get(id) {
      const row = rows.get(id)
      return row === undefined ? undefined : { delivery: copyOfDelivery(row.delivery), attempts: [...row.attempts] }
    },
    async list({ limit, after, newestFirst, ...filter }) {
      const all = rows.all().map((row) => row.delivery)
      if (newestFirst === true) all.reverse()
      const last = after === undefined ? -1 : all.findIndex((delivery) => delivery.id === after)
      if (after !== undefined && last === -1) return []
      return all
        .slice(last + 1)
        .filter((delivery) => passes(delivery, filter))
        .slice(0, limit)
        .map(copyOfDelivery)
    },
    async purge({ deliveredBefore, othersBefore, limit }) {
      let purged = 0
      for (const id of settledIds) {
        if (purged === limit) break
        const delivery = rows.get(id)?.delivery
        if (delivery?.settledAt === undefined) continue
        if (delivery.settledAt >= (delivery.state === 'delivered' ? deliveredBefore : othersBefore)) continue
        settledIds.delete(id)
        rows.delete(id)
        purged++
      }
      return purged
    },
    async nextWakeAt() {
      let next = Number.POSITIVE_INFINITY
      for (const queue of [waiting, ...due.values()]) next = Math.min(next, currentHead(queue)?.dueAt ?? next)
      for (const row of rows.all()) next = Math.min(next, row.lease?.until ?? next)
      return next === Number.POSITIVE_INFINITY ? undefined : next
    },
    async stats() {
      const counts: Record<DeliveryState, number> = { pending: 0, leased: 0, delivered: 0, dead: 0, cancelled: 0, held: 0 }
      let oldestDueAt = Number.POSITIVE_INFINITY
      for (const { delivery } of rows.all()) {
        counts[delivery.state]++
        if (delivery.state === 'pending') oldestDueAt = Math.min(oldestDueAt, delivery.dueAt)
      }
      return { counts, ...(oldestDueAt === Number.POSITIVE_INFINITY ? {} : { oldestDueAt }) }
    },
    async close() {},
  }
}

function isSettled(state: DeliveryState): boolean {
  return state === 'delivered' || state === 'dead' || state === 'cancelled'
}

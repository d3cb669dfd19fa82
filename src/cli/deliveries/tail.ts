import pc from 'picocolors'
import type { Delivery, DeliveryFilter, DeliveryStore } from '../../dispatcher/index.ts'
import { deferred, systemClock } from '../../util/index.ts'
import type { CommandContext } from '../command.ts'
import { jsonLine } from '../json-line.ts'
import { type FilterFlags, filterOf } from '../store/filter.ts'
import { recordOf } from './record.ts'
import { deliveryLine } from './render.ts'

export interface TailFlags extends FilterFlags {
  /** End after so many lines. */
  readonly count?: number
  /** Milliseconds. */
  readonly timeout?: number
  /** Milliseconds between two looks. */
  readonly every: number
  readonly json?: true
}

const pageSize = 500
const mostWatched = 2000
// What is enqueued in a transaction of an application may commit later than what was numbered after it.
const lateMs = 10_000

/** Tells of deliveries as they are enqueued, and of what becomes of them, until a signal comes. */
export async function tailDeliveries(store: DeliveryStore, flags: TailFlags, context: CommandContext): Promise<void> {
  const { count = Number.POSITIVE_INFINITY, timeout, every, json, ...filterFlags } = flags
  const { state, reason, ...filter } = filterOf(filterFlags)
  const over = deferred<'over'>()
  const end = (): void => over.resolve('over')
  const timer = timeout === undefined ? undefined : systemClock.setTimeout(end, timeout)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end)
  context.onClosed?.(end)
  let lines = 0
  const watch = createWatch(store, filter, (delivery) => {
    const isWanted = (state === undefined || delivery.state === state) && (reason === undefined || delivery.reason === reason)
    if (!isWanted || lines >= count) return
    context.stdout(json === true ? jsonLine(recordOf(delivery)) : deliveryLine(delivery, pc))
    if (++lines >= count) end()
  })
  try {
    await watch.begin()
    context.stderr('Waiting for deliveries.\n')
    for (let isOver = false; !isOver; ) {
      const pause = deferred<'look'>()
      const next = systemClock.setTimeout(() => pause.resolve('look'), every)
      isOver = (await Promise.race([over.promise, pause.promise])) === 'over'
      next.cancel()
      if (!isOver) await watch.look()
    }
  } finally {
    timer?.cancel()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, end)
  }
}

interface Watch {
  /** From now on. */
  begin(): Promise<void>
  look(): Promise<void>
}

function createWatch(store: DeliveryStore, filter: Omit<DeliveryFilter, 'limit'>, tell: (delivery: Delivery) => void): Watch {
  /** What is not settled, and what is so new that others may come in before it. In the order of enqueueing. */
  const watched = new Map<string, Delivery>()
  const settled = new Set<string>()
  /** Everything before it has been told. */
  let anchor: string | undefined

  const begin = async (): Promise<void> => {
    const [newest] = await store.list({ newestFirst: true, limit: 1 })
    anchor = newest?.id
  }

  const lookForNew = async (): Promise<void> => {
    let after = anchor
    for (;;) {
      const page = await store.list({ ...filter, limit: pageSize, ...(after === undefined ? {} : { after }) })
      for (const delivery of page) {
        if (watched.has(delivery.id) || settled.has(delivery.id)) continue
        watched.set(delivery.id, delivery)
        tell(delivery)
      }
      after = page.at(-1)?.id
      if (page.length < pageSize) break
    }
  }

  const lookForChanges = async (): Promise<void> => {
    const ids = [...watched.keys()]
    for (let i = 0; i < ids.length; i += pageSize) {
      const part = ids.slice(i, i + pageSize)
      const now = new Map((await store.list({ ids: part, limit: part.length })).map((delivery) => [delivery.id, delivery]))
      for (const id of part) {
        const [before, after] = [watched.get(id), now.get(id)]
        if (after !== undefined && before !== undefined && hasChanged(before, after)) tell(after)
        if (after !== undefined) watched.set(id, after)
        else watched.delete(id)
      }
    }
  }

  const letGo = async (): Promise<void> => {
    const old = systemClock.now() - lateMs
    for (const [id, delivery] of watched) {
      if (delivery.createdAt >= old) break
      anchor = id
      settled.delete(id)
    }
    for (const [id, { settledAt }] of watched) {
      const isOver = settledAt !== undefined && settledAt < old
      if (!isOver && watched.size <= mostWatched) continue
      watched.delete(id)
      settled.add(id)
    }
    if (settled.size > 2 * mostWatched) settled.clear()
    if (anchor !== undefined && (await store.list({ ids: [anchor], limit: 1 })).length === 0) await begin()
  }

  return {
    begin,
    async look() {
      await lookForChanges()
      await lookForNew()
      await letGo()
    },
  }
}

/** That somebody is at it is no news: what comes of it is. */
function hasChanged(before: Delivery, after: Delivery): boolean {
  if (after.state === 'leased') return false
  return before.state !== after.state || before.attempts !== after.attempts || before.dueAt !== after.dueAt
}

import { channel } from 'node:diagnostics_channel'
import type { Enqueued, EnqueueOptions } from '../dispatcher/index.ts'
import type { CallbackRequest } from '../http/index.ts'
import { type Clock, systemClock } from '../util/index.ts'
import { textOfError } from './application-code.ts'
import { createHolds } from './holds.ts'
import { type AnyOptions, defaults } from './options.ts'

/** `isNew: false`: the store has a delivery with that id already. */
export type Put = Pick<Enqueued, 'isNew'>

/** Where requests go. */
export interface Outlet {
  /** Deliveries are stored before the response ends, and held back until it has gone out. */
  readonly holds: boolean
  /** Gives a request away: to the store of a dispatcher, or to whom `fire` names. Rejects when it could not. */
  put(request: CallbackRequest, options: EnqueueOptions): Promise<Enqueued>
  /** Stores a request and holds it back. Answers the id of the delivery; `undefined`: the store has one with that id already. */
  hold(request: CallbackRequest, options: EnqueueOptions): Promise<string | undefined>
  /** The response has gone out. */
  release(ids: readonly string[]): Promise<void>
  /** It never will. */
  cancel(ids: readonly string[]): Promise<void>
}

const planned = channel('ringback:dry-run')

export function outletFor({
  fire = 'enqueue',
  dispatcher,
  commit,
  holdMs = defaults.holdMs,
  clock = systemClock,
}: AnyOptions): Outlet {
  if (fire === 'enqueue' && dispatcher !== undefined) {
    const holds = dispatcher.durable && commit !== 'after-response'
    return enqueueing(dispatcher, holds, holdMs, clock)
  }
  const give = typeof fire === 'function' ? fire : tell
  return {
    holds: false,
    async put(request, { id = request.id }) {
      await give(request)
      return { id, isNew: true }
    },
    hold: async () => undefined,
    release: async () => {},
    cancel: async () => {},
  }
}

function enqueueing(dispatcher: NonNullable<AnyOptions['dispatcher']>, holds: boolean, holdMs: number, clock: Clock): Outlet {
  const held = createHolds({ holdMs, clock, extend: (ids) => dispatcher.reschedule(ids, holdMs) })
  return {
    holds,
    put: (request, options) => dispatcher.enqueue(request, options),
    async hold(request, options) {
      const heldMs = holdMs + (options.delayMs ?? 0)
      const { id, isNew, waitMs = heldMs } = checked(await dispatcher.enqueue(request, { ...options, delayMs: heldMs }))
      // It is not ours to release or to cancel.
      if (!isNew) return undefined
      // With the wait that its schedule has before the first attempt.
      held.add(id, Math.max(0, Math.round(waitMs - holdMs)) || 0)
      return id
    },
    async release(ids) {
      const later = ids.map((id) => [id, held.take(id)] as const)
      const now = later.filter(([, delayMs]) => delayMs === 0).map(([id]) => id)
      if (now.length > 0) await dispatcher.reschedule(now)
      for (const [id, delayMs] of later) if (delayMs > 0) await dispatcher.reschedule([id], delayMs)
    },
    async cancel(ids) {
      for (const id of ids) held.take(id)
      await dispatcher.cancel(...ids)
    },
  }
}

/** What is given to us as a dispatcher may answer anything. */
function checked(answer: Enqueued): Enqueued {
  const { id, isNew } = Object(answer) as Partial<Enqueued>
  if (typeof id === 'string' && typeof isNew === 'boolean') return answer
  const found = answer instanceof Object ? `{ id: ${typeof id}, isNew: ${typeof isNew} }` : textOfError(answer)
  throw new TypeError(`Expected enqueue() of the dispatcher to answer { id: string, isNew: boolean }, found ${found}.`)
}

// The query of a callback URL often holds a secret.
function tell(request: CallbackRequest): void {
  if (planned.hasSubscribers) planned.publish(request)
  const { method, url, metadata, body } = request
  const what = `${String(metadata?.callback)} of ${String(metadata?.operationId ?? metadata?.operation)}`
  console.info(`dry run: ${method} ${url.replace(/[?#].*$/s, '?…')} (${what}, ${body?.length ?? 0} bytes)`)
}

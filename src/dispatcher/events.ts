import { channel } from 'node:diagnostics_channel'
import type { ReplyProblem } from '../http/index.ts'
import type { BreakerState } from './breaker.ts'
import type { Attempt, Delivery, Unreadable } from './delivery.ts'
import type { DisableReason } from './destination.ts'

/** What a dispatcher tells. The same objects go out on `node:diagnostics_channel` under `ringback:` and the name. */
export interface DispatcherEvents {
  /**
   * The delivery is stored. `committed`: false when it was stored in a transaction of the application, which is still open: it is told as
   * soon as the row is written, and nothing more comes of it when the transaction rolls back.
   */
  readonly enqueued: { readonly delivery: Delivery; readonly committed: boolean }
  /** Attempt `n` begins; the delivery is as it was before. */
  readonly 'attempt:start': { readonly delivery: Delivery; readonly n: number }
  /**
   * The delivery is as it goes on. `recorded`: false when the attempt does not count: it was trouble of ours, or the lease was lost meanwhile
   * and another dispatcher goes on with the delivery.
   */
  readonly 'attempt:end': { readonly delivery: Delivery; readonly attempt: Attempt; readonly recorded: boolean }
  /** It has arrived. */
  readonly delivered: { readonly delivery: Delivery; readonly attempt: Attempt }
  /** It has arrived, but what came back is not what was declared (`checkReply`). */
  readonly 'reply:undeclared': {
    readonly delivery: Delivery
    readonly attempt: Attempt
    readonly problems: readonly ReplyProblem[]
  }
  /** The URL policy refuses it, or no request can be made of it, as `attempt.outcome` says; `dead` follows. */
  readonly refused: { readonly delivery: Delivery; readonly attempt: Attempt }
  /** No further attempt will be made, unless somebody requeues it: `delivery.reason` says why. */
  readonly dead: { readonly delivery: Delivery; readonly attempt: Attempt }
  /** An origin is left alone until an instant (`open`), or is asked as before (`closed`). */
  readonly breaker: { readonly origin: string; readonly state: BreakerState }
  /** Nothing but failures for this part, in percent, of the time after which a destination is disabled. */
  readonly 'destination:warning': { readonly id: string; readonly percent: number }
  /** Its deliveries are held until somebody enables it, and releases them. */
  readonly 'destination:disabled': { readonly id: string; readonly reason: DisableReason }
  /** Deliveries to come go out; those that are held wait until they are released. */
  readonly 'destination:enabled': { readonly id: string }
  /** It has secrets, but the dispatcher has a `signer`, which signs instead of them. Told once, with a warning of the process. */
  readonly 'destination:unused-secrets': { readonly id: string }
  /**
   * The content of a delivery cannot be opened: its sealing key is not in the keyring, or the record is broken. It is not attempted, and
   * looked at again in five minutes.
   */
  readonly unreadable: { readonly id: string } & Unreadable
  /** The store failed. The dispatcher goes on by itself; nothing that was accepted is lost. */
  readonly 'store:error': { readonly operation: string; readonly error: unknown }
}

export type DispatcherEvent = keyof DispatcherEvents
export type Listener<E extends DispatcherEvent> = (event: DispatcherEvents[E]) => void

export interface EventHub {
  /** Ends the subscription when it is called. */
  on<E extends DispatcherEvent>(event: E, listener: Listener<E>): () => void
  /** `payload` is called only when somebody listens. */
  emit<E extends DispatcherEvent>(event: E, payload: () => DispatcherEvents[E]): void
}

const names: readonly DispatcherEvent[] = [
  'enqueued',
  'attempt:start',
  'attempt:end',
  'delivered',
  'reply:undeclared',
  'refused',
  'dead',
  'breaker',
  'destination:warning',
  'destination:disabled',
  'destination:enabled',
  'destination:unused-secrets',
  'unreadable',
  'store:error',
]
export function createEventHub(): EventHub {
  const ears = new Map(
    names.map((name) => [name, { diagnostics: channel(`ringback:${name}`), listeners: new Set<(payload: never) => void>() }]),
  )
  return {
    on(event, listener) {
      const ear = ears.get(event)
      if (ear === undefined) throw new TypeError(`Expected one of ${names.join(', ')}, found ${JSON.stringify(event)}.`)
      if (typeof listener !== 'function')
        throw new TypeError(`Expected a function to listen to ${JSON.stringify(event)}, found none.`)
      ear.listeners.add(listener)
      return () => {
        ear.listeners.delete(listener)
      }
    },
    emit(event, payload) {
      const ear = ears.get(event)
      if (ear === undefined || !(ear.diagnostics.hasSubscribers || ear.listeners.size > 0)) return
      const told = payload()
      if (ear.diagnostics.hasSubscribers) ear.diagnostics.publish(told)
      for (const listener of ear.listeners) {
        try {
          listener(told as never)
        } catch (error) {
          // A listener's bug must not disturb a delivery, nor be swallowed: as with EventTarget, it becomes an uncaught exception.
          process.nextTick(() => {
            throw error
          })
        }
      }
    },
  }
}

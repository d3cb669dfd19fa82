/** What happens at a receiver, for logs and metrics. Never carries a token, a header or anything of a body. */
export interface ReceiverEvent {
  readonly type: 'created' | 'accepted' | 'replayed' | 'rejected' | 'delivered' | 'timeout' | 'ended' | 'failed'
  /** Empty when a request could not be tied to an endpoint. */
  readonly callbackId: string
  readonly at: Date
  /** A status and code, a state, or the name of an error. */
  readonly detail?: string
}

export type Emit = (type: ReceiverEvent['type'], callbackId: string, detail?: string) => void

/** A listener that throws does not disturb what it listens to: its error surfaces as an uncaught one, as with EventTarget. */
export function createEmit(onEvent: ((event: ReceiverEvent) => void) | undefined, now: () => number): Emit {
  if (onEvent === undefined) return () => {}
  return (type, callbackId, detail) => {
    try {
      onEvent({ type, callbackId, at: new Date(now()), ...(detail === undefined ? {} : { detail }) })
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }
}

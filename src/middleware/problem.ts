import { channel } from 'node:diagnostics_channel'
import type { NoTarget, RequestProblem } from '../callback/index.ts'
import { callListener } from './application-code.ts'

/** What went wrong with a callback. The response to the client is never touched by it. Values of the exchange are not told. */
export type CallbackProblem = {
  /** What happened, and what to do about it. */
  readonly message: string
  /** The operation that was matched: its operationId, or method and path. */
  readonly operation?: string
  readonly callback?: string
  readonly exchangeId?: string
} & (
  | { readonly kind: 'description'; readonly error: unknown }
  /** `send` or `target` with the name of no callback of the operation, or where no operation was matched. */
  | { readonly kind: 'no-such-callback' }
  /** A handler has failed, or what it gave, or `send` was given, is no content: that is not sent. */
  | { readonly kind: 'handler'; readonly error: unknown }
  /** The key leads nowhere in this exchange. That a subscriber gave no URL is no problem. */
  | { readonly kind: 'unresolved'; readonly reason: NoTarget }
  /** A request would be for an operation with callbacks if this server had the API under another path. Told once for each operation. */
  | { readonly kind: 'base-path' }
  /** A body that a key or a handler reads could not be kept. */
  | { readonly kind: 'body'; readonly of: 'request' | 'response'; readonly reason: LostBody }
  /** The body or a parameter is not what the callback operation asks for: nothing is sent. */
  | { readonly kind: 'unbuildable'; readonly problem: RequestProblem }
  /** As before, but with `validateOutgoing: 'warn'`: it is sent all the same. */
  | { readonly kind: 'invalid'; readonly problem: RequestProblem }
  | { readonly kind: 'not-enqueued'; readonly error: unknown }
  /** The store has a delivery with this id already, as of a target that was fired before: that one stays as it is, and this is not sent. */
  | { readonly kind: 'duplicate'; readonly id: string }
  /** The delivery is stored, but that the response has gone out could not be: it is delivered, `holdMs` later. */
  | { readonly kind: 'not-released'; readonly error: unknown }
  /** The response has failed to go out, and so has the cancelling: the callback is delivered all the same. */
  | { readonly kind: 'not-cancelled'; readonly error: unknown }
  /** Storing took longer than `commitTimeoutMs`, and the response went out before it was done. */
  | { readonly kind: 'slow' }
  /** A 2xx that the operation does not declare: nothing is sent, unless `when` says so. */
  | { readonly kind: 'undeclared-status'; readonly status: number }
  /** `send` after the client had gone. */
  | { readonly kind: 'too-late' }
  /** So many targets of one exchange are beyond `maxTargets`, and are not called. */
  | { readonly kind: 'too-many'; readonly count: number }
  /** `when` has failed, or answered neither true nor false: nothing is sent. */
  | { readonly kind: 'when'; readonly error: unknown }
)

/** `too-large`: above `maxBodyBytes`. `unread`: nobody read it to its end. `undecodable`: its content coding is unknown or broken. */
export type LostBody = 'too-large' | 'unread' | 'undecodable'

/** A problem of one exchange, whose operation and id need not be said. */
export type RunProblem = CallbackProblem extends infer P
  ? P extends unknown
    ? Omit<P, 'operation' | 'exchangeId'>
    : never
  : never

/** Tells of one exchange. */
export interface RunTeller {
  tell(problem: RunProblem): void
}

export type TellProblem = (problem: CallbackProblem) => void

const problems = channel('ringback:problem')

/** Tells the application and the diagnostics channel. */
export function problemTeller(onError: TellProblem = warn): TellProblem {
  return (problem) => {
    if (problems.hasSubscribers) problems.publish(problem)
    callListener('onError', onError, problem)
  }
}

function warn({ message, kind, operation, callback }: CallbackProblem): void {
  const where = [callback, operation].filter((name) => name !== undefined).join(' of ')
  process.emitWarning(where === '' ? message : `${where}: ${message}`, { type: 'RingbackWarning', code: kind })
}

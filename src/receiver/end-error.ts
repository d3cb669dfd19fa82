import type { Call } from './call.ts'
import { CallbackCancelledError, CallbackCompletedError, type CallbackEndpointError, CallbackExpiredError } from './errors.ts'
import type { CallbackStatus } from './status.ts'

/** Why nothing will come any more. `had`: how far a `take()` was, and what it had. */
export function endError(
  { id, state, reason, accepted, expiresAt }: CallbackStatus,
  had: string | undefined,
  received: readonly Call[],
): CallbackEndpointError {
  const calls = `${accepted} call${accepted === 1 ? '' : 's'} came`
  const taken = had === undefined ? '' : `; take() had ${had}`
  switch (state) {
    case 'completed':
      return new CallbackCompletedError(id, `Callback ${id} is completed: ${calls}, all are read${taken}`, received)
    case 'expired':
      return new CallbackExpiredError(id, `Callback ${id} expired at ${expiresAt?.toISOString()}: ${calls}${taken}`, received)
    default:
      return new CallbackCancelledError(
        id,
        `Callback ${id} was cancelled${reason === undefined ? '' : `: ${reason}`}${taken}`,
        reason,
        received,
      )
  }
}

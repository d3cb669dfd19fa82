import type { CallbackReply, ReplyProblem } from '../http/index.ts'
import { messageOf } from '../util/index.ts'
import type { Attempt, Delivery } from './delivery.ts'
import type { EventHub } from './events.ts'

/** How a reply with 2xx differs from what was declared of it. Nothing waits for a promise but the event. */
export type CheckReply = (delivery: Delivery, reply: CallbackReply) => readonly ReplyProblem[] | Promise<readonly ReplyProblem[]>

interface Delivered {
  readonly delivery: Delivery
  readonly attempt: Attempt
  readonly reply: CallbackReply
}

/** Whatever the check says, or throws: the delivery has arrived. */
export function tellUndeclared(check: CheckReply, events: EventHub, { delivery, attempt, reply }: Delivered): void {
  const tell = (problems: readonly ReplyProblem[]): void => {
    if (problems.length > 0) events.emit('reply:undeclared', () => ({ delivery, attempt, problems }))
  }
  const tellFailure = (error: unknown): void => {
    const message = `The reply was not checked: ${messageOf(error)}`
    tell([{ reason: 'unchecked', message }])
  }
  try {
    const found = check(delivery, reply)
    if (found instanceof Promise) found.then(tell).catch(tellFailure)
    else tell(found)
  } catch (error) {
    tellFailure(error)
  }
}

import type { Mutable } from '../util/index.ts'
import type { Delivery, DeliveryState } from './delivery.ts'

export type DeliveryChanges = Partial<Pick<Delivery, 'dueAt' | 'attempts' | 'attemptsBefore' | 'settledAt' | 'reason'>>

/**
 * The delivery as it goes on in another state: when and why it was settled before is gone.
 *
 * Property by property, in one order: V8 makes a new hidden class for every object that was copied by spreading and gets a property then,
 * which takes longer than the rest of a settlement.
 */
export function inState(delivery: Delivery, state: DeliveryState, changes: DeliveryChanges = {}): Delivery {
  const { id, request, origin, orderingKey, metadata, createdAt, unreadable } = delivery
  const { dueAt = delivery.dueAt, attempts = delivery.attempts, attemptsBefore = delivery.attemptsBefore } = changes
  const copy: Mutable<Delivery> = { id, state, request, origin, metadata, createdAt, dueAt, attempts, attemptsBefore }
  if (orderingKey !== undefined) copy.orderingKey = orderingKey
  if (changes.settledAt !== undefined) copy.settledAt = changes.settledAt
  if (changes.reason !== undefined) copy.reason = changes.reason
  if (unreadable !== undefined) copy.unreadable = unreadable
  return copy
}

import type { CallbackRequest } from '../http/index.ts'
import type { SqliteRow } from '../storage/index.ts'
import type { Attempt, DeadReason, Delivery, DeliveryState, Outcome } from './delivery.ts'

export function deliveryOf(row: SqliteRow): Delivery {
  const request = JSON.parse(String(row.request)) as CallbackRequest
  const body = row.body instanceof Uint8Array ? { body: new Uint8Array(row.body) } : {}
  return {
    id: String(row.id),
    state: row.state as DeliveryState,
    request: { ...request, ...body },
    origin: String(row.origin),
    ...(typeof row.ordering_key === 'string' ? { orderingKey: row.ordering_key } : {}),
    metadata: JSON.parse(String(row.metadata)) as Delivery['metadata'],
    createdAt: Number(row.created_at),
    dueAt: Number(row.due_at),
    attempts: Number(row.attempts),
    attemptsBefore: Number(row.attempts_before),
    ...(typeof row.settled_at === 'number' ? { settledAt: row.settled_at } : {}),
    ...(typeof row.reason === 'string' ? { reason: row.reason as DeadReason } : {}),
  }
}

/** JSON cannot hold bytes: those of the response have a column of their own. */
export function splitBody(attempt: Attempt): { readonly record: string; readonly body: Uint8Array | null } {
  const { outcome } = attempt
  if (outcome.kind !== 'response') return { record: JSON.stringify(attempt), body: null }
  return { record: JSON.stringify({ ...attempt, outcome: { ...outcome, body: undefined } }), body: outcome.body }
}

export function attemptOf(row: SqliteRow): Attempt {
  const attempt = JSON.parse(String(row.attempt)) as Attempt
  if (attempt.outcome.kind !== 'response') return attempt
  const outcome: Outcome = {
    ...attempt.outcome,
    body: row.body instanceof Uint8Array ? new Uint8Array(row.body) : new Uint8Array(0),
  }
  return { ...attempt, outcome }
}

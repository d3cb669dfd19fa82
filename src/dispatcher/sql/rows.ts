import { isRingbackError } from '../../errors/index.ts'
import type { CallbackRequest } from '../../http/index.ts'
import { framed, type SealedRecord, type Sealer, type SqliteRow, unframed } from '../../storage/index.ts'
import type { Mutable } from '../../util/index.ts'
import type { Attempt, DeadReason, Delivery, DeliveryState } from '../delivery.ts'
import type { NewDelivery } from '../store.ts'
import { placeOf } from './sealed-tables.ts'

interface Content {
  readonly request: CallbackRequest
  readonly metadata: Delivery['metadata']
}

export function sealedDelivery(sealer: Sealer, { id, request: { body, ...request }, metadata }: NewDelivery): SealedRecord {
  return sealer.seal(framed({ request, metadata, hasBody: body !== undefined }, body), placeOf.delivery(id))
}

/** Never throws for what cannot be opened: the delivery says so. */
export function deliveryOf(sealer: Sealer, row: SqliteRow): Delivery {
  const id = String(row.id)
  const { request, metadata, unreadable } = opened(id, row, () => contentOf(sealer, id, row))
  const delivery: Mutable<Delivery> = {
    id,
    state: row.state as DeliveryState,
    request,
    origin: String(row.origin),
    metadata,
    createdAt: Number(row.created_at),
    dueAt: Number(row.due_at),
    attempts: Number(row.attempts),
    attemptsBefore: Number(row.attempts_before),
  }
  if (typeof row.ordering_key === 'string') delivery.orderingKey = row.ordering_key
  if (typeof row.settled_at === 'number') delivery.settledAt = row.settled_at
  if (typeof row.reason === 'string') delivery.reason = row.reason as DeadReason
  if (unreadable !== undefined) delivery.unreadable = unreadable
  return delivery
}

function opened(id: string, { callback }: SqliteRow, open: () => Content): Content & Pick<Delivery, 'unreadable'> {
  try {
    return open()
  } catch (error) {
    if (!isRingbackError(error)) throw error
    return {
      request: { id, method: '', url: '', headers: {} },
      metadata: typeof callback === 'string' ? { callback } : {},
      unreadable: { code: error.code, message: error.message },
    }
  }
}

function contentOf(sealer: Sealer, id: string, { content }: SqliteRow): Content {
  const { head, rest } = unframed(sealer.open(bytesOf(content), placeOf.delivery(id)))
  // Read just now, so that it may be added to.
  const { request, metadata, hasBody } = head as {
    request: Mutable<CallbackRequest>
    metadata: Content['metadata']
    hasBody: boolean
  }
  if (hasBody) request.body = rest
  return { request, metadata }
}

export function sealedAttempt(sealer: Sealer, id: string, attempt: Attempt): SealedRecord {
  const { outcome } = attempt
  const bytes =
    outcome.kind === 'response'
      ? framed({ ...attempt, outcome: { ...outcome, body: undefined } }, outcome.body)
      : framed(attempt, undefined)
  return sealer.seal(bytes, placeOf.attempt(id, attempt.n))
}

/** Those that can be opened, and how many cannot. */
export function attemptsOf(
  sealer: Sealer,
  id: string,
  rows: readonly SqliteRow[],
): { readonly attempts: readonly Attempt[]; readonly unreadableAttempts?: number } {
  const attempts = rows.flatMap((row) => {
    try {
      return attemptOf(sealer, id, row)
    } catch (error) {
      if (!isRingbackError(error)) throw error
      return []
    }
  })
  const unreadable = rows.length - attempts.length
  return unreadable === 0 ? { attempts } : { attempts, unreadableAttempts: unreadable }
}

function attemptOf(sealer: Sealer, id: string, { n, content }: SqliteRow): Attempt {
  const { head, rest } = unframed(sealer.open(bytesOf(content), placeOf.attempt(id, Number(n))))
  const attempt = head as Attempt
  return attempt.outcome.kind === 'response' ? { ...attempt, outcome: { ...attempt.outcome, body: rest } } : attempt
}

export function bytesOf(value: SqliteRow[string] | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array(0)
}

import type { SqliteRow, SqliteValue } from '../../storage/index.ts'
import type { CallbackState, EndedState, Method } from '../status.ts'
import type { CallRow, EndpointRow, EndpointSnapshot } from '../store.ts'

/** What can come out of the columns; the tables say which columns can be NULL. */
export function endpointOf(row: SqliteRow): EndpointRow {
  return {
    id: String(row.id),
    tokenHash: bytesOf(row.token_hash),
    methods: String(row.methods).split(',') as Method[],
    slots: Number(row.slots),
    maxCalls: numberOf(row.max_calls),
    state: String(row.state) as CallbackState,
    reason: textOf(row.reason),
    createdAt: Number(row.created_at),
    expiresAt: numberOf(row.expires_at),
    endedAt: numberOf(row.ended_at),
    idempotencyKey: textOf(row.idempotency_key),
    sealed: bytesOf(row.sealed),
    kid: textOf(row.kid),
  }
}

export function valuesOf(row: EndpointRow): readonly SqliteValue[] {
  return [
    row.id,
    row.tokenHash,
    row.methods.join(','),
    row.slots,
    row.maxCalls,
    row.state,
    row.reason,
    row.createdAt,
    row.expiresAt,
    row.endedAt,
    row.idempotencyKey,
    row.sealed,
    row.kid,
  ]
}

export function snapshotOf(row: SqliteRow): EndpointSnapshot {
  const counts = {
    stored: Number(row.stored),
    waiters: Number(row.waiters),
    accepted: Number(row.accepted),
    rejected: Number(row.rejected),
  }
  return { row: endpointOf(row), counts }
}

export function callOf(row: SqliteRow): CallRow {
  return {
    endpointId: String(row.endpoint_id),
    seq: Number(row.seq),
    callId: String(row.call_id),
    receivedAt: Number(row.received_at),
    dedupeKey: row.dedupe_key instanceof Uint8Array ? row.dedupe_key : null,
    bodyDigest: bytesOf(row.body_digest),
    sealed: bytesOf(row.sealed),
    kid: textOf(row.kid),
    waiterId: textOf(row.waiter_id),
    reply: row.reply instanceof Uint8Array ? row.reply : null,
    replyDueAt: Number(row.reply_due_at),
    duplicates: Number(row.duplicates),
  }
}

/** An open endpoint is over when its time is, whether or not that was written down. */
export function endedBy(row: EndpointRow, now: number): { readonly state: EndedState; readonly endedAt: number } | undefined {
  if (row.state !== 'open') return { state: row.state, endedAt: row.endedAt ?? now }
  if (row.expiresAt !== null && row.expiresAt <= now) return { state: 'expired', endedAt: row.expiresAt }
  return undefined
}

function bytesOf(value: SqliteValue | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw new TypeError(`Expected bytes in a column of the store but found ${typeof value}`)
}

function textOf(value: SqliteValue | undefined): string | null {
  return typeof value === 'string' ? value : null
}

export function numberOf(value: SqliteValue | undefined): number | null {
  return typeof value === 'number' ? value : null
}

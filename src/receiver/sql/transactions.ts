import { firstOf, rowsOf, type Steps } from '../../storage/index.ts'
import { sameBytes } from '../../util/index.ts'
import type { Duplicate, ReceiverStore, StoreSignal } from '../store.ts'
import type { Dialect } from './dialect.ts'
import { createLine, heldBy, take } from './line.ts'
import { callOf, endedBy, endpointOf, snapshotOf, valuesOf } from './rows.ts'

type Methods = Pick<
  ReceiverStore,
  | ('insertEndpoint' | 'getEndpoint' | 'snapshot' | 'list' | 'findDuplicate' | 'accept' | 'claim' | 'withdraw' | 'end')
  | ('setReply' | 'calls' | 'bumpDuplicates' | 'addRejection' | 'rejections' | 'expireDue' | 'purge')
>

/** The methods of `ReceiverStore` as steps; each is one transaction. */
export type Transactions = {
  readonly [Name in keyof Methods]: (...given: Parameters<Methods[Name]>) => Steps<Awaited<ReturnType<Methods[Name]>>>
} & {
  /** What has become of these waits of this process, for those who did not hear it. */
  news(waits: readonly { readonly endpointId: string; readonly waiterId: string }[]): Steps<readonly StoreSignal[]>
}

const counted = `SELECT *,
  (SELECT count(*) FROM ringback_call WHERE endpoint_id = ringback_endpoint.id AND waiter_id IS NULL) AS stored,
  (SELECT count(*) FROM ringback_waiter WHERE endpoint_id = ringback_endpoint.id) AS waiters
  FROM ringback_endpoint`

export function createTransactions(dialect: Dialect, signal: (news: StoreSignal) => void): Transactions {
  const line = createLine(dialect, signal)

  return {
    *insertEndpoint(row) {
      // A second look, should the endpoint with the same key be purged between the two statements.
      for (;;) {
        const inserted = yield* firstOf(
          `INSERT INTO ringback_endpoint
          (id, token_hash, methods, slots, max_calls, state, reason, created_at, expires_at, ended_at, idempotency_key, sealed, kid)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (idempotency_key) DO NOTHING RETURNING id`,
          valuesOf(row),
        )
        if (inserted !== undefined) return { row, created: true }
        const known = yield* firstOf('SELECT * FROM ringback_endpoint WHERE idempotency_key = ?', [row.idempotencyKey])
        if (known !== undefined) return { row: endpointOf(known), created: false }
      }
    },

    *getEndpoint(id) {
      const row = yield* firstOf('SELECT * FROM ringback_endpoint WHERE id = ?', [id])
      return row === undefined ? null : endpointOf(row)
    },

    *snapshot(id) {
      const row = yield* firstOf(`${counted} WHERE id = ?`, [id])
      return row === undefined ? null : snapshotOf(row)
    },

    *list({ state, after = '', limit, now }) {
      const isOver = `state = 'open' AND expires_at <= ?`
      const page =
        state === undefined
          ? yield* rowsOf(`${counted} WHERE id > ? ORDER BY id LIMIT ?`, [after, limit])
          : yield* rowsOf(
              `${counted} WHERE id > ? AND CASE WHEN ${isOver} THEN 'expired' ELSE state END = ? ORDER BY id LIMIT ?`,
              [after, now, state, limit],
            )
      return page.map(snapshotOf).map((snapshot) => {
        const ended = endedBy(snapshot.row, now)
        if (ended === undefined) return snapshot
        return { row: { ...snapshot.row, ...ended }, counts: { ...snapshot.counts, waiters: 0 } }
      })
    },

    findDuplicate: duplicateOf,

    *accept(call, now) {
      const locked = yield* line.lock(call.endpointId, now)
      if (locked === null) return { kind: 'missing' }
      if (call.dedupeKey !== null) {
        const duplicate = yield* duplicateOf(call.endpointId, call.dedupeKey, call.bodyDigest, now)
        if (duplicate !== null) return duplicate
      }
      const ended = endedBy(locked.row, now)
      if (ended !== undefined) return { kind: 'ended', ...ended }
      if (locked.waiting === 0 && locked.unread >= locked.row.slots) return { kind: 'full' }

      const seq = locked.accepted + 1
      yield* rowsOf(
        `INSERT INTO ringback_call
        (endpoint_id, seq, call_id, received_at, dedupe_key, body_digest, sealed, kid, reply, reply_due_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        [
          call.endpointId,
          seq,
          call.callId,
          call.receivedAt,
          call.dedupeKey,
          call.bodyDigest,
          call.sealed,
          call.kid,
          call.reply,
          call.replyDueAt,
        ],
      )
      yield* rowsOf('UPDATE ringback_endpoint SET accepted = ? WHERE id = ?', [seq, call.endpointId])
      let waiterId: string | null = null
      if (locked.waiting > 0) {
        yield* line.handOut(call.endpointId)
        const stored = yield* firstOf('SELECT waiter_id FROM ringback_call WHERE endpoint_id = ? AND seq = ?', [
          call.endpointId,
          seq,
        ])
        if (typeof stored?.waiter_id === 'string') waiterId = stored.waiter_id
      }
      const completed = seq === locked.row.maxCalls
      if (completed) yield* line.finish(call.endpointId, 'completed', null, now)
      return { kind: 'accepted', seq, waiterId, completed }
    },

    *claim(endpointId, waiterId, durable, now, leaseMs) {
      const locked = yield* line.lock(endpointId, now)
      if (locked === null || locked.row.state === 'cancelled') return 'ended'
      const mine = yield* take(endpointId, waiterId)
      if (mine !== null) return mine
      if (locked.unread > 0) {
        const oldest = yield* firstOf(
          `UPDATE ringback_call SET waiter_id = ?, claimed = 1, durable = ? WHERE endpoint_id = ? AND seq =
          (SELECT min(seq) FROM ringback_call WHERE endpoint_id = ? AND waiter_id IS NULL) RETURNING *`,
          [waiterId, durable ? 1 : 0, endpointId, endpointId],
        )
        if (oldest !== undefined) return callOf(oldest)
      }
      if (locked.row.state !== 'open') return 'ended'
      const leaseUntil = Number.isFinite(leaseMs) ? now + leaseMs : null
      yield* rowsOf(
        `INSERT INTO ringback_waiter (endpoint_id, id, ord, durable, lease_until)
        VALUES (?, ?, (SELECT coalesce(max(ord), 0) + 1 FROM ringback_waiter WHERE endpoint_id = ?), ?, ?)
        ON CONFLICT (endpoint_id, id) DO UPDATE SET durable = excluded.durable, lease_until = excluded.lease_until`,
        [endpointId, waiterId, endpointId, durable ? 1 : 0, leaseUntil],
      )
      return 'waiting'
    },

    *withdraw(endpointId, waiterId, assigned, now) {
      const locked = yield* line.lock(endpointId, now)
      if (locked === null) return null
      yield* rowsOf('DELETE FROM ringback_waiter WHERE endpoint_id = ? AND id = ?', [endpointId, waiterId])
      if (assigned === 'take') return locked.row.state === 'cancelled' ? null : yield* take(endpointId, waiterId)
      const held = yield* heldBy(endpointId, waiterId)
      if (held === undefined || Number(held.durable) === 1) return null
      yield* rowsOf(
        'UPDATE ringback_call SET waiter_id = NULL, claimed = 0, lease_until = NULL WHERE endpoint_id = ? AND seq = ?',
        [endpointId, held.seq ?? null],
      )
      yield* line.handOut(endpointId)
      return null
    },

    *end(id, to, reason, now) {
      const locked = yield* line.lock(id, now)
      if (locked?.row.state !== 'open') return false
      yield* line.finish(id, to, reason, now)
      return true
    },

    *setReply(endpointId, seq, reply, kid) {
      yield* rowsOf('UPDATE ringback_call SET reply = ?, kid = ? WHERE endpoint_id = ? AND seq = ?', [
        reply,
        kid,
        endpointId,
        seq,
      ])
    },

    *calls(endpointId, { afterSeq = 0, limit }) {
      const rows = yield* rowsOf('SELECT * FROM ringback_call WHERE endpoint_id = ? AND seq > ? ORDER BY seq LIMIT ?', [
        endpointId,
        afterSeq,
        limit,
      ])
      return rows.map(callOf)
    },

    *bumpDuplicates(endpointId, seq) {
      yield* rowsOf('UPDATE ringback_call SET duplicates = duplicates + 1 WHERE endpoint_id = ? AND seq = ?', [endpointId, seq])
    },

    *addRejection(endpointId, rejection, kid, keep) {
      const counted = yield* firstOf('UPDATE ringback_endpoint SET rejected = rejected + 1 WHERE id = ? RETURNING rejected', [
        endpointId,
      ])
      if (counted === undefined) return
      const n = Number(counted.rejected)
      yield* rowsOf('INSERT INTO ringback_rejection (endpoint_id, n, sealed, kid) VALUES (?, ?, ?, ?)', [
        endpointId,
        n,
        rejection,
        kid,
      ])
      yield* rowsOf('DELETE FROM ringback_rejection WHERE endpoint_id = ? AND n <= ?', [endpointId, n - keep])
    },

    *rejections(endpointId) {
      const rows = yield* rowsOf('SELECT sealed FROM ringback_rejection WHERE endpoint_id = ? ORDER BY n', [endpointId])
      return rows.flatMap(({ sealed }) => (sealed instanceof Uint8Array ? [sealed] : []))
    },

    *expireDue(now, limit) {
      const due = yield* rowsOf(
        `SELECT id, expires_at FROM ringback_endpoint WHERE state = 'open' AND expires_at <= ? ORDER BY expires_at LIMIT ?${dialect.lockFree}`,
        [now, limit],
      )
      for (const { id, expires_at } of due) yield* line.finish(String(id), 'expired', null, Number(expires_at))
      return due.map(({ id }) => String(id))
    },

    *purge(before, limit) {
      const old = yield* rowsOf(
        `SELECT id FROM ringback_endpoint WHERE ended_at IS NOT NULL AND ended_at < ? ORDER BY ended_at LIMIT ?${dialect.lockFree}`,
        [before, limit],
      )
      if (old.length === 0) return 0
      const ids = JSON.stringify(old.map(({ id }) => id))
      for (const [table, column] of belongings) yield* rowsOf(`DELETE FROM ${table} WHERE ${column} IN (${dialect.each})`, [ids])
      return old.length
    },

    *news(waits) {
      const endpointIds = JSON.stringify([...new Set(waits.map(({ endpointId }) => endpointId))])
      const waiterIds = JSON.stringify(waits.map(({ waiterId }) => waiterId))
      const assigned = yield* rowsOf(
        `SELECT endpoint_id, waiter_id, seq FROM ringback_call
        WHERE endpoint_id IN (${dialect.each}) AND waiter_id IN (${dialect.each}) AND claimed = 0`,
        [endpointIds, waiterIds],
      )
      const ended = yield* rowsOf(`SELECT id FROM ringback_endpoint WHERE id IN (${dialect.each}) AND state <> 'open'`, [
        endpointIds,
      ])
      return [
        ...assigned.map((row) => ({
          endpointId: String(row.endpoint_id),
          waiterId: String(row.waiter_id),
          seq: Number(row.seq),
        })),
        ...ended.map(({ id }) => ({ endpointId: String(id), ended: true as const })),
      ]
    },
  }
}

const belongings: readonly (readonly [table: string, column: string])[] = [
  ['ringback_call', 'endpoint_id'],
  ['ringback_waiter', 'endpoint_id'],
  ['ringback_rejection', 'endpoint_id'],
  ['ringback_endpoint', 'id'],
]

function* duplicateOf(endpointId: string, dedupeKey: Uint8Array, bodyDigest: Uint8Array, now: number): Steps<Duplicate | null> {
  const row = yield* firstOf('SELECT * FROM ringback_call WHERE endpoint_id = ? AND dedupe_key = ?', [endpointId, dedupeKey])
  if (row === undefined) return null
  const first = callOf(row)
  if (!sameBytes(first.bodyDigest, bodyDigest)) return { kind: 'key-reused' }
  if (first.reply === null && now < first.replyDueAt) return { kind: 'in-flight' }
  return { kind: 'replay', seq: first.seq, callId: first.callId, reply: first.reply }
}

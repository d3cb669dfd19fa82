import { firstOf, rowsOf, type SqliteRow, type Steps } from '../../storage/index.ts'
import type { EndedState } from '../status.ts'
import type { EndpointRow, StoreSignal } from '../store.ts'
import type { Dialect } from './dialect.ts'
import { callOf, endedBy, endpointOf, numberOf } from './rows.ts'

/** An endpoint whose row is locked, with all that time has brought about written down. */
export interface Locked {
  readonly row: EndpointRow
  readonly accepted: number
  readonly unread: number
  readonly waiting: number
}

/** The line of waits at one endpoint, and what moves in it. Every step happens under the lock of the endpoint's row. */
export interface Line {
  lock(id: string, now: number): Steps<Locked | null>
  finish(id: string, to: EndedState, reason: string | null, at: number): Steps<void>
  /** Unread calls go to the waits in line, oldest to oldest. */
  handOut(id: string): Steps<void>
}

export function createLine({ lock }: Dialect, signal: (news: StoreSignal) => void): Line {
  // A statement of its own, before any other look: one that locked and looked at once would see what was there before it had the lock.
  const lockEndpoint = `SELECT * FROM ringback_endpoint WHERE id = ?${lock}`
  const survey = `SELECT
    (SELECT count(*) FROM ringback_call WHERE endpoint_id = ? AND waiter_id IS NULL) AS unread,
    (SELECT count(*) FROM ringback_waiter WHERE endpoint_id = ?) AS waiting,
    (SELECT min(lease_until) FROM ringback_waiter WHERE endpoint_id = ?) AS waiter_lease,
    (SELECT min(lease_until) FROM ringback_call WHERE endpoint_id = ? AND waiter_id IS NOT NULL AND claimed = 0 AND durable = 0) AS call_lease`

  function* look(id: string): Steps<{ unread: number; waiting: number; nextLease: number }> {
    const found = yield* firstOf(survey, [id, id, id, id])
    const leases = [numberOf(found?.waiter_lease), numberOf(found?.call_lease)].map((at) => at ?? Number.POSITIVE_INFINITY)
    return { unread: Number(found?.unread), waiting: Number(found?.waiting), nextLease: Math.min(...leases) }
  }

  function* finish(id: string, to: EndedState, reason: string | null, at: number): Steps<void> {
    yield* rowsOf('UPDATE ringback_endpoint SET state = ?, reason = ?, ended_at = ? WHERE id = ?', [to, reason, at, id])
    yield* rowsOf('DELETE FROM ringback_waiter WHERE endpoint_id = ?', [id])
    signal({ endpointId: id, ended: true })
  }

  function* handOut(id: string): Steps<void> {
    for (;;) {
      const unread = yield* firstOf(
        'SELECT seq FROM ringback_call WHERE endpoint_id = ? AND waiter_id IS NULL ORDER BY seq LIMIT 1',
        [id],
      )
      if (unread === undefined) return
      const waiter = yield* firstOf(
        'SELECT id, durable, lease_until FROM ringback_waiter WHERE endpoint_id = ? ORDER BY ord LIMIT 1',
        [id],
      )
      if (waiter === undefined) return
      yield* assign(id, Number(unread.seq), waiter)
    }
  }

  function* assign(endpointId: string, seq: number, waiter: SqliteRow): Steps<void> {
    const waiterId = String(waiter.id)
    yield* rowsOf('DELETE FROM ringback_waiter WHERE endpoint_id = ? AND id = ?', [endpointId, waiterId])
    yield* rowsOf(
      'UPDATE ringback_call SET waiter_id = ?, claimed = 0, durable = ?, lease_until = ? WHERE endpoint_id = ? AND seq = ?',
      [waiterId, waiter.durable ?? 0, waiter.lease_until ?? null, endpointId, seq],
    )
    signal({ endpointId, waiterId, seq })
  }

  return {
    *lock(id, now) {
      const found = yield* firstOf(lockEndpoint, [id])
      if (found === undefined) return null
      const accepted = Number(found.accepted)
      let row = endpointOf(found)
      const ended = row.state === 'open' ? endedBy(row, now) : undefined
      if (ended !== undefined) {
        yield* finish(id, ended.state, null, ended.endedAt)
        row = { ...row, state: ended.state, endedAt: ended.endedAt }
      }
      let { unread, waiting, nextLease } = yield* look(id)
      if (nextLease <= now) {
        yield* rowsOf('DELETE FROM ringback_waiter WHERE endpoint_id = ? AND lease_until <= ?', [id, now])
        yield* rowsOf(
          `UPDATE ringback_call SET waiter_id = NULL, lease_until = NULL
          WHERE endpoint_id = ? AND waiter_id IS NOT NULL AND claimed = 0 AND durable = 0 AND lease_until <= ?`,
          [id, now],
        )
        yield* handOut(id)
        ;({ unread, waiting, nextLease } = yield* look(id))
      }
      return { row, accepted, unread, waiting }
    },
    finish,
    handOut,
  }
}

/** The call that a wait has been given, fetched or not. */
export function* heldBy(endpointId: string, waiterId: string): Steps<SqliteRow | undefined> {
  return yield* firstOf('SELECT * FROM ringback_call WHERE endpoint_id = ? AND waiter_id = ? ORDER BY seq LIMIT 1', [
    endpointId,
    waiterId,
  ])
}

/** Fetches it: from now on it is the wait's own. */
export function* take(endpointId: string, waiterId: string): Steps<ReturnType<typeof callOf> | null> {
  const held = yield* heldBy(endpointId, waiterId)
  if (held === undefined) return null
  if (Number(held.claimed) === 0) {
    yield* rowsOf('UPDATE ringback_call SET claimed = 1 WHERE endpoint_id = ? AND seq = ?', [endpointId, held.seq ?? null])
  }
  return callOf(held)
}

import { firstOf, framed, type Runner, rowsOf, type Sealer, unframed } from '../../storage/index.ts'
import type { ClaimCheckPayload, ClaimCheckStore } from '../claim-check/claim-check-store.ts'
import { bytesOf } from './rows.ts'
import { placeOf } from './sealed-tables.ts'

export interface SqlClaimChecksParts {
  /** Before the first query the tables are there. */
  readonly runner: Runner
  readonly sealer: Sealer
  /** Behind a SELECT: rows that others have locked are passed over. */
  readonly lockFree: string
}

const deliveryOfHash = 'SELECT delivery FROM ringback_claim_check_hash WHERE hash = ? AND expires_at > ?'

/** Keeps claims beside the deliveries, in either database. */
export function sqlClaimChecks({ runner, sealer, lockFree }: SqlClaimChecksParts): ClaimCheckStore {
  return {
    async put({ hash, deliveryId, once, expiresAt, renew, contentType, body }) {
      const { sealed, kid } = sealer.seal(framed({ contentType }, body), placeOf.claim(deliveryId))
      await runner.transaction(function* () {
        yield* rowsOf(
          `INSERT INTO ringback_claim_check (delivery, once, expires_at, is_taken, kid, content) VALUES (?, ?, ?, 0, ?, ?)
            ON CONFLICT (delivery) DO UPDATE SET
              expires_at = CASE WHEN ringback_claim_check.expires_at > excluded.expires_at THEN ringback_claim_check.expires_at ELSE excluded.expires_at END
              ${renew ? ', is_taken = 0' : ''}`,
          [deliveryId, once ? 1 : 0, expiresAt, kid, sealed],
        )
        yield* rowsOf('INSERT INTO ringback_claim_check_hash (hash, delivery, expires_at) VALUES (?, ?, ?)', [
          hash,
          deliveryId,
          expiresAt,
        ])
      })
    },
    async find(hash, now) {
      const row = await runner.read(() =>
        firstOf(`SELECT delivery FROM ringback_claim_check WHERE is_taken = 0 AND delivery = (${deliveryOfHash})`, [hash, now]),
      )
      return row === undefined ? undefined : String(row.delivery)
    },
    take: (hash, now) =>
      runner.transaction(function* () {
        const row = yield* firstOf(
          `UPDATE ringback_claim_check SET is_taken = once WHERE is_taken = 0 AND delivery = (${deliveryOfHash}) RETURNING delivery, content`,
          [hash, now],
        )
        if (row === undefined) return undefined
        // One that cannot be opened throws, and is not taken.
        const { head, rest } = unframed(sealer.open(bytesOf(row.content), placeOf.claim(String(row.delivery))))
        return { ...(head as Pick<ClaimCheckPayload, 'contentType'>), body: rest }
      }),
    async restore(hash) {
      await runner.transaction(() =>
        rowsOf(
          'UPDATE ringback_claim_check SET is_taken = 0 WHERE delivery = (SELECT delivery FROM ringback_claim_check_hash WHERE hash = ?)',
          [hash],
        ),
      )
    },
    async purge({ expiredBefore, limit }) {
      return runner.transaction(function* () {
        const [hashes, payloads] = [
          yield* rowsOf(old('ringback_claim_check_hash', 'hash', lockFree), [expiredBefore, limit]),
          yield* rowsOf(old('ringback_claim_check', 'delivery', lockFree), [expiredBefore, limit]),
        ]
        return Math.max(hashes.length, payloads.length)
      })
    },
  }
}

function old(table: string, key: string, lock: string): string {
  return `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE expires_at < ? LIMIT ?${lock}) RETURNING ${key}`
}

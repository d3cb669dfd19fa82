import type { PostgresConnection, Sealer } from '../../storage/index.ts'
import type { OperatorChange, Settlement } from '../store.ts'
import { changeable } from './changeable.ts'
import { bufferOf } from './postgres-insert.ts'
import { lockKeysOf, query } from './postgres-lines.ts'
import { postgresQueries as sql } from './postgres-queries.ts'
import { sealedAttempt, sealedDelivery } from './rows.ts'

export async function settle(
  client: PostgresConnection,
  sealer: Sealer,
  settlements: readonly Settlement[],
): Promise<readonly boolean[]> {
  await lockKeysOf(
    client,
    settlements.map(({ lease }) => lease.id),
  )
  const seen = new Set<string>()
  // The second settlement of one lease comes too late.
  const first = settlements.filter(({ lease: { id } }) => !seen.has(id) && seen.add(id))
  const records = first.map(({ lease, attempt }) => sealedAttempt(sealer, lease.id, attempt))
  const consequences = first.map(({ consequence }) => consequence)
  const changed = await query<{ ord: string; key: string | null }>(client, sql.settle, [
    first.map(({ lease }) => lease.id),
    first.map(({ lease }) => lease.token),
    consequences.map(({ kind }) => (kind === 'retry' ? 'pending' : kind)),
    consequences.map((consequence) => (consequence.kind === 'retry' ? consequence.dueAt : null)),
    consequences.map((consequence) => (consequence.kind === 'retry' ? null : consequence.at)),
    consequences.map((consequence) => (consequence.kind === 'dead' ? consequence.reason : null)),
    first.map(({ attempt }) => attempt.n),
    records.map(({ sealed }) => bufferOf(sealed)),
    records.map(({ kid }) => kid),
  ])
  for (const key of new Set(changed.map((row) => row.key))) if (key !== null) await query(client, sql.unblock, [key])
  const recorded = new Set(changed.flatMap(({ ord }) => first[Number(ord) - 1] ?? []))
  for (const { moved } of recorded) {
    if (moved === undefined) continue
    const { sealed, kid } = sealedDelivery(sealer, moved)
    await query(client, sql.move, [moved.id, moved.origin, bufferOf(sealed), kid])
  }
  return settlements.map((settlement) => recorded.has(settlement))
}

export async function changeAll(
  client: PostgresConnection,
  ids: readonly string[],
  how: OperatorChange,
  now: number,
): Promise<readonly string[]> {
  await lockKeysOf(client, ids)
  const changed: string[] = []
  for (const id of ids) if (await change(client, id, how, now)) changed.push(id)
  return changed
}

interface LockedRow {
  readonly seq: string
  readonly state: string
  readonly ordering_key: string | null
}

async function change(client: PostgresConnection, id: string, how: OperatorChange, now: number): Promise<boolean> {
  const [row] = await query<LockedRow>(client, sql.lockOne, [id])
  if (row === undefined || !changeable[how].includes(row.state)) return false
  const { seq, ordering_key: key } = row
  switch (how) {
    case 'requeue':
      await query(client, sql.requeue, [key, seq, now])
      return true
    case 'reschedule':
      await query(client, sql.reschedule, [seq, now])
      return true
    case 'forget':
      await query(client, sql.forget, [seq])
      return true
    case 'cancel':
      await query(client, sql.setState, [seq, 'cancelled', now])
      if (key !== null) await query(client, sql.unblock, [key])
      return true
    case 'hold':
    case 'resume':
      await query(client, sql.setState, [seq, how === 'hold' ? 'held' : 'pending', null])
      return true
  }
}

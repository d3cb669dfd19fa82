import type { PostgresConnection, Sealer } from '../../storage/index.ts'
import type { OperatorChange, Settlement } from '../store.ts'
import { changeable } from './changeable.ts'
import { bufferOf } from './postgres-insert.ts'
import { type Connections, letGo, lockKeysOf, query } from './postgres-lines.ts'
import { postgresQueries as sql } from './postgres-queries.ts'
import { sealedAttempt, sealedDelivery } from './rows.ts'

/** In one way there and back for most: each takes as long as a settlement does, and deliveries wait for it. */
export async function settle(
  { alone, whole }: Connections,
  sealer: Sealer,
  settlements: readonly Settlement[],
): Promise<readonly boolean[]> {
  const seen = new Set<string>()
  // The second settlement of one lease comes too late.
  const first = settlements.filter(({ lease: { id } }) => !seen.has(id) && seen.add(id))
  const values = columnsOf(sealer, first)
  const tried = first.some(({ moved }) => moved !== undefined) ? undefined : await changedBy(alone, values, false)
  const changed = tried ?? (await whole((client) => settleInLine(client, sealer, first, values)))
  const recorded = new Set(changed.map(({ ord }) => first[Number(ord) - 1]))
  return settlements.map((settlement) => recorded.has(settlement))
}

interface Changed {
  readonly ord: string
  readonly key: string | null
}

/** With the lines of ordering keys locked, and those that are next in them let go. */
async function settleInLine(
  client: PostgresConnection,
  sealer: Sealer,
  settlements: readonly Settlement[],
  values: readonly unknown[],
): Promise<readonly Changed[]> {
  await lockKeysOf(
    client,
    settlements.map(({ lease }) => lease.id),
  )
  const changed = (await changedBy(client, values, true)) ?? []
  await letGo(
    client,
    changed.flatMap(({ key }) => key ?? []),
  )
  for (const { ord } of changed) {
    const moved = settlements[Number(ord) - 1]?.moved
    if (moved === undefined) continue
    const { sealed, kid } = sealedDelivery(sealer, moved)
    await query(client, sql.move, [moved.id, moved.origin, bufferOf(sealed), kid])
  }
  return changed
}

/** `undefined`: there are ordering keys among them, and nothing was done. */
async function changedBy(
  connection: PostgresConnection,
  values: readonly unknown[],
  isLocked: boolean,
): Promise<readonly Changed[] | undefined> {
  const changed = await query<Changed>(connection, sql.settle, [...values, isLocked])
  return changed.some(({ ord }) => Number(ord) === 0) ? undefined : changed
}

function columnsOf(sealer: Sealer, settlements: readonly Settlement[]): readonly unknown[] {
  const records = settlements.map(({ lease, attempt }) => sealedAttempt(sealer, lease.id, attempt))
  const consequences = settlements.map(({ consequence }) => consequence)
  return [
    settlements.map(({ lease }) => lease.id),
    settlements.map(({ lease }) => lease.token),
    consequences.map(({ kind }) => (kind === 'retry' ? 'pending' : kind)),
    consequences.map((consequence) => (consequence.kind === 'retry' ? consequence.dueAt : null)),
    consequences.map((consequence) => (consequence.kind === 'retry' ? null : consequence.at)),
    consequences.map((consequence) => (consequence.kind === 'dead' ? consequence.reason : null)),
    settlements.map(({ attempt }) => attempt.n),
    records.map(({ sealed }) => bufferOf(sealed)),
    records.map(({ kid }) => kid),
  ]
}

/** As many ways there and back for thousands as for one. */
export async function changeAll(
  client: PostgresConnection,
  ids: readonly string[],
  how: OperatorChange,
  now: number,
): Promise<readonly string[]> {
  // The others leave a line as long as it was.
  const movesLines = how === 'cancel' || how === 'requeue'
  if (movesLines) await lockKeysOf(client, ids)
  const locked = await query<LockedRow>(client, sql.lockIn, [ids, changeable[how]])
  const rows = locked.map(({ seq }) => seq)
  switch (how) {
    case 'requeue':
    case 'reschedule':
      await query(client, sql[how], [rows, now])
      break
    case 'forget':
      await query(client, sql.forget, [rows])
      break
    case 'cancel':
      await query(client, sql.setState, [rows, 'cancelled', now])
      break
    case 'hold':
    case 'resume':
      await query(client, sql.setState, [rows, how === 'hold' ? 'held' : 'pending', null])
      break
  }
  if (movesLines)
    await letGo(
      client,
      locked.flatMap(({ key }) => key ?? []),
    )
  const changed = new Set(locked.map(({ id }) => id))
  // Only what is pending before and after is changed twice.
  return ids.filter((id) => (how === 'reschedule' ? changed.has(id) : changed.delete(id)))
}

interface LockedRow {
  readonly seq: string
  readonly id: string
  readonly key: string | null
}

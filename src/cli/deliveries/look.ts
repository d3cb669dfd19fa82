import pc from 'picocolors'
import type { DeliveryStore } from '../../dispatcher/index.ts'
import type { CommandContext } from '../command.ts'
import { exitFailure } from '../exit-codes.ts'
import { jsonLine } from '../json-line.ts'
import { printable } from '../render-explanation.ts'
import { type FilterFlags, filterOf } from '../store/filter.ts'
import { detailsOf, recordOf } from './record.ts'
import { deliveryLine, renderDetails } from './render.ts'

export interface ListFlags extends FilterFlags {
  readonly limit: number
  readonly oldestFirst?: true
  readonly after?: string
  readonly json?: true
}

export async function listDeliveries(
  store: DeliveryStore,
  ids: readonly string[],
  { limit, oldestFirst, after, json, ...filter }: ListFlags,
  context: CommandContext,
): Promise<void> {
  const found = await store.list({
    ...filterOf(filter),
    ...(ids.length === 0 ? {} : { ids }),
    ...(oldestFirst === true ? {} : { newestFirst: true }),
    ...(after === undefined ? {} : { after }),
    // One more tells whether there are more.
    limit: limit + 1,
  })
  const page = found.slice(0, limit)
  for (const delivery of page) {
    context.stdout(json === true ? jsonLine(recordOf(delivery)) : deliveryLine(delivery, pc))
  }
  const last = page.at(-1)?.id
  if (found.length > limit && last !== undefined) context.stderr(`There are more: go on with --after ${printable(last)}\n`)
  await tellUnknown(store, after === undefined || found.length > 0 ? ids : [...ids, after], context)
}

/** What nobody has enqueued, or is forgotten already, is told apart from what the filters leave out. */
async function tellUnknown(store: DeliveryStore, ids: readonly string[], context: CommandContext): Promise<void> {
  if (ids.length === 0) return
  const known = new Set((await store.list({ ids, limit: ids.length })).map(({ id }) => id))
  const unknown = [...new Set(ids)].filter((id) => !known.has(id))
  for (const id of unknown) context.stderr(`error: there is no delivery ${printable(id)}\n`)
  if (unknown.length > 0) context.exitWith(exitFailure)
}

export async function showDelivery(
  store: DeliveryStore,
  id: string,
  { json }: { readonly json?: true },
  context: CommandContext,
): Promise<void> {
  const stored = await store.get(id)
  if (stored === undefined) {
    context.stderr(`error: there is no delivery ${printable(id)}\n`)
    return context.exitWith(exitFailure)
  }
  context.stdout(json === true ? jsonLine(detailsOf(stored)) : renderDetails(stored, pc))
}

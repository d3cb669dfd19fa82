import pc from 'picocolors'
import type { Delivery, DeliveryFilter, DeliveryState, DeliveryStore, OperatorChange } from '../../dispatcher/index.ts'
import { systemClock } from '../../util/index.ts'
import type { CommandContext } from '../command.ts'
import { exitFailure, exitUsage } from '../exit-codes.ts'
import { jsonLine } from '../json-line.ts'
import { printable } from '../render-explanation.ts'
import { type FilterFlags, filterOf } from '../store/filter.ts'
import { createProgress } from './progress.ts'
import { recordOf } from './record.ts'
import { deliveryLine } from './render.ts'

/** What is done to deliveries, and to which. */
export interface Change {
  readonly how: OperatorChange
  /** In what state they must be. */
  readonly states: readonly DeliveryState[]
  /** Which of these a filter without --state means. */
  readonly meant: readonly DeliveryState[]
  /** What has been done to them, as a participle. */
  readonly done: string
}

export interface ChangeFlags extends FilterFlags {
  readonly all?: true
  readonly limit?: number
  /** Milliseconds since the epoch: of `purge`. */
  readonly settledBefore?: number
  readonly dryRun?: true
  readonly yes?: true
  readonly json?: true
}

const pageSize = 500

/** Ids that are named are changed at once; what a filter finds only with --yes. */
export async function changeDeliveries(
  store: DeliveryStore,
  change: Change,
  ids: readonly string[],
  flags: ChangeFlags,
  context: CommandContext,
): Promise<void> {
  const filter = { ...filterOf(flags), ...(flags.settledBefore === undefined ? {} : { settledBefore: flags.settledBefore }) }
  if (ids.length > 0) {
    if (flags.all === true || Object.keys(filter).length > 0 || flags.limit !== undefined)
      return misuse('Expected ids or filters, found both.', context)
    return changeNamed(store, change, ids, flags, context)
  }
  if (flags.all !== true && Object.keys(filter).length === 0)
    return misuse('Expected ids or filters, found none; --all means every one.', context)
  return changeFound(store, change, filter, flags, context)
}

function misuse(message: string, context: CommandContext): void {
  context.stderr(`error: ${message}\n`)
  context.exitWith(exitUsage)
}

async function changeNamed(
  store: DeliveryStore,
  { how, states, done }: Change,
  ids: readonly string[],
  { dryRun, json }: ChangeFlags,
  context: CommandContext,
): Promise<void> {
  const known = new Map<string, Delivery>()
  for (const delivery of await store.list({ ids, limit: ids.length })) known.set(delivery.id, delivery)
  const wanted = [...new Set(ids)]
  const able = wanted.filter((id) => states.includes(known.get(id)?.state ?? 'leased'))
  const changed = dryRun === true ? able : await store.change(wanted, how, systemClock.now())
  for (const id of changed)
    context.stdout(json === true ? jsonLine({ id, [done]: dryRun !== true }) : `${printable(id)} ${told(done, dryRun)}\n`)
  for (const id of wanted.filter((one) => !changed.includes(one))) {
    const state = known.get(id)?.state
    const why = state === undefined ? 'there is none' : `it is ${state}; ${states.join(', ')} can be ${done}`
    context.stderr(`${printable(id)} left alone: ${why}\n`)
  }
  if (changed.length < wanted.length) context.exitWith(exitFailure)
}

async function changeFound(
  store: DeliveryStore,
  { how, meant, done }: Change,
  filter: Omit<DeliveryFilter, 'limit'>,
  { state, limit = Number.MAX_SAFE_INTEGER, dryRun, yes, json }: ChangeFlags,
  context: CommandContext,
): Promise<void> {
  const progress = createProgress(context, done)
  const isReal = dryRun !== true && yes === true
  let count = 0
  for (const one of state === undefined ? meant : [state]) {
    let after: string | undefined
    while (count < limit) {
      const size = Math.min(pageSize, limit - count)
      const page = await store.list({ ...filter, state: one, limit: size, ...(after === undefined ? {} : { after }) })
      const ids = page.map(({ id }) => id)
      if (isReal) {
        const changed = await store.change(ids, how, systemClock.now())
        count += changed.length
        if (json === true) for (const id of changed) context.stdout(jsonLine({ id, [done]: true }))
        progress.at(count)
        // What is changed is not found again; what was left alone is left behind.
        after = ids.filter((id) => !changed.includes(id)).at(-1) ?? after
      } else {
        count += page.length
        after = ids.at(-1)
        if (dryRun === true)
          for (const delivery of page) context.stdout(json === true ? jsonLine(recordOf(delivery)) : deliveryLine(delivery, pc))
      }
      if (page.length < size) break
    }
  }
  progress.end()
  const summary = `${count === 1 ? '1 delivery' : `${count} deliveries`} ${told(done, isReal ? undefined : true)}\n`
  if (isReal || dryRun === true) return void (json === true ? context.stderr(summary) : context.stdout(summary))
  context.stderr(`${summary}Nothing was done: say --yes to do it, or --dry-run to see them.\n`)
  if (count > 0) context.exitWith(exitFailure)
}

function told(done: string, dryRun: true | undefined): string {
  return dryRun === true ? `would be ${done}` : done
}

import { type Command, Option } from 'commander'
import type { CommandContext, CommandDefinition } from '../command.ts'
import type { ChangeFlags } from '../deliveries/change.ts'
import type { ListFlags } from '../deliveries/look.ts'
import type { TailFlags } from '../deliveries/tail.ts'
import { readCount, readDuration } from '../listen/flags.ts'
import { json, onStore } from '../store/command.ts'
import { readTime, withFilterOptions, withLimitOption } from '../store/filter.ts'
import { type StoreFlags, withStoreOptions } from '../store/flags.ts'

/** `ringback deliveries …`: what an operator does with deliveries. Its work is loaded when it is asked for. */
export const deliveriesCommand: CommandDefinition = (program, context) => {
  const deliveries = program
    .command('deliveries')
    .summary('look at deliveries in a store, requeue, cancel and purge them')
    .description(
      'Work on the deliveries of a store, beside the processes that deliver. Queries and passwords of URLs are not shown. ' +
        'Exits with 0 when all was done, 1 when something was not, 2 when the store cannot be used, 64 on misuse.',
    )

  const list = deliveries
    .command('list')
    .summary('list deliveries, the newest first')
    .argument('[ids...]', 'only these')
    .option('--oldest-first', 'the other way round')
    .option('--after <id>', 'go on behind this one')
  json(withLimitOption(withFilterOptions(withStoreOptions(list)), 100)).action(
    async (ids: string[], flags: ListFlags & StoreFlags) => {
      const { listDeliveries } = await import('../deliveries/look.ts')
      await onStore(flags, context, (store) => listDeliveries(store, ids, flags, context))
    },
  )

  const show = deliveries.command('show').summary('show one with its attempts').argument('<id>')
  json(withStoreOptions(show)).action(async (id: string, flags: StoreFlags & { json?: true }) => {
    const { showDelivery } = await import('../deliveries/look.ts')
    await onStore(flags, context, (store) => showDelivery(store, id, flags, context))
  })

  addChange(deliveries, context, 'requeue', 'send dead, cancelled or delivered ones again, under the same ids', {
    how: 'requeue',
    states: ['dead', 'cancelled', 'delivered'],
    meant: ['dead'],
    done: 'requeued',
  })
  addChange(deliveries, context, 'cancel', 'give up those that are pending or held', {
    how: 'cancel',
    states: ['pending', 'held'],
    meant: ['pending', 'held'],
    done: 'cancelled',
  })
  addChange(deliveries, context, 'purge', 'forget those that are delivered, dead or cancelled, with their attempts', {
    how: 'forget',
    states: ['delivered', 'dead', 'cancelled'],
    meant: ['delivered', 'dead', 'cancelled'],
    done: 'purged',
  }).option('--settled-before <time>', 'only those that were settled before: an instant, or 30d for 30 days ago', readTime)

  const tail = deliveries
    .command('tail')
    .summary('print deliveries as they come, and what becomes of them')
    .option('-n, --count <number>', 'end after so many lines', readCount)
    .option('-t, --timeout <time>', 'end after that time: 60s, 5m', readDuration)
    .addOption(new Option('--every <time>', 'how often to look').argParser(readDuration).default(1000, '1s'))
  json(withFilterOptions(withStoreOptions(tail))).action(async (flags: TailFlags & StoreFlags) => {
    const { tailDeliveries } = await import('../deliveries/tail.ts')
    await onStore(flags, context, (store) => tailDeliveries(store, flags, context))
  })

  const rotate = deliveries
    .command('rotate-keys')
    .summary('seal everything in the store with the first sealing key of the keyring')
    .option('--batch <number>', 'records in one transaction', readCount, 200)
  json(withStoreOptions(rotate)).action(async (flags: StoreFlags & { batch: number; json?: true }) => {
    const { rotateStoreKeys } = await import('../deliveries/rotate-keys.ts')
    await onStore(flags, context, (store) => rotateStoreKeys(store, flags, context))
  })
}

type Change = Parameters<typeof import('../deliveries/change.ts').changeDeliveries>[1]

function addChange(deliveries: Command, context: CommandContext, name: string, summary: string, change: Change): Command {
  const command = deliveries
    .command(name)
    .summary(summary)
    .description(
      `${summary[0]?.toUpperCase()}${summary.slice(1)}: those that are named, or with --yes those that the filters find ` +
        `(${change.meant.join(', ')}, without --state).`,
    )
    .argument('[ids...]', 'these; without ids the filters say which')
    .option('--all', 'all of them, without a filter')
    .option('-n, --limit <number>', 'at most so many', readCount)
    .option('--dry-run', 'only print which')
    .option('-y, --yes', 'do it, when filters say which')
  return json(withFilterOptions(withStoreOptions(command), change.states)).action(
    async (ids: string[], flags: ChangeFlags & StoreFlags) => {
      const { changeDeliveries } = await import('../deliveries/change.ts')
      await onStore(flags, context, (store) => changeDeliveries(store, change, ids, flags, context))
    },
  )
}

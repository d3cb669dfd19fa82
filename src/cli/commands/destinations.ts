import type { Command } from 'commander'
import type { CommandContext, CommandDefinition } from '../command.ts'
import { readOverlap, withLimitOption } from '../store/filter.ts'
import { type StoreFlags, withStoreOptions } from '../store/flags.ts'

type Actions = typeof import('../destinations/actions.ts')
type Store = Parameters<Actions['disableDestination']>[0]
type Flags = StoreFlags & { readonly json?: true }

/** `ringback destinations …`: what an operator does with destinations. Its work is loaded when it is asked for. */
export const destinationsCommand: CommandDefinition = (program, context) => {
  const destinations = program
    .command('destinations')
    .summary('look at destinations in a store, disable, enable and release them, rotate their secrets')
    .description(
      'Work on the destinations of a store: all deliveries to one origin and path. A URL will do as the id. ' +
        'Exits with 0 when it was done, 1 when not, 2 when the store cannot be used, 64 on misuse.',
    )

  const list = destinations
    .command('list')
    .summary('list those that are known: with a secret, disabled, or failing')
    .option('--after <id>', 'go on behind this one')
  json(withLimitOption(withStoreOptions(list), 100)).action((flags: Flags & { limit: number; after?: string }) =>
    run(flags, context, (actions, store) => actions.listDestinations(store, flags, context)),
  )

  json(one(destinations, 'show', 'show one')).action((id: string, flags: Flags) =>
    run(flags, context, (actions, store) => actions.showDestination(store, id, flags, context)),
  )
  one(destinations, 'disable', 'hold its deliveries, those to come too').action((id: string, flags: Flags) =>
    run(flags, context, (actions, store) => actions.disableDestination(store, id, context)),
  )
  one(destinations, 'enable', 'let deliveries to come go out').action((id: string, flags: Flags) =>
    run(flags, context, (actions, store) => actions.enableDestination(store, id, context)),
  )
  one(destinations, 'release', 'send what is held').action((id: string, flags: Flags) =>
    run(flags, context, (actions, store) => actions.releaseDestination(store, id, context)),
  )
  json(one(destinations, 'rotate-secret', 'sign with a new secret, and print it'))
    .option('--overlap <time>', 'how long the old ones sign as well: 0s to 7d; default 24h', readOverlap)
    .action((id: string, flags: Flags & { overlap?: number }) =>
      run(flags, context, (actions, store) => actions.rotateSecret(store, id, flags, context)),
    )
}

function one(destinations: Command, name: string, summary: string): Command {
  return withStoreOptions(destinations.command(name).summary(summary).argument('<id>', 'its id, or a URL'))
}

function json(command: Command): Command {
  return command.option('--json', 'print one JSON object a line')
}

async function run(
  flags: StoreFlags,
  context: CommandContext,
  work: (actions: Actions, store: Store) => Promise<void>,
): Promise<void> {
  const [{ onStore }, actions] = await Promise.all([import('../store/open-store.ts'), import('../destinations/actions.ts')])
  await onStore(flags, context, (store) => work(actions, store))
}

import type { Command } from 'commander'
import type { CommandDefinition } from '../command.ts'
import { json, onStore } from '../store/command.ts'
import { readDestination, readOverlap, withLimitOption } from '../store/filter.ts'
import { type StoreFlags, withStoreOptions } from '../store/flags.ts'

type Flags = StoreFlags & { readonly json?: true }

/** `ringback destinations …`: what an operator does with destinations. Its work is loaded when it is asked for. */
export const destinationsCommand: CommandDefinition = (program, context) => {
  const destinations = program
    .command('destinations')
    .summary('look at destinations in a store, disable, enable and release them, make and rotate their secrets')
    .description(
      'Work on the destinations of a store: all deliveries to one origin and path. A URL will do as the id. ' +
        'Exits with 0 when it was done, 1 when not, 2 when the store cannot be used, 64 on misuse.',
    )

  const list = destinations
    .command('list')
    .summary('list those that are known: with a secret, disabled, or failing')
    .option('--after <id>', 'go on behind this one')
  json(withLimitOption(withStoreOptions(list), 100)).action(async (flags: Flags & { limit: number; after?: string }) => {
    const { listDestinations } = await import('../destinations/actions.ts')
    await onStore(flags, context, (store) => listDestinations(store, flags, context))
  })

  json(one(destinations, 'show', 'show one')).action(async (id: string, flags: Flags) => {
    const { showDestination } = await import('../destinations/actions.ts')
    await onStore(flags, context, (store) => showDestination(store, id, flags, context))
  })

  const disable = destinations.command('disable').summary('hold its deliveries, those to come too')
  withStoreOptions(disable.argument('<id>', 'its id, or a URL', readDestination)).action(async (id: string, flags: Flags) => {
    const { disableDestination } = await import('../destinations/actions.ts')
    await onStore(flags, context, (store) => disableDestination(store, id, context))
  })

  one(destinations, 'enable', 'let deliveries to come go out').action(async (id: string, flags: Flags) => {
    const { enableDestination } = await import('../destinations/actions.ts')
    await onStore(flags, context, (store) => enableDestination(store, id, context))
  })

  one(destinations, 'release', 'send what is held').action(async (id: string, flags: Flags) => {
    const { releaseDestination } = await import('../destinations/actions.ts')
    await onStore(flags, context, (store) => releaseDestination(store, id, context))
  })

  const create = destinations.command('create').summary('make a secret that signs what goes there, and print it')
  json(withStoreOptions(create.argument('<url>', 'its origin and path are what counts', readDestination))).action(
    async (url: string, flags: Flags) => {
      const { createDestination } = await import('../destinations/actions.ts')
      await onStore(flags, context, (store) => createDestination(store, url, flags, context))
    },
  )

  json(one(destinations, 'rotate-secret', 'sign with a new secret, and print it'))
    .option('--overlap <time>', 'how long the old ones sign as well: 0s to 7d; default 24h', readOverlap)
    .action(async (id: string, flags: Flags & { overlap?: number }) => {
      const { rotateSecret } = await import('../destinations/actions.ts')
      await onStore(flags, context, (store) => rotateSecret(store, id, flags, context))
    })
}

function one(destinations: Command, name: string, summary: string): Command {
  return withStoreOptions(destinations.command(name).summary(summary).argument('<id>', 'its id, or a URL'))
}

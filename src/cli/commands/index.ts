import type { CommandDefinition } from '../command.ts'

/** Every command by its name, in the order of `ringback --help`. Each is loaded alone: what one needs no other waits for. */
const loaders: Readonly<Record<string, () => Promise<CommandDefinition>>> = {
  lint: async () => (await import('./lint.ts')).lintCommand,
  census: async () => (await import('./census.ts')).censusCommand,
  explain: async () => (await import('./explain.ts')).explainCommand,
  plan: async () => (await import('./plan.ts')).planCommand,
  listen: async () => (await import('./listen.ts')).listenCommand,
  proxy: async () => (await import('./proxy.ts')).proxyCommand,
  deliveries: async () => (await import('./deliveries.ts')).deliveriesCommand,
  destinations: async () => (await import('./destinations.ts')).destinationsCommand,
}

/** The command that a command line begins with, or all where it begins with something else: help lists them. */
export async function commandsFor([name = '']: readonly string[]): Promise<readonly CommandDefinition[]> {
  const load = Object.hasOwn(loaders, name) ? loaders[name] : undefined
  return Promise.all(load === undefined ? Object.values(loaders).map((one) => one()) : [load()])
}

import type { Command } from 'commander'

export function json(command: Command): Command {
  return command.option('--json', 'print one JSON object a line')
}

/** Loads what opens stores when it is asked for. */
export const onStore: typeof import('./open-store.ts').onStore = async (...given) =>
  (await import('./open-store.ts')).onStore(...given)

import type { CommandDefinition } from '../command.ts'
import { censusCommand } from './census.ts'
import { deliveriesCommand } from './deliveries.ts'
import { destinationsCommand } from './destinations.ts'
import { explainCommand } from './explain.ts'
import { lintCommand } from './lint.ts'
import { listenCommand } from './listen.ts'
import { planCommand } from './plan.ts'
import { proxyCommand } from './proxy.ts'

/** Every command, in the order of `ringback --help`. */
export const commands: readonly CommandDefinition[] = [
  lintCommand,
  censusCommand,
  explainCommand,
  planCommand,
  listenCommand,
  proxyCommand,
  deliveriesCommand,
  destinationsCommand,
]

import type { CommandDefinition } from '../command.ts'
import { explainCommand } from './explain.ts'
import { planCommand } from './plan.ts'

/** Every command, in the order of `ringback --help`. */
export const commands: readonly CommandDefinition[] = [explainCommand, planCommand]

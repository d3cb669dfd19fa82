import type { CommandDefinition } from '../command.ts'

/** Every command, in the order of `ringback --help`. */
export const commands: readonly CommandDefinition[] = []

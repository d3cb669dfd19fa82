export type { CommandDefinition } from './command.ts'
export { commandsFor } from './commands/index.ts'
export { runCommandLine } from './program.ts'

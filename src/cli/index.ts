export type { CommandDefinition } from './command.ts'
export { commands } from './commands/index.ts'
export { runCommandLine } from './program.ts'

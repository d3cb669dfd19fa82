export type { CommandContext, CommandDefinition, Terminal } from './command.ts'
export { commands } from './commands/index.ts'
export { exitFailure, exitSoftware, exitUsage } from './exit-codes.ts'
export { runCommandLine } from './program.ts'

import type { Command } from 'commander'

/** Where a command writes to. */
export interface Terminal {
  stdout(text: string): unknown
  stderr(text: string): unknown
  /** Everything that comes in. Default: standard input of the process. */
  stdin?(): Uint8Array
  /** Calls `end` once nobody reads standard output any more: a command that only prints what comes has nothing left to do then. */
  onClosed?(end: () => void): void
}

/** What a command gets beside its arguments and options. */
export interface CommandContext extends Terminal {
  /** Ends the process with this code once the command is done; 0 when it is never called. */
  exitWith(code: number): void
}

/** Adds one command to the program: its name, arguments, options and action. One file a command, listed in commands/index.ts. */
export type CommandDefinition = (program: Command, context: CommandContext) => void

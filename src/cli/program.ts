import { Command, CommanderError } from 'commander'
import { isRingbackError } from '../errors/index.ts'
import type { CommandDefinition, Terminal } from './command.ts'
import { commandsFor } from './commands/index.ts'
import { exitFailure, exitSoftware, exitUsage } from './exit-codes.ts'
import { packageVersion } from './package.ts'
import { shownError } from './shown-error.ts'

/** Runs one command line (without `node` and the script) and returns the exit code of the process. Never throws. */
export async function runCommandLine(
  args: readonly string[],
  terminal: Terminal,
  commands?: readonly CommandDefinition[],
): Promise<number> {
  let exitCode = 0
  const exitWith = (code: number): void => {
    exitCode = code
  }
  const program = createProgram(terminal)
  for (const define of commands ?? (await commandsFor(args))) define(program, { ...terminal, exitWith })
  passSettingsOn(program)
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    return report(error, terminal)
  }
}

function createProgram(terminal: Terminal): Command {
  return new Command('ringback')
    .description('OpenAPI Callback Objects and Runtime Expressions: parse, lint, plan, deliver, receive and test them.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .configureOutput({
      writeOut: (text) => terminal.stdout(text),
      writeErr: (text) => terminal.stderr(text),
      outputError: (text, write) => write(shownError(text)),
    })
    .showHelpAfterError('Run with --help to see what is possible.')
    .exitOverride()
}

// A command added with `program.command()` inherits these; one added with `addCommand` does not.
function passSettingsOn(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent)
    passSettingsOn(command)
  }
}

function report(error: unknown, terminal: Terminal): number {
  // Commander has printed its message or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitUsage
  if (isRingbackError(error)) {
    terminal.stderr(`${error.code}: ${error.message}\n`)
    return exitFailure
  }
  terminal.stderr(`This is a bug in ringback; please report it with what follows.\n${describe(error)}\n`)
  return exitSoftware
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

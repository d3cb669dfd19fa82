import { ruleNames } from '../../lint/index.ts'
import type { CommandContext } from '../command.ts'
import { exitUsage } from '../exit-codes.ts'
import { rulePageText } from '../package.ts'
import { type LintFlags, runLint } from './run-lint.ts'

/** Tells the two uses of the command apart. */
export async function lintCommandAction(
  paths: readonly string[],
  flags: LintFlags & { readonly explain?: string },
  context: CommandContext,
): Promise<void> {
  const misuse = (message: string): void => {
    context.stderr(`error: ${message}\n`)
    context.exitWith(exitUsage)
  }
  const { explain } = flags
  if (explain !== undefined) {
    if (ruleNames.includes(explain)) context.stdout(rulePageText(explain))
    else misuse(`there is no rule ${JSON.stringify(explain)}. The rules are ${ruleNames.join(', ')}`)
  } else if (paths.length === 0) misuse("missing required argument 'paths'")
  else if (paths.includes('-') && (flags.fix ?? flags.dryRun) === true) misuse('--fix and --dry-run need a file')
  else await runLint(paths, flags, context)
}

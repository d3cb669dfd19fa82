import { Option } from 'commander'
import type { CommandDefinition } from '../command.ts'
import { OutputList } from '../lint/outputs.ts'
import type { LintFlags } from '../lint/run-lint.ts'

/** `ringback lint`: checks callback keys and links. Its work is loaded when it is asked for. */
export const lintCommand: CommandDefinition = (program, context) => {
  const outputs = new OutputList()
  program
    .command('lint')
    .summary('check callback keys and links of OpenAPI documents')
    .description(
      'Check the callback keys and links of OpenAPI 3 documents, in the files and folders that are named; "-" is standard input. ' +
        'Exits with 0 when nothing is found, 1 when something is (see --fail-on), 2 when a document cannot be read, 64 on misuse.',
    )
    .argument('[paths...]', 'files and folders')
    .option(
      '-f, --format <name>',
      'pretty, stylish, json, sarif, github, junit, codeclimate or agent; may be repeated',
      outputs.addFormat,
    )
    .option('-o, --output <file>', 'write the format named before it to a file; also format=file', outputs.addFile)
    .option('--fix', 'write the fixes that are certain')
    .option('--dry-run', 'print what --fix would write, as a diff')
    .addOption(
      new Option('--fail-on <severity>', 'what to exit with 1 for')
        .choices(['error', 'warning', 'info', 'none'])
        .default('error'),
    )
    .option('--config <file>', 'default: ringback.config.json, .yaml or "ringback" in package.json')
    .addOption(new Option('--preset <name>', 'wins over the configuration').choices(['recommended', 'strict', '3gpp']))
    .option('--root <folder>', 'folder that references may lead to; default: that of the document, or the folder named')
    .option('--allow-remote', 'follow http and https references to the public Internet')
    .option('--allow-host <host...>', 'with --allow-remote: hosts or address ranges that it would refuse')
    .option('--stdin-filename <file>', 'where standard input would stand')
    .option('--baseline <file>', 'report only what is not in this file')
    .option('--write-baseline <file>', 'write the findings to a file for --baseline')
    .option('--explain <rule>', 'print the page of a rule')
    .action(async (paths: string[], flags: LintFlags & { explain?: string; output?: OutputList }) => {
      const format = flags.format ?? flags.output
      const { lintCommandAction } = await import('../lint/action.ts')
      await lintCommandAction(paths, { ...flags, ...(format === undefined ? {} : { format }) }, context)
    })
}

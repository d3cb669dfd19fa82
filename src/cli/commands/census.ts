import type { CommandDefinition } from '../command.ts'

/** `ringback census`: counts how a tree of documents writes callback keys and links. Its work is loaded when it is asked for. */
export const censusCommand: CommandDefinition = (program, context) => {
  program
    .command('census')
    .summary('count callback key shapes, sources and defects over a tree of documents')
    .description(
      'Count, over all OpenAPI 3 documents in a folder, how callback keys are written, what keys and links read, and what is wrong with them.',
    )
    .argument('<folders...>', 'folders and files')
    .option('--json', 'print JSON')
    .option('--root <folder>', 'folder that references may lead to; default: the folder named')
    .action(async (paths: string[], flags: { json?: true; root?: string }) => {
      const { runCensus } = await import('../lint/run-census.ts')
      await runCensus(paths, flags, context)
    })
}

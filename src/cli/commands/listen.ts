import { Option } from 'commander'
import type { CommandDefinition } from '../command.ts'
import {
  type ListenFlags,
  readBaseUrl,
  readCount,
  readDuration,
  readMethods,
  readPort,
  readRespond,
  readSchema,
  readTarget,
} from '../listen/flags.ts'

/** `ringback listen`: an endpoint for calls, its URL first, then each call as it comes. */
export const listenCommand: CommandDefinition = (program, context) => {
  program
    .command('listen')
    .summary('receive callbacks, and check them')
    .description(
      'Make an endpoint, print its URL, then each call as it comes. Exits with 0 when the calls came, with 2 when they did not in time, ' +
        'with 3 when a request broke the description or the schema; such a request counts for --count.',
    )
    .option('--openapi <document>', 'check calls by an OpenAPI Description, and answer as it says')
    .option('-o, --operation <name>', "with --openapi: an operationId, a method and path such as 'POST /orders', or a webhook")
    .option('-c, --callback <name>', 'with --openapi: only this callback of the operation')
    .option(
      '-m, --method <methods>',
      'methods that are calls, separated by commas (default: POST, or those of the document)',
      readMethods,
    )
    .option('-s, --schema <file>', 'a JSON Schema for the body', readSchema)
    .addOption(
      new Option('-r, --respond <plan>', 'answers in turn: 503:2,201 is two times 503, then always 201; an error is not counted')
        .argParser(readRespond)
        .conflicts('forward'),
    )
    .option('-f, --forward <url>', 'pass calls on, and give back the answers', readTarget)
    .option('--public-url <url>', 'what senders see, where a proxy or tunnel is in front', readBaseUrl)
    .option('--host <name>', 'the address to listen on', '127.0.0.1')
    .option('-p, --port <number>', 'the port to listen on; 0: any that is free', readPort, 0)
    .option('-n, --count <number>', 'end after that many calls', readCount)
    .option('-t, --timeout <time>', 'end after that time: 500ms, 60s, 5m', readDuration)
    .option('--json', 'print one JSON object a line; the first has the URL')
    .option('--har <file>', 'write the calls and their answers to an HTTP Archive at the end')
    .action(async (flags: ListenFlags) => {
      // The receiver and the HTTP client take longer to load than other commands to run.
      const { runListen } = await import('../listen/run-listen.ts')
      await runListen(flags, context)
    })
}

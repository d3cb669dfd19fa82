import { Option } from 'commander'
import type { CommandDefinition } from '../command.ts'
import { readDuration, readPort } from '../listen/flags.ts'
import { type ProxyFlags, readUpstream } from '../proxy/flags.ts'
import { storeOption, withKeyOptions } from '../store/flags.ts'

/** `ringback proxy`: callbacks for a server in any language, from in front of it. */
export const proxyCommand: CommandDefinition = (program, context) => {
  const command = program
    .command('proxy')
    .summary('send the callbacks of a server in any language')
    .description(
      'Stand in front of a server, pass everything on as it is, and send the callbacks of the operations that it answers with success. ' +
        'Without --store callbacks are kept in memory. Ends at SIGINT or SIGTERM, when what is under way is done, or after --drain.',
    )
    .argument('<document>', 'the OpenAPI Description of the server')
    .requiredOption('-u, --upstream <url>', 'the server', readUpstream)
    .option('--host <name>', 'the address to listen on', '127.0.0.1')
    .option('-p, --port <number>', 'the port to listen on; 0: any that is free', readPort, 0)
    .addOption(
      new Option('--handlers <file>', 'a JavaScript module with handlers, as the middleware has them').conflicts('example'),
    )
    .option('--example', 'send the example of each callback, or one made from its schema')
    .option('--dry-run', 'only tell what would be sent')
    .option('--allow <host...>', 'hosts and address ranges that callbacks may go to although they are not on the public Internet')
    .option('--dev-loopback', 'let callbacks go to this machine: for development')
    .option('--base-path <path>', 'under which path the server has the API, where that is not the path of "servers"')
    .option('--origin <url>', 'scheme and authority for $url, such as https://api.example.com (default: by the Host field)')
    .addOption(
      new Option('--drain <time>', 'how long requests and connections may go on after SIGTERM')
        .argParser(readDuration)
        .default(10_000, '10s'),
    )
    .option(
      '--hold <time>',
      'with --store: after a crash, how long a callback waits whose response may not have gone out (default: 60s)',
      readDuration,
    )
    .option('--strict', 'do not start when the linter finds errors in callback keys')
    .option('--json', 'print one JSON object a line; the first has the URL')
  withKeyOptions(command.addOption(storeOption()))
  command.action(async (file: string, flags: ProxyFlags) => {
    if (flags.handlers === undefined && flags.example !== true) {
      command.error('error: expected --handlers <file> or --example: what is to be sent', { exitCode: 64 })
    }
    const { runProxy } = await import('../proxy/run-proxy.ts')
    await runProxy(file, flags, context)
  })
}

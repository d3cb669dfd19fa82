import { readFileSync } from 'node:fs'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { addParameter, readExchange } from '../arguments.ts'
import type { CommandDefinition } from '../command.ts'
import type { PlanFlags } from '../run-plan.ts'

/** `ringback plan`: the requests that an exchange would set off, and why each is as it is, or is not. Sends nothing. */
export const planCommand: CommandDefinition = (program, context) => {
  program
    .command('plan')
    .summary('show the callback requests that an exchange would set off')
    .description(
      'Show the exact HTTP requests that the callbacks of an operation would become for an exchange, and why each part is as it is. ' +
        'Nothing is sent. Exits with 1 when a callback key is broken or no callback can be sent though nothing is merely absent, with 2 when the document cannot be read.',
    )
    .argument('<document>', 'an OpenAPI Description (YAML or JSON)')
    .requiredOption('-o, --operation <name>', "an operationId, or method and path such as 'POST /orders'")
    .requiredOption(
      '-x, --exchange <file>',
      'JSON: { "request": { "method", "url", "headers", "path", "query", "body" }, "response": { … } }',
      readExchange,
    )
    .option('-c, --callback <name>', 'only this callback')
    .addOption(new Option('-b, --body <file>', 'the body to send: JSON, else the bytes as they are').argParser(readBody))
    .addOption(new Option('-e, --example', 'send the example of the document, or one made from the schema').conflicts('body'))
    .option('-m, --media-type <type>', 'which of the declared media types')
    .option('-p, --param <name=value>', 'a value for {name} in a callback key; may be repeated', addParameter, {})
    .option('--parameter <name=value>', 'a query, header or cookie parameter of the callback; may be repeated', addParameter, {})
    .option('--repair', 'read broken callback keys as what was probably meant')
    .option('--fan-out', 'an array of URLs gives a request for each')
    .addOption(
      new Option('--tail <how>', 'a path behind a URL that has a query')
        .choices(['refuse', 'join', 'verbatim'])
        .default('refuse'),
    )
    .option('--multipart-root <name>', 'pointers into multipart bodies begin in this part')
    .addOption(new Option('--curl', 'print commands for a shell').conflicts('json'))
    .option('--json', 'print JSON')
    .action(async (document: string, flags: PlanFlags, command: Command) => {
      const { runPlan } = await import('../run-plan.ts')
      await runPlan(document, flags, context, (message) => command.error(message))
    })
}

function readBody(file: string): { readonly value: unknown } {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (error) {
    throw new InvalidArgumentError(`The file cannot be read: ${(error as Error).message}.`)
  }
  try {
    return { value: JSON.parse(bytes.toString('utf8')) }
  } catch {
    return { value: new Uint8Array(bytes) }
  }
}
